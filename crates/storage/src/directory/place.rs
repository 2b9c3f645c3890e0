//! Communities, buildings, units and flats as rows.

use app::directory::{Building, BuildingId, Community, Flat, Unit, UnitId};
use rusqlite::{Connection, Row};

use crate::directory::row::{insert, rooms, rooms_word};
use crate::directory::table::{Table, text};
use crate::failure::{Result, unavailable};

pub(super) fn add_community(connection: &Connection, community: &Community) -> Result<()> {
    let sql = "insert into community (id, name, rooms) values ($1, $2, $3)";
    let rooms = rooms_word(community.rooms);
    let row = (community.id.as_str(), &community.name, rooms);
    insert(connection, sql, row, "community", "community")
}

pub(super) fn add_building(connection: &Connection, building: &Building) -> Result<()> {
    let sql = "insert into building (id, community, name) values ($1, $2, $3)";
    let community = building.community.as_str();
    let row = (&building.id.0, community, &building.name);
    insert(connection, sql, row, "building", "community")
}

pub(super) fn add_unit(connection: &Connection, unit: &Unit) -> Result<()> {
    let sql = "insert into unit (id, community, building, name) values ($1, $2, $3, $4)";
    let community = unit.community.as_str();
    let row = (&unit.id.0, community, &unit.building.0, &unit.name);
    insert(connection, sql, row, "unit", "building")
}

pub(super) fn add_flat(connection: &Connection, flat: &Flat) -> Result<()> {
    let sql = "insert into flat (id, community, unit, number) values ($1, $2, $3, $4)";
    let (community, unit) = (
        flat.community.as_str(),
        flat.unit.as_ref().map(|unit| &unit.0),
    );
    let row = (flat.id.as_str(), community, unit, &flat.number);
    insert(connection, sql, row, "flat", "community")
}

impl Table for Community {
    const SELECT: &'static str =
        "select id, id as community, null as parent, name, rooms from community";
    const DELETE: &'static str = "delete from community where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[
        (
            "select exists (select 1 from building where community = $1)",
            "it has buildings",
        ),
        (
            "select exists (select 1 from flat where community = $1)",
            "it has flats",
        ),
        (
            "select exists (select 1 from device where community = $1)",
            "it has devices",
        ),
    ];

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: text(row, 0)?.into(),
            name: text(row, 3)?,
            rooms: rooms(&text(row, 4)?)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update community set name = $1, rooms = $2 where id = $3";
        let row = (&self.name, rooms_word(self.rooms), self.id.as_str());
        insert(connection, sql, row, "community", "community")
    }
}

impl Table for Building {
    const SELECT: &'static str = "select id, community, null as parent, name from building";
    const DELETE: &'static str = "delete from building where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[(
        "select exists (select 1 from unit where building = $1)",
        "it has units",
    )];

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: BuildingId(text(row, 0)?),
            community: text(row, 1)?.into(),
            name: text(row, 3)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update building set name = $1 where id = $2";
        insert(
            connection,
            sql,
            (&self.name, &self.id.0),
            "building",
            "community",
        )
    }
}

impl Table for Unit {
    const SELECT: &'static str = "select id, community, building as parent, name from unit";
    const DELETE: &'static str = "delete from unit where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[(
        "select exists (select 1 from flat where unit = $1)",
        "it has flats",
    )];

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: UnitId(text(row, 0)?),
            community: text(row, 1)?.into(),
            building: BuildingId(text(row, 2)?),
            name: text(row, 3)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update unit set name = $1 where id = $2";
        insert(
            connection,
            sql,
            (&self.name, &self.id.0),
            "unit",
            "building",
        )
    }
}

impl Table for Flat {
    const SELECT: &'static str = "select id, community, unit as parent, number from flat";
    const DELETE: &'static str = "delete from flat where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[(
        "select exists (select 1 from resident where flat = $1)",
        "it has residents",
    )];

    fn read(row: &Row<'_>) -> Result<Self> {
        let unit: Option<String> = row.get(2).map_err(unavailable)?;
        Ok(Self {
            id: text(row, 0)?.into(),
            community: text(row, 1)?.into(),
            unit: unit.map(UnitId),
            number: text(row, 3)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update flat set unit = $1, number = $2 where id = $3";
        let unit = self.unit.as_ref().map(|unit| &unit.0);
        let row = (unit, &self.number, self.id.as_str());
        insert(connection, sql, row, "flat", "unit")
    }
}
