//! Where doors stand and flats lie, and which door serves which flat.

use crate::id::{CommunityId, DeviceId, FlatId, UnitId};

/// A place in a community.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Which community.
    pub community: CommunityId,
    /// At which entrance; none: at none in particular.
    pub unit: Option<UnitId>,
}

/// A door as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Door {
    /// The device that moves its lock.
    pub device: DeviceId,
    /// Where it stands.
    pub place: Place,
    /// The flat whose own door it is, if it is one's.
    pub flat: Option<FlatId>,
}

/// A flat as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Home {
    /// Which flat.
    pub flat: FlatId,
    /// Where it lies.
    pub place: Place,
}

impl Door {
    /// Whether those who live there may pass: a flat's own door serves that flat, one without an
    /// entrance the whole community, any other the flats of its entrance.
    pub fn serves(&self, home: &Home) -> bool {
        if let Some(own) = &self.flat {
            return *own == home.flat;
        }
        let is_near = self.place.unit.is_none() || self.place.unit == home.place.unit;
        self.place.community == home.place.community && is_near
    }
}
