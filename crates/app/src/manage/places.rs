//! Communities, buildings, units, flats.

use engine::call::Scope;
use engine::id::{CommunityId, FlatId};

use crate::directory::{
    Building, BuildingId, CallTimes, Community, Flat, RoomNaming, Unit, UnitId,
};
use crate::failure::Failure;
use crate::manage::check::check_name;
use crate::manage::directory::Directory;
use crate::manage::times::{TimesEdit, check_times};
use crate::port::Found;

/// A community to be added.
pub struct NewCommunity {
    /// 1–64 bytes.
    pub name: String,
    /// How media rooms are named.
    pub rooms: RoomNaming,
    /// How long calls at its doors ring and last.
    pub times: CallTimes,
    /// For whom one who declines speaks; none: what the phone's protocol means by it.
    pub declines: Option<Scope>,
}

/// A unit to be added.
pub struct NewUnit {
    /// Of which building.
    pub building: BuildingId,
    /// 1–64 bytes.
    pub name: String,
}

/// A flat to be added.
pub struct NewFlat {
    /// Where.
    pub community: CommunityId,
    /// At which entrance of that community, if anybody said.
    pub unit: Option<UnitId>,
    /// What visitors dial, 1–64 bytes.
    pub number: String,
    /// How long calls to it ring and last.
    pub times: CallTimes,
}

/// What may change of a community; what is none stays.
#[derive(Default)]
pub struct CommunityEdit {
    /// 1–64 bytes.
    pub name: Option<String>,
    /// How media rooms are named.
    pub rooms: Option<RoomNaming>,
    /// How long calls at its doors ring and last.
    pub times: TimesEdit,
    /// For whom one who declines speaks, or what the phone's protocol means by it.
    pub declines: Option<Option<Scope>>,
}

/// What may change of a flat; what is none stays.
#[derive(Default)]
pub struct FlatEdit {
    /// 1–64 bytes.
    pub number: Option<String>,
    /// An entrance of the same community, or none of them.
    pub unit: Option<Option<UnitId>>,
    /// How long calls to it ring and last.
    pub times: TimesEdit,
}

impl Directory {
    /// Adds a community.
    pub async fn add_community(&self, new: NewCommunity) -> Result<Community, Failure> {
        check_name("name", &new.name)?;
        check_times(new.times)?;
        let community = Community {
            id: self.row_id().into(),
            name: new.name,
            rooms: new.rooms,
            times: new.times,
            declines: new.declines,
        };
        self.ports.store.add_community(community.clone()).await?;
        Ok(community)
    }

    /// Changes a community.
    pub async fn change_community(
        &self,
        id: &CommunityId,
        edit: CommunityEdit,
    ) -> Result<Community, Failure> {
        edit.name
            .iter()
            .try_for_each(|name| check_name("name", name))?;
        edit.times.check()?;
        let changed = self.change(id.as_str(), move |community: &mut Community| {
            set(&mut community.name, edit.name);
            set(&mut community.rooms, edit.rooms);
            set(&mut community.declines, edit.declines);
            edit.times.write(&mut community.times);
        });
        Ok(changed.await?.entry)
    }

    /// Removes a community in which nothing stands any more.
    pub async fn remove_community(&self, id: &CommunityId) -> Result<(), Failure> {
        self.remove::<Community>(id.as_str()).await
    }

    /// Adds a building; its name is 1–64 bytes.
    pub async fn add_building(
        &self,
        community: CommunityId,
        name: &str,
    ) -> Result<Building, Failure> {
        check_name("name", name)?;
        let building = Building {
            id: BuildingId(self.row_id()),
            community,
            name: name.into(),
        };
        self.ports.store.add_building(building.clone()).await?;
        Ok(building)
    }

    /// Renames a building.
    pub async fn rename_building(&self, id: &str, name: String) -> Result<Building, Failure> {
        check_name("name", &name)?;
        let changed = self.change(id, move |building: &mut Building| building.name = name);
        Ok(changed.await?.entry)
    }

    /// Removes a building without units.
    pub async fn remove_building(&self, id: &str) -> Result<(), Failure> {
        self.remove::<Building>(id).await
    }

    /// Adds a unit.
    pub async fn add_unit(&self, new: NewUnit) -> Result<Unit, Failure> {
        check_name("name", &new.name)?;
        let Found { community, .. } = self.load::<Building>(&new.building.0).await?;
        let unit = Unit {
            id: UnitId(self.row_id()),
            community,
            building: new.building,
            name: new.name,
        };
        self.ports.store.add_unit(unit.clone()).await?;
        Ok(unit)
    }

    /// Renames a unit.
    pub async fn rename_unit(&self, id: &str, name: String) -> Result<Unit, Failure> {
        check_name("name", &name)?;
        let changed = self.change(id, move |unit: &mut Unit| unit.name = name);
        Ok(changed.await?.entry)
    }

    /// Removes a unit without flats.
    pub async fn remove_unit(&self, id: &str) -> Result<(), Failure> {
        self.remove::<Unit>(id).await
    }

    /// Adds a flat.
    pub async fn add_flat(&self, new: NewFlat) -> Result<Flat, Failure> {
        check_name("number", &new.number)?;
        check_times(new.times)?;
        if let Some(unit) = &new.unit {
            let found = self.load::<Unit>(&unit.0).await?;
            if found.community != new.community {
                return Err(Failure::NotFound { what: "unit" });
            }
        }
        let flat = Flat {
            id: self.row_id().into(),
            community: new.community,
            unit: new.unit,
            number: new.number,
            times: new.times,
        };
        self.ports.store.add_flat(flat.clone()).await?;
        Ok(flat)
    }

    /// Changes a flat.
    pub async fn change_flat(&self, id: &FlatId, edit: FlatEdit) -> Result<Flat, Failure> {
        edit.number
            .iter()
            .try_for_each(|number| check_name("number", number))?;
        edit.times.check()?;
        let changed = self.change(id.as_str(), move |flat: &mut Flat| {
            set(&mut flat.number, edit.number);
            set(&mut flat.unit, edit.unit);
            edit.times.write(&mut flat.times);
        });
        let changed = changed.await?.entry;
        self.note_peers().await?;
        Ok(changed)
    }

    /// Removes a flat in which nobody lives.
    pub async fn remove_flat(&self, id: &FlatId) -> Result<(), Failure> {
        self.remove::<Flat>(id.as_str()).await
    }
}

pub(super) fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
