//! Communities, buildings, units and flats as rows.

use app::directory::{Building, BuildingId, Community, Flat, Unit, UnitId};
use engine::call::Scope;
use rusqlite::{Connection, Row};

use crate::directory::row::{insert, rooms, rooms_word, scope, time_columns, times};
use crate::directory::table::{Table, text};
use crate::failure::{Result, unavailable};

pub(super) fn add_community(connection: &Connection, community: &Community) -> Result<()> {
    let sql = "insert into community (id, name, rooms, ring_s, talk_s, declines)
               values ($1, $2, $3, $4, $5, $6)";
    let Community { id, name, .. } = community;
    let rooms = rooms_word(community.rooms);
    let (ring_s, talk_s) = time_columns(community.times);
    let declines = community.declines.map(Scope::name);
    let row = (id.as_str(), name, rooms, ring_s, talk_s, declines);
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
    let sql = "insert into flat (id, community, unit, number, ring_s, talk_s)
               values ($1, $2, $3, $4, $5, $6)";
    let (community, unit) = (
        flat.community.as_str(),
        flat.unit.as_ref().map(|unit| &unit.0),
    );
    let (ring_s, talk_s) = time_columns(flat.times);
    let (id, number) = (flat.id.as_str(), &flat.number);
    let row = (id, community, unit, number, ring_s, talk_s);
    insert(connection, sql, row, "flat", "community")
}

impl Table for Community {
    const SELECT: &'static str =
        "select id, id as community, null as parent, name, rooms, ring_s, talk_s, declines
         from community";
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
            times: times(row, 5).map_err(unavailable)?,
            declines: scope(row.get(7).map_err(unavailable)?)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update community set name = $1, rooms = $2, ring_s = $3, talk_s = $4,
                       declines = $5 where id = $6";
        let rooms = rooms_word(self.rooms);
        let (ring_s, talk_s) = time_columns(self.times);
        let declines = self.declines.map(Scope::name);
        let row = (
            &self.name,
            rooms,
            ring_s,
            talk_s,
            declines,
            self.id.as_str(),
        );
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
    const HOLDERS: &'static [(&'static str, &'static str)] = &[
        (
            "select exists (select 1 from flat where unit = $1)",
            "it has flats",
        ),
        (
            "select exists (select 1 from device where unit = $1)",
            "it has devices",
        ),
    ];

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
    const SELECT: &'static str =
        "select id, community, unit as parent, number, ring_s, talk_s from flat";
    const DELETE: &'static str = "delete from flat where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[
        (
            "select exists (select 1 from resident where flat = $1)",
            "it has residents",
        ),
        (
            "select exists (select 1 from device where flat = $1)",
            "it has devices",
        ),
        (
            "select exists (select 1 from alarm where flat = $1 and open = 1)",
            "it has an alarm that is not over",
        ),
        (
            "select exists (select 1 from flat_door where flat = $1)",
            "it has a door of its own",
        ),
    ];

    fn read(row: &Row<'_>) -> Result<Self> {
        let unit: Option<String> = row.get(2).map_err(unavailable)?;
        Ok(Self {
            id: text(row, 0)?.into(),
            community: text(row, 1)?.into(),
            unit: unit.map(UnitId),
            number: text(row, 3)?,
            times: times(row, 4).map_err(unavailable)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update flat set unit = $1, number = $2, ring_s = $3, talk_s = $4 where id = $5";
        let unit = self.unit.as_ref().map(|unit| &unit.0);
        let (ring_s, talk_s) = time_columns(self.times);
        let row = (unit, &self.number, ring_s, talk_s, self.id.as_str());
        insert(connection, sql, row, "flat", "unit")
    }
}
