//! One connection and what is known of it. Everything here belongs to the one task that runs it.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use app::directory::{BoxedDevice, Profile as DeviceProfile};
use engine::call::{Actor, Current, Version};
use engine::id::{AlarmId, CallId, EndpointId, Hand};
use metrics::counter;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::dialect::Smartbox;
use crate::link::memory::{Request, Told};
use crate::link::socket::Socket;
use crate::registry::{Handle, Opening};
use crate::settings::Place;
use crate::wire::Profile;

/// What a connection is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A home network's, which has shown no token.
    Stranger,
    /// A screen that has joined its flat.
    Screen,
    /// A registered peer that came to us: it may call.
    Caller,
    /// A registered peer that we called for this call.
    Callee(CallId),
}

/// A device as it was looked up, and how often it had been turned away by then.
pub(crate) struct Known {
    pub(crate) device: Arc<BoxedDevice>,
    pub(crate) turns: u64,
}

/// The peer's connection is of no use any more.
pub(super) struct Gone;

pub(crate) struct Conversation {
    pub(super) house: Smartbox,
    pub(super) socket: Socket,
    pub(super) place: Place,
    /// Our own address on it.
    pub(super) local: Option<IpAddr>,
    pub(super) role: Role,
    /// Who is behind it; none of a stranger.
    pub(super) device: Option<Arc<BoxedDevice>>,
    /// How often that device had been turned away when it was looked up.
    pub(super) turns: u64,
    pub(super) handle: Arc<Handle>,
    /// Orders to open the door that the peer is.
    pub(super) orders: mpsc::Receiver<Opening>,
    /// The last request of the peer to open a door.
    pub(super) asked: Option<Request>,
    /// What was said of each alarm.
    pub(super) alarms: BTreeMap<AlarmId, Told>,
    pub(super) current: Current,
    /// What was said of each call.
    pub(super) said: HashMap<CallId, Version>,
    /// The call that the peer placed last here.
    pub(super) placed: Option<CallId>,
    /// The call that the peer ended last here: it knows.
    pub(super) ended: Option<CallId>,
}

impl Conversation {
    /// Of a connection; its device is none only for a stranger.
    pub(crate) fn new(
        house: &Smartbox,
        stream: TcpStream,
        place: Place,
        role: Role,
        known: Option<Known>,
    ) -> Self {
        let (device, turns) = match known {
            Some(Known { device, turns }) => (Some(device), turns),
            None => (None, 0),
        };
        let profile = device.as_deref().map_or(Profile::V04, profile_of);
        let local = stream.local_addr().ok();
        let (handle, orders) = house.registry().handle();
        let mut current = Current::default();
        if let Role::Callee(call) = &role {
            current.place(call.clone(), call.to_string());
        }
        Self {
            house: house.clone(),
            socket: Socket::new(stream, profile),
            place,
            local: local.map(|at| at.ip().to_canonical()),
            role,
            device,
            turns,
            handle,
            orders,
            asked: None,
            alarms: BTreeMap::new(),
            current,
            said: HashMap::new(),
            placed: None,
            ended: None,
        }
    }

    /// What rings when its device is called.
    pub(super) fn endpoint(&self) -> Option<EndpointId> {
        self.device.as_ref().map(|device| device.device.endpoint())
    }

    /// As whom it acts.
    pub(super) fn actor(&self) -> Option<Actor> {
        let device = &self.device.as_ref()?.device;
        Some(Actor {
            endpoint: device.endpoint(),
            hand: Hand::from(device.id.as_str()),
        })
    }

    /// Whether its device is still what it was when it came: of another name or entrance it may be.
    pub(super) fn is_still_known(&mut self) -> bool {
        let Some(device) = &self.device else {
            return true;
        };
        let peers = self.house.ports().peers.peers();
        let id = &device.device.id;
        let same = |found: &&Arc<BoxedDevice>| {
            found.device.kind == device.device.kind
                && found.device.community == device.device.community
                && found.flat_number == device.flat_number
        };
        match peers.find(id).filter(same) {
            Some(found) if peers.turns(id) == self.turns => {
                self.device = Some(Arc::clone(found));
                true
            }
            Some(_) | None => false,
        }
    }

    /// Counts a message that came to nothing.
    pub(super) fn drop_message(&self, why: &'static str) {
        counter!("koumen_smartbox_dropped_total", "why" => why).increment(1);
        let device = self.device.as_ref().map(|one| one.device.id.as_str());
        tracing::debug!(device, why, "a message came to nothing");
    }
}

/// The words that a device is spoken to in.
pub(super) fn profile_of(device: &BoxedDevice) -> Profile {
    match device.device.kind.profile() {
        Some(DeviceProfile::V05) => Profile::V05,
        Some(DeviceProfile::Field) => Profile::Field,
        Some(DeviceProfile::V04) | None => Profile::V04,
    }
}
