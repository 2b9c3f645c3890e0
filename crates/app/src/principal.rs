//! Who a connection or a request is, decided once at the edge.

use engine::call::Actor;
use engine::id::{CommunityId, DeviceId, EndpointId, Hand, OperatorId, ResidentId};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A door's panel.
    Door(DoorPrincipal),
    /// A resident, by one login or one registered client.
    Resident(ResidentPrincipal),
    /// An operator.
    Operator(OperatorPrincipal),
}

/// Which family of topics a door listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorControl {
    /// The fixed topic that all doors share (S0).
    Fixed,
    /// A topic of its own (S1).
    Own,
}

/// A door's panel that has shown its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorPrincipal {
    /// Which device.
    pub device: DeviceId,
    /// The community it belongs to.
    pub community: CommunityId,
    /// Which form of control messages it hears.
    pub control: DoorControl,
}

/// A resident who has shown a login token or a registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidentPrincipal {
    /// Who.
    pub resident: ResidentId,
    /// The login; tells two phones of one person apart.
    pub login: Hand,
    /// The registered client that this login acts for, if it is bound to one.
    pub client: Option<Client>,
}

/// A registered client: one app installation of a resident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Made by us; 16 characters.
    pub id: String,
    /// The client id it chose, unique for its resident.
    pub name: String,
}

/// An operator who has shown a login token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorPrincipal {
    /// Who.
    pub operator: OperatorId,
}

impl Principal {
    /// The side it takes in calls; operators take none.
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Self::Door(door) => Some(door.actor()),
            Self::Resident(resident) => Some(resident.actor()),
            Self::Operator(_) => None,
        }
    }
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
    /// Acts in calls as the registered client, or as the resident's phones by this login.
    pub fn actor(&self) -> Actor {
        match &self.client {
            Some(client) => Actor {
                endpoint: client_endpoint(client),
                hand: Hand::from(client.name.as_str()),
            },
            None => Actor {
                endpoint: resident_endpoint(&self.resident),
                hand: self.login.clone(),
            },
        }
    }
}

const DOOR: &str = "door:";
const RESIDENT: &str = "resident:";
const CLIENT: &str = "client:";

/// The endpoint of a door.
pub fn door_endpoint(device: &DeviceId) -> EndpointId {
    EndpointId::from(format!("{DOOR}{device}"))
}

/// The one endpoint of all of a resident's phones that are not registered clients.
pub fn resident_endpoint(resident: &ResidentId) -> EndpointId {
    EndpointId::from(format!("{RESIDENT}{resident}"))
}

/// The endpoint of a registered client.
pub fn client_endpoint(client: &Client) -> EndpointId {
    EndpointId::from(format!("{CLIENT}{}:{}", client.id, client.name))
}

/// What an endpoint's id says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// A door.
    Door(DeviceId),
    /// A resident's phones that are not registered.
    Resident(ResidentId),
    /// A registered client.
    Client(Client),
}

/// Reads an endpoint's id; none if it was not made here.
pub fn endpoint_kind(endpoint: &EndpointId) -> Option<EndpointKind> {
    let text = endpoint.as_str();
    if let Some(device) = text.strip_prefix(DOOR) {
        return Some(EndpointKind::Door(device.into()));
    }
    if let Some(resident) = text.strip_prefix(RESIDENT) {
        return Some(EndpointKind::Resident(resident.into()));
    }
    let (id, name) = text.strip_prefix(CLIENT)?.split_once(':')?;
    Some(EndpointKind::Client(Client {
        id: id.to_owned(),
        name: name.to_owned(),
    }))
}
