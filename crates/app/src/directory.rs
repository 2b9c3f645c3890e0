//! Who lives where and which device stands at which door: the values.
//!
//! Names of people are personal: no Debug on what holds them.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use engine::call::{Room, Scope};
use engine::id::{CommunityId, DeviceId, EndpointId, FlatId, OperatorId, ResidentId};
use engine::time::Instant;

use crate::principal::{
    Client, DoorControl, Reach, box_endpoint, centre_endpoint, door_endpoint, screen_endpoint,
};

/// A person who administers communities.
pub struct Operator {
    /// Made by us.
    pub id: OperatorId,
    /// The login name.
    pub name: String,
    /// Where they may see and manage what.
    pub reach: Reach,
}

/// How many seconds a call may be set to ring: a visitor reaches nobody in less, and has left
/// after more.
pub const RING_S: RangeInclusive<u64> = 5..=180;

/// How many seconds a conversation may be set to last: up to a day, after which what was left
/// running by mistake ends.
pub const TALK_S: RangeInclusive<u64> = 60..=86_400;

/// How long calls ring and last at a place, where it says so; in whole seconds.
///
/// Each of the two comes from the flat that is dialled, else from the door, else from the
/// community, else from the server's settings. It counts from the next press on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallTimes {
    /// How long a call rings in all; within [`RING_S`].
    pub ring: Option<Duration>,
    /// How long a conversation may last; within [`TALK_S`].
    pub talk: Option<Duration>,
}

/// How the media rooms of a community are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomNaming {
    /// By text, but by number when a registered client is rung, which can only parse numbers.
    Auto,
    /// By text.
    Text,
    /// By number.
    Number,
}

/// Buildings under one administration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    /// Made by us.
    pub id: CommunityId,
    /// What people call it.
    pub name: String,
    /// How its media rooms are named.
    pub rooms: RoomNaming,
    /// How long calls at its doors ring and last.
    pub times: CallTimes,
    /// For whom one who declines a call speaks; none: what the phone's protocol means by it.
    pub declines: Option<Scope>,
}

/// The id of a building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildingId(pub String);

/// A building of a community.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Building {
    /// Made by us.
    pub id: BuildingId,
    /// Where it stands.
    pub community: CommunityId,
    /// What people call it: unique in the community.
    pub name: String,
}

/// The id of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitId(pub String);

/// A unit: an entrance of a building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Made by us.
    pub id: UnitId,
    /// Of which community; the building's.
    pub community: CommunityId,
    /// Of which building.
    pub building: BuildingId,
    /// What people call it: unique in the building.
    pub name: String,
}

/// A flat: the household that a visitor dials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flat {
    /// Made by us.
    pub id: FlatId,
    /// Where it is.
    pub community: CommunityId,
    /// At which entrance of the same community, if anybody said.
    pub unit: Option<UnitId>,
    /// What a visitor dials: unique in the community.
    pub number: String,
    /// How long calls to it ring and last.
    pub times: CallTimes,
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

/// A signed-in thing: a door's panel, a screen, a property desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Chosen by the operator: what it signs in with.
    pub id: DeviceId,
    /// Where it stands.
    pub community: CommunityId,
    /// At which entrance of the same community; none: it serves all of it.
    pub unit: Option<UnitId>,
    /// What people call it.
    pub name: String,
    /// Where it stands, in words; may be empty.
    pub place: String,
    /// What it is and how it is spoken to.
    pub kind: DeviceKind,
    /// How long calls from it ring and last.
    pub times: CallTimes,
}

/// What a device is and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// A door's panel that speaks iLock, and hears this form of control messages.
    Panel(DoorControl),
    /// A door's panel that speaks the TCP box protocol (S3's outer box).
    Outdoor(Peer),
    /// An indoor screen (S3).
    Screen {
        /// Whose.
        flat: FlatId,
        /// Which words it is spoken to in.
        profile: Profile,
    },
    /// A property desk (S3's property app and centre).
    Centre(Peer),
    /// An inner box that is not ours, which stands for the flat behind it (S3).
    InnerBox {
        /// Which flat.
        flat: FlatId,
        /// Where it is.
        peer: Peer,
    },
}

/// Where a device is found that is known by its address: calls come from there and go there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address: no other device's.
    pub ip: IpAddr,
    /// Where it listens for calls.
    pub port: u16,
    /// Which words it is spoken to in.
    pub profile: Profile,
}

/// Which words of the TCP box protocol a device understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// As the document of version 0.4 has it.
    #[default]
    V04,
    /// As version 0.5 has it: streams between rooms are whole addresses.
    V05,
    /// As devices in the field speak.
    Field,
}

impl DeviceKind {
    /// Where it is found, if it is known by its address.
    pub fn peer(&self) -> Option<Peer> {
        match self {
            Self::Outdoor(peer) | Self::Centre(peer) | Self::InnerBox { peer, .. } => Some(*peer),
            Self::Panel(_) | Self::Screen { .. } => None,
        }
    }

    /// The flat it belongs to.
    pub fn flat(&self) -> Option<&FlatId> {
        match self {
            Self::Screen { flat, .. } | Self::InnerBox { flat, .. } => Some(flat),
            Self::Panel(_) | Self::Outdoor(_) | Self::Centre(_) => None,
        }
    }

    /// Which words of the TCP box protocol it understands, if it speaks that.
    pub fn profile(&self) -> Option<Profile> {
        match self {
            Self::Screen { profile, .. } => Some(*profile),
            Self::Panel(_) => None,
            Self::Outdoor(_) | Self::Centre(_) | Self::InnerBox { .. } => {
                self.peer().map(|peer| peer.profile)
            }
        }
    }
}

impl Device {
    /// What rings when it is called, and calls when it calls.
    pub fn endpoint(&self) -> EndpointId {
        match self.kind {
            DeviceKind::Panel(_) | DeviceKind::Outdoor(_) => door_endpoint(&self.id),
            DeviceKind::Screen { .. } => screen_endpoint(&self.id),
            DeviceKind::Centre(_) => centre_endpoint(&self.id),
            DeviceKind::InnerBox { .. } => box_endpoint(&self.id),
        }
    }
}

/// A device that speaks the TCP box protocol, and the number of its flat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxedDevice {
    /// The device.
    pub device: Device,
    /// What a visitor dials to reach its flat, if it has one.
    pub flat_number: Option<String>,
}

/// What a device last said of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Whether it called itself online.
    pub online: bool,
    /// When the server heard it.
    pub heard: Instant,
    /// The device's own clock then, in milliseconds; shown, never decided on.
    pub device_ms: Option<i64>,
}

/// A device and what it last said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceReport {
    /// The device.
    pub device: Device,
    /// Its last word; none if it never reported.
    pub status: Option<DeviceStatus>,
}

/// A household as a call needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    /// Which flat.
    pub flat: FlatId,
    /// How long calls to it ring and last.
    pub times: CallTimes,
    /// How long calls in its community ring and last.
    pub community_times: CallTimes,
    /// For whom one who declines speaks there; none: what the phone's protocol means by it.
    pub declines: Option<Scope>,
    /// How the community names its media rooms.
    pub rooms: RoomNaming,
    /// Every endpoint of its residents and in its rooms, whether online or not, in the order of the
    /// offers.
    pub endpoints: Vec<HouseholdEndpoint>,
}

/// One endpoint of a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseholdEndpoint {
    /// What to ring.
    pub endpoint: EndpointId,
    /// Whose it is; none if it is the household's.
    pub resident: Option<ResidentId>,
    /// Whether it is a registered client.
    pub is_client: bool,
}

impl Household {
    /// The room for a call to this household: `text` or `number`, as the community wants it.
    pub fn room(&self, text: String, number: u32) -> Room {
        let by_number = match self.rooms {
            RoomNaming::Auto => self.endpoints.iter().any(|endpoint| endpoint.is_client),
            RoomNaming::Text => false,
            RoomNaming::Number => true,
        };
        if by_number {
            Room::Number(number)
        } else {
            Room::Text(text)
        }
    }
}

/// A public key to which what a client must keep secret is encrypted: a JWK as JSON text in the one
/// form in which [`crate::port::Sealer`] writes it, at most 600 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(pub String);

/// The key of a registered client that gave one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey {
    /// Whose client.
    pub resident: ResidentId,
    /// Which client.
    pub client: Client,
    /// Its key.
    pub key: PublicKey,
}

/// A registered client as it is kept. Without Debug: the push token lets others wake the phone.
pub struct ClientRow {
    /// Which client.
    pub client: Client,
    /// Whose it is.
    pub resident: ResidentId,
    /// The platform it named, such as `android`.
    pub platform: String,
    /// The kind of device it named, such as `mobile`.
    pub device_type: String,
    /// The version of its app.
    pub app_version: String,
    /// Where a push would wake it; may be empty.
    pub push_token: String,
    /// The key that it gave when it registered last, if it gave one.
    pub public_key: Option<PublicKey>,
    /// When it registered last.
    pub registered: Instant,
}

/// What a client says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientStatus {
    /// Whether its app is in the foreground.
    pub active: bool,
    /// Higher is offered earlier; 0–100.
    pub priority: u8,
    /// By its own clock, in milliseconds; shown, never decided on.
    pub last_active_ms: Option<i64>,
}

/// Addresses outside that one community may have: some services and people; more would only hold
/// up one another.
pub const HOOKS_MAX: usize = 8;

/// The longest address, in bytes.
pub const HOOK_URL_BYTES_MAX: usize = 512;

/// The id of an address outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookId(pub String);

/// An address outside that hears of a community's alarms that nobody inside took on. Its key is
/// derived from its id and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Made by us.
    pub id: HookId,
    /// Whose alarms it hears of.
    pub community: CommunityId,
    /// `https://…`; plain HTTP leads to loopback alone. At most [`HOOK_URL_BYTES_MAX`].
    pub url: String,
    /// When it was registered.
    pub created: Instant,
}
