//! Who a connection or a request is, decided once at the edge.

use engine::call::Actor;
use engine::id::{CommunityId, DeviceId, EndpointId, Hand, OperatorId, ResidentId};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A door's panel.
    Door(DoorPrincipal),
    /// A resident, by one login.
    Resident(ResidentPrincipal),
    /// An operator.
    Operator(OperatorPrincipal),
}

/// A door's panel that has shown its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorPrincipal {
    /// Which device.
    pub device: DeviceId,
    /// The community it belongs to.
    pub community: CommunityId,
}

/// A resident who has shown a login token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidentPrincipal {
    /// Who.
    pub resident: ResidentId,
    /// The login the token came from; tells two phones of one person apart.
    pub login: Hand,
}

/// An operator who has shown a login token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorPrincipal {
    /// Who.
    pub operator: OperatorId,
}

impl DoorPrincipal {
    /// Acts in calls as the door.
    pub fn actor(&self) -> Actor {
        Actor {
            endpoint: door_endpoint(&self.device),
            hand: Hand::from(self.device.as_str()),
        }
    }
}

impl ResidentPrincipal {
    /// Acts in calls as the resident's phones, by this login.
    pub fn actor(&self) -> Actor {
        Actor {
            endpoint: resident_endpoint(&self.resident),
            hand: self.login.clone(),
        }
    }
}

const DOOR: &str = "door:";
const RESIDENT: &str = "resident:";

/// The endpoint of a door.
pub fn door_endpoint(device: &DeviceId) -> EndpointId {
    EndpointId::from(format!("{DOOR}{device}"))
}

/// The one endpoint of all of a resident's phones that are not registered clients.
pub fn resident_endpoint(resident: &ResidentId) -> EndpointId {
    EndpointId::from(format!("{RESIDENT}{resident}"))
}

/// What an endpoint's id says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// A door.
    Door(DeviceId),
    /// A resident's phones.
    Resident(ResidentId),
}

/// Reads an endpoint's id; none if it was not made here.
pub fn endpoint_kind(endpoint: &EndpointId) -> Option<EndpointKind> {
    let text = endpoint.as_str();
    if let Some(device) = text.strip_prefix(DOOR) {
        return Some(EndpointKind::Door(device.into()));
    }
    text.strip_prefix(RESIDENT)
        .map(|resident| EndpointKind::Resident(resident.into()))
}
