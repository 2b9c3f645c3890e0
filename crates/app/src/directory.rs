//! Who lives where and which device stands at which door: the values.
//!
//! Names of people are personal: no Debug on what holds them.

use engine::id::{CommunityId, DeviceId, EndpointId, FlatId, OperatorId, ResidentId};

/// A person who administers communities.
pub struct Operator {
    /// Made by us.
    pub id: OperatorId,
    /// The login name.
    pub name: String,
}

/// Buildings under one administration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    /// Made by us.
    pub id: CommunityId,
    /// What people call it.
    pub name: String,
}

/// A flat: the household that a visitor dials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flat {
    /// Made by us.
    pub id: FlatId,
    /// Where it is.
    pub community: CommunityId,
    /// What a visitor dials: unique in the community.
    pub number: String,
}

/// A person who lives in a flat.
pub struct Resident {
    /// Made by us.
    pub id: ResidentId,
    /// Where they live.
    pub flat: FlatId,
    /// The login name, unique among residents and operators.
    pub name: String,
}

/// A signed-in thing; at present a door's panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Chosen by the operator: what the panel signs in with.
    pub id: DeviceId,
    /// Where it stands.
    pub community: CommunityId,
    /// What people call it.
    pub name: String,
}

/// A household as a call needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Which flat.
    pub flat: FlatId,
    /// Every endpoint of its residents, whether online or not.
    pub endpoints: Vec<HouseholdEndpoint>,
}

/// One endpoint of a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseholdEndpoint {
    /// What to ring.
    pub endpoint: EndpointId,
    /// Whose it is.
    pub resident: ResidentId,
}
