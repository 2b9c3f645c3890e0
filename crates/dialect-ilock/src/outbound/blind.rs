//! Speaking through a broker that is not ours: nobody is seen to connect, and a message goes to
//! everyone who subscribes.
//!
//! So parties are told on the topics that are theirs alone, a resident's phones all at once, and
//! everyone hears on the fixed topics that something rings, but not where. As with links nothing is
//! queued: what the broker did not take, or may have lost, is pulled again from the committed state.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::calls::Calls;
use app::directory::RING_S;
use app::principal::{EndpointKind, endpoint_kind};
use bus::{Audience, Bus, Message, OnOutcome, Outcome};
use bytes::Bytes;
use engine::call::{Call, Notice, Phase, Version, owed, party_of};
use engine::id::{CallId, EndpointId};
use engine::time::Instant;

use crate::media::Media;
use crate::outbound::outgoing::{Outgoing, Phone};
use crate::outbound::{fixed, own};

/// The least number of things said that are remembered before those of calls that are over are
/// forgotten.
const SAID_MAX: usize = 4096;

pub(crate) struct Blind {
    calls: Calls,
    media: Media,
    bus: Arc<dyn Bus>,
    /// Whether the fixed topics are spoken on.
    has_fixed: bool,
    /// Held while deciding what to say and saying it, so that notices leave in order.
    turn: Mutex<()>,
    memory: Arc<Memory>,
}

/// Whom something was said to.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Ear {
    Own(EndpointId),
    Everyone,
}

struct Memory {
    said: Mutex<Said>,
    /// Something did not get to the broker; to be said again by the next sweep.
    lost: AtomicBool,
}

struct Said {
    versions: HashMap<(CallId, Ear), Version>,
    /// Twice what was left the last time, so that looking through them costs little per call.
    prune_at: usize,
}

impl Memory {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blind {
    pub(crate) fn new(calls: Calls, media: Media, bus: Arc<dyn Bus>, has_fixed: bool) -> Self {
        let said = Said {
            versions: HashMap::new(),
            prune_at: SAID_MAX,
        };
        Self {
            calls,
            media,
            bus,
            has_fixed,
            turn: Mutex::default(),
            memory: Arc::new(Memory {
                said: Mutex::new(said),
                lost: AtomicBool::new(false),
            }),
        }
    }

    /// Says what the endpoint must hear of the call, and what everyone must, if it is the caller.
    pub(crate) fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        self.speak(&Ear::Own(endpoint.clone()), endpoint, call);
        if self.has_fixed && call.caller == *endpoint {
            self.speak(&Ear::Everyone, endpoint, call);
        }
    }

    /// Says again what did not get to the broker.
    pub(crate) fn sweep(&self) {
        if self.memory.lost.swap(false, Ordering::Relaxed) {
            self.say_all();
        }
    }

    /// Says everything current again.
    pub(crate) fn renew(&self) {
        self.memory.said().versions.clear();
        self.say_all();
    }

    fn say_all(&self) {
        for call in self.calls.current() {
            let legs = call.legs.iter().map(|leg| &leg.endpoint);
            for endpoint in legs.chain([&call.caller]) {
                self.wake(endpoint, &call);
            }
        }
    }

    /// Two steps may wake an endpoint at once, in either order: whoever has the turn says the
    /// newest.
    fn speak(&self, ear: &Ear, endpoint: &EndpointId, call: &Arc<Call>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let call = self.calls.newest(call);
        let Some(party) = party_of(&call, endpoint) else {
            return;
        };
        let now = self.calls.now();
        let key = (call.id.clone(), ear.clone());
        let said = self.memory.said().versions.get(&key).copied();
        let said = said.unwrap_or(Version::NONE);
        let Some((notice, version)) = owed(&call, party, said, now) else {
            return;
        };
        let messages = match ear {
            Ear::Own(endpoint) => self.to_one(&call, endpoint, notice, now),
            Ear::Everyone => fixed::to_all(&call, notice, now),
        };
        let life = life(&call, notice, now);
        self.remember(&key, version);
        for message in messages {
            let outcome = forget_if_lost(&self.memory, &key, version);
            self.publish(message, life, outcome);
        }
    }

    fn to_one(
        &self,
        call: &Call,
        endpoint: &EndpointId,
        notice: Notice,
        now: Instant,
    ) -> Vec<Outgoing> {
        match endpoint_kind(endpoint) {
            Some(EndpointKind::Door(device)) => {
                let control = own::to_door(call, &device, notice, now);
                control.into_iter().collect()
            }
            Some(EndpointKind::Resident(resident)) => {
                let phone = Phone {
                    endpoint,
                    resident: &resident,
                    is_all: true,
                };
                own::to_phone(call, &phone, notice, &self.media, now)
            }
            Some(
                EndpointKind::Client(_)
                | EndpointKind::Screen(_)
                | EndpointKind::Centre(_)
                | EndpointKind::InnerBox(_),
            )
            | None => Vec::new(),
        }
    }

    fn publish(&self, message: Outgoing, life: Duration, outcome: OnOutcome) {
        let message = Message {
            topic: Arc::from(message.topic),
            payload: Bytes::from(message.payload),
            qos: message.qos,
            life,
            offline: false,
            audience: Audience::Everyone,
        };
        self.bus.publish(message, Some(outcome));
    }

    fn remember(&self, key: &(CallId, Ear), version: Version) {
        let mut said = self.memory.said();
        if said.versions.len() >= said.prune_at {
            let current = self.calls.current();
            let current: HashSet<&CallId> = current.iter().map(|call| &call.id).collect();
            said.versions.retain(|(call, _), _| current.contains(call));
            said.prune_at = SAID_MAX.max(2 * said.versions.len());
        }
        said.versions.insert(key.clone(), version);
    }
}

/// How long the broker may keep the notice for those who are away: an offer while it rings, and
/// whatever follows an offer no shorter than that may be, or it would ring with nothing to end it.
fn life(call: &Call, notice: Notice, now: Instant) -> Duration {
    match (&call.phase, notice) {
        (Phase::Alerting { ring_until, .. }, Notice::Offer | Notice::Ringing) => {
            ring_until.since(now)
        }
        _ => Duration::from_secs(*RING_S.end()),
    }
}

fn forget_if_lost(memory: &Arc<Memory>, key: &(CallId, Ear), version: Version) -> OnOutcome {
    let (memory, key) = (Arc::clone(memory), key.clone());
    Arc::new(move |outcome| {
        let mut said = memory.said();
        if outcome == Outcome::Lost && said.versions.get(&key) == Some(&version) {
            said.versions.remove(&key);
            memory.lost.store(true, Ordering::Relaxed);
        }
    })
}
