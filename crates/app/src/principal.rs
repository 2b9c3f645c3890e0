//! Who a connection or a request is, decided once at the edge.

use std::collections::BTreeMap;

use engine::alarm::{Alarm, Level};
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
    /// Where they may see and manage what.
    pub reach: Reach,
}

/// Where an operator may see and manage what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// An owner: everything in every community, and the operators.
    Everywhere,
    /// What the role in each community allows; nothing elsewhere.
    Within(BTreeMap<CommunityId, Role>),
}

/// What an operator may do in one community.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Manager,
    /// Look, and take alarms on.
    Guard,
    /// Look.
    Viewer,
}

impl OperatorPrincipal {
    /// Whether they may know that the community, and what is in it, exists.
    pub fn may_see(&self, community: &CommunityId) -> bool {
        match &self.reach {
            Reach::Everywhere => true,
            Reach::Within(roles) => roles.contains_key(community),
        }
    }

    /// Whether they may change what is in the community.
    pub fn may_manage(&self, community: &CommunityId) -> bool {
        match &self.reach {
            Reach::Everywhere => true,
            Reach::Within(roles) => roles.get(community) == Some(&Role::Manager),
        }
    }

    /// Whether they may take on the alarms of the community that they see.
    pub fn may_guard(&self, community: &CommunityId) -> bool {
        match &self.reach {
            Reach::Everywhere => true,
            Reach::Within(roles) => {
                matches!(roles.get(community), Some(Role::Manager | Role::Guard))
            }
        }
    }

    /// Whether they may know of an alarm: its centre from the beginning, which is whoever manages
    /// the community; the others once its guard was told, so never of one that is silent.
    pub fn may_see_alarm(&self, alarm: &Alarm) -> bool {
        let community = &alarm.place.community;
        self.may_manage(community) || (self.may_see(community) && alarm.heard.has(Level::Guard))
    }

    /// Whether they may add and remove communities and operators.
    pub fn is_owner(&self) -> bool {
        self.reach == Reach::Everywhere
    }
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
            None => self.phone(),
        }
    }

    /// Acts in calls as the resident's phones, which are rung as one, by the client's name if it is
    /// a client.
    pub fn one_of_phones(&self) -> Actor {
        let name = self.client.as_ref().map(|client| client.name.as_str());
        Actor {
            endpoint: resident_endpoint(&self.resident),
            hand: name.map_or_else(|| self.login.clone(), Hand::from),
        }
    }

    /// Acts in calls as the resident's phones by this login: as a login that is bound to a client
    /// did before it was bound.
    pub fn phone(&self) -> Actor {
        Actor {
            endpoint: resident_endpoint(&self.resident),
            hand: self.login.clone(),
        }
    }
}

const DOOR: &str = "door:";
const SCREEN: &str = "screen:";
const CENTRE: &str = "centre:";
const BOX: &str = "box:";
const RESIDENT: &str = "resident:";
const CLIENT: &str = "client:";

/// The endpoint of a door.
pub fn door_endpoint(device: &DeviceId) -> EndpointId {
    EndpointId::from(format!("{DOOR}{device}"))
}

/// The endpoint of an indoor screen.
pub fn screen_endpoint(device: &DeviceId) -> EndpointId {
    EndpointId::from(format!("{SCREEN}{device}"))
}

/// The endpoint of a property desk.
pub fn centre_endpoint(device: &DeviceId) -> EndpointId {
    EndpointId::from(format!("{CENTRE}{device}"))
}

/// The endpoint of an inner box that is not ours.
pub fn box_endpoint(device: &DeviceId) -> EndpointId {
    EndpointId::from(format!("{BOX}{device}"))
}

/// The one endpoint of all of a resident's phones that are not registered clients.
pub fn resident_endpoint(resident: &ResidentId) -> EndpointId {
    EndpointId::from(format!("{RESIDENT}{resident}"))
}

/// The endpoint of a registered client.
pub fn client_endpoint(client: &Client) -> EndpointId {
    EndpointId::from(format!("{CLIENT}{}:{}", client.id, client.name))
}

/// The MQTT client id of a registered client at a broker that is not ours.
///
/// Client ids are everybody's there. This one begins with its resident's id, as those of S1's sample
/// app do, so that it is nobody else's.
pub fn unshared_client_id(resident: &ResidentId, name: &str) -> String {
    if name.starts_with(resident.as_str()) {
        return name.to_owned();
    }
    format!("{resident}_{name}")
}

/// The name of an endpoint at the media service: at most 32 safe characters, because device ids
/// have at most 28, ids of residents and clients 16. None if it has no part in media rooms.
pub fn rtc_user(endpoint: &EndpointId) -> Option<String> {
    Some(match endpoint_kind(endpoint)? {
        EndpointKind::Door(device) => format!("dev_{device}"),
        EndpointKind::Resident(resident) => format!("res_{resident}"),
        EndpointKind::Client(client) => format!("res_{}", client.id),
        EndpointKind::Screen(_) | EndpointKind::Centre(_) | EndpointKind::InnerBox(_) => {
            return None;
        }
    })
}

/// What an endpoint's id says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// A door.
    Door(DeviceId),
    /// An indoor screen.
    Screen(DeviceId),
    /// A property desk.
    Centre(DeviceId),
    /// An inner box that is not ours.
    InnerBox(DeviceId),
    /// A resident's phones that are not registered.
    Resident(ResidentId),
    /// A registered client.
    Client(Client),
}

/// The device behind an endpoint; none if it is a person's.
pub fn endpoint_device(endpoint: &EndpointId) -> Option<DeviceId> {
    match endpoint_kind(endpoint)? {
        EndpointKind::Door(device)
        | EndpointKind::Screen(device)
        | EndpointKind::Centre(device)
        | EndpointKind::InnerBox(device) => Some(device),
        EndpointKind::Resident(_) | EndpointKind::Client(_) => None,
    }
}

/// Reads an endpoint's id; none if it was not made here.
pub fn endpoint_kind(endpoint: &EndpointId) -> Option<EndpointKind> {
    let text = endpoint.as_str();
    type Kind = fn(DeviceId) -> EndpointKind;
    let devices: [(&str, Kind); 4] = [
        (DOOR, EndpointKind::Door),
        (SCREEN, EndpointKind::Screen),
        (CENTRE, EndpointKind::Centre),
        (BOX, EndpointKind::InnerBox),
    ];
    for (prefix, kind) in devices {
        if let Some(device) = text.strip_prefix(prefix) {
            return Some(kind(device.into()));
        }
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
