//! The links of this dialect, and what has been said on each.
//!
//! Nothing is queued here: whenever a call changed or a link subscribed, what is owed is pulled
//! from the committed state. What was said is remembered per link, so a new link is owed everything
//! current.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::calls::Calls;
use app::directory::DeviceKind;
use app::port::{Handed, OpenOrder};
use app::principal::{DoorControl, Principal};
use bus::{Audience, Bus, Link, LinkId, Message, OnOutcome, Outcome};
use bytes::Bytes;
use engine::call::{Call, Notice, Version, owed, party_of};
use engine::id::{CallId, EndpointId};
use engine::time::Instant;

use crate::media::Media;
use crate::outbound::outgoing::{NOTICE_LIFE, Outgoing, Phone};
use crate::outbound::{fixed, own, unlock};
use crate::topics;

/// The least number of calls remembered per link before those that are over are forgotten.
const SAID_MAX: usize = 64;

pub(crate) struct Links {
    calls: Calls,
    media: Media,
    bus: Arc<dyn Bus>,
    by_endpoint: Mutex<HashMap<EndpointId, Vec<Arc<Side>>>>,
}

/// Our side of one link.
struct Side {
    link: Arc<Link<Principal>>,
    endpoint: EndpointId,
    /// Held while deciding what to say and saying it, so that notices leave in order.
    turn: Mutex<()>,
    heard: Mutex<Heard>,
    /// Something that was said did not arrive; to be said again by the next sweep.
    lost: AtomicBool,
}

struct Heard {
    topics: BTreeSet<Arc<str>>,
    said: HashMap<CallId, Version>,
    /// How many calls to remember before those that are over are forgotten: twice what was left the
    /// last time, so that looking through them costs little per call.
    prune_at: usize,
}

impl Default for Heard {
    fn default() -> Self {
        Self {
            topics: BTreeSet::new(),
            said: HashMap::new(),
            prune_at: SAID_MAX,
        }
    }
}

impl Side {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Links {
    pub(crate) fn new(calls: Calls, media: Media, bus: Arc<dyn Bus>) -> Self {
        Self {
            calls,
            media,
            bus,
            by_endpoint: Mutex::default(),
        }
    }

    pub(crate) fn open(&self, link: &Arc<Link<Principal>>) {
        let Some(actor) = link.principal.actor() else {
            return;
        };
        let side = Side {
            link: Arc::clone(link),
            endpoint: actor.endpoint,
            turn: Mutex::default(),
            heard: Mutex::default(),
            lost: AtomicBool::new(false),
        };
        self.map()
            .entry(side.endpoint.clone())
            .or_default()
            .push(Arc::new(side));
    }

    pub(crate) fn close(&self, link: &Link<Principal>) {
        let Some(actor) = link.principal.actor() else {
            return;
        };
        let mut map = self.map();
        if let Some(sides) = map.get_mut(&actor.endpoint) {
            sides.retain(|side| side.link.id != link.id);
            if sides.is_empty() {
                map.remove(&actor.endpoint);
            }
        }
    }

    /// The link listens to these topics as well: it is owed what is current there.
    pub(crate) fn listen(&self, link: &Link<Principal>, topics: &[Arc<str>]) {
        let Some(side) = self.find(link) else { return };
        side.heard().topics.extend(topics.iter().cloned());
        for call in self.calls.calls_of(&side.endpoint) {
            self.speak(&side, &call);
        }
    }

    pub(crate) fn ignore(&self, link: &Link<Principal>, topics: &[Arc<str>]) {
        if let Some(side) = self.find(link) {
            side.heard().topics.retain(|topic| !topics.contains(topic));
        }
    }

    /// Says on every link of the endpoint what it must hear of the call.
    pub(crate) fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        let sides = self.map().get(endpoint).cloned().unwrap_or_default();
        for side in sides {
            self.speak(&side, call);
        }
    }

    /// Hands an order to the newest link of the door that listens for it; to that one alone, so that
    /// a door with two connections opens once.
    pub(crate) fn open_lock(&self, order: &OpenOrder) -> Handed {
        if !matches!(order.device.kind, DeviceKind::Panel(_)) {
            return Handed::NotMine;
        }
        let endpoint = order.device.endpoint();
        let sides = self.map().get(&endpoint).cloned().unwrap_or_default();
        let listens = |side: &Arc<Side>| match &side.link.principal {
            Principal::Door(door) => {
                let topic = unlock::topic(door);
                let is_heard = side.heard().topics.contains(topic.as_str());
                is_heard.then_some((side.link.id, topic))
            }
            Principal::Resident(_) | Principal::Operator(_) => None,
        };
        let Some((link, topic)) = sides.iter().rev().find_map(listens) else {
            return Handed::Unreachable;
        };
        let lost = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&lost);
        let outcome: OnOutcome = Arc::new(move |outcome| {
            noted.fetch_or(outcome == Outcome::Lost, Ordering::AcqRel);
        });
        self.bus
            .publish(unlock::message(order, topic, link), Some(outcome));
        // Lost at once: the connection has gone or takes nothing, and nothing was written.
        if lost.load(Ordering::Acquire) {
            return Handed::Unreachable;
        }
        Handed::Sent
    }

    /// Says again what did not arrive on links that are still there.
    pub(crate) fn sweep(&self) {
        let sides: Vec<Arc<Side>> = self.map().values().flatten().cloned().collect();
        for side in sides
            .iter()
            .filter(|side| side.lost.swap(false, Ordering::Relaxed))
        {
            for call in self.calls.calls_of(&side.endpoint) {
                self.speak(side, &call);
            }
        }
    }

    fn find(&self, link: &Link<Principal>) -> Option<Arc<Side>> {
        let endpoint = link.principal.actor()?.endpoint;
        self.map()
            .get(&endpoint)?
            .iter()
            .find(|side| side.link.id == link.id)
            .cloned()
    }

    fn map(&self) -> MutexGuard<'_, HashMap<EndpointId, Vec<Arc<Side>>>> {
        self.by_endpoint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Two steps may wake a link at once, in either order: whoever has the turn says the newest.
    fn speak(&self, side: &Arc<Side>, call: &Arc<Call>) {
        let _turn = side.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let call = self.calls.newest(call);
        let Some(party) = party_of(&call, &side.endpoint) else {
            return;
        };
        let now = self.calls.now();
        let said = side
            .heard()
            .said
            .get(&call.id)
            .copied()
            .unwrap_or(Version::NONE);
        let Some((notice, version)) = owed(&call, party, said, now) else {
            return;
        };
        let mut messages = self.messages(side, &call, notice, now).into_iter();
        let Some(first) = messages.next() else { return };
        self.remember(side, &call.id, version);
        self.publish(
            side.link.id,
            first,
            Some(forget_if_lost(side, &call.id, version)),
        );
        messages.for_each(|message| self.publish(side.link.id, message, None));
    }

    /// The notice in the family of topics that the link listens to: its own, else the fixed ones.
    fn messages(&self, side: &Side, call: &Call, notice: Notice, now: Instant) -> Vec<Outgoing> {
        let topics = side.heard().topics.clone();
        let listens = |message: &Outgoing| topics.contains(message.topic.as_str());
        let message = match &side.link.principal {
            Principal::Door(door) => match door.control {
                DoorControl::Own => own::to_door(call, &door.device, notice, now),
                DoorControl::Fixed => fixed::to_door(call, notice, now),
            },
            Principal::Resident(one) => {
                let phone = Phone {
                    endpoint: &side.endpoint,
                    resident: &one.resident,
                    is_all: false,
                };
                // An offer is signed for its receiver, which is too dear to do for nobody.
                if topics.iter().any(|topic| topics::is_own(topic)) {
                    let mut own = own::to_phone(call, &phone, notice, &self.media, now);
                    own.retain(listens);
                    if !own.is_empty() {
                        return own;
                    }
                }
                fixed::to_phone(call, &phone, notice, &self.media, now)
            }
            Principal::Operator(_) => None,
        };
        message.into_iter().filter(listens).collect()
    }

    fn publish(&self, link: LinkId, message: Outgoing, outcome: Option<OnOutcome>) {
        let message = Message {
            topic: Arc::from(message.topic),
            payload: Bytes::from(message.payload),
            qos: message.qos,
            life: NOTICE_LIFE,
            offline: false,
            audience: Audience::Links(vec![link]),
        };
        self.bus.publish(message, outcome);
    }

    fn remember(&self, side: &Side, call: &CallId, version: Version) {
        let mut heard = side.heard();
        if heard.said.len() >= heard.prune_at {
            let current = self.calls.calls_of(&side.endpoint);
            let current: HashSet<&CallId> = current.iter().map(|call| &call.id).collect();
            heard.said.retain(|said, _| current.contains(said));
            heard.prune_at = SAID_MAX.max(2 * heard.said.len());
        }
        heard.said.insert(call.clone(), version);
    }
}

fn forget_if_lost(side: &Arc<Side>, call: &CallId, version: Version) -> OnOutcome {
    let (side, call) = (Arc::clone(side), call.clone());
    Arc::new(move |outcome| {
        let mut heard = side.heard();
        if outcome == Outcome::Lost && heard.said.get(&call) == Some(&version) {
            heard.said.remove(&call);
            side.lost.store(true, Ordering::Relaxed);
        }
    })
}
