//! The links of this dialect, and what has been said on each.
//!
//! Nothing is queued here: whenever a call changed or a link subscribed, what is owed is pulled
//! from the committed state. What was said is remembered per link, so a new link is owed everything
//! current.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::calls::Calls;
use app::principal::{DoorControl, Principal};
use bus::{Audience, Bus, Link, LinkId, Message, OnOutcome, Outcome};
use bytes::Bytes;
use engine::call::{Call, Notice, Version, owed, party_of};
use engine::id::{CallId, EndpointId};
use engine::time::Instant;

use crate::media::Media;
use crate::outbound::outgoing::Outgoing;
use crate::outbound::{fixed, own};

/// A notice that a live link has not taken within this time is news no more.
const NOTICE_LIFE: Duration = Duration::from_secs(30);

/// Calls remembered per link before those that are over are forgotten.
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
}

#[derive(Default)]
struct Heard {
    topics: BTreeSet<Arc<str>>,
    said: HashMap<CallId, Version>,
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
        let (own, fixed) = match &side.link.principal {
            Principal::Door(door) => match door.control {
                DoorControl::Own => (own::to_door(call, &door.device, notice, now), None),
                DoorControl::Fixed => (None, fixed::to_door(call, notice, now)),
            },
            Principal::Resident(one) => {
                let who = (&side.endpoint, &one.resident);
                let mut own = own::to_phone(call, who, notice, &self.media, now);
                own.retain(|message| side.heard().topics.contains(message.topic.as_str()));
                if !own.is_empty() {
                    return own;
                }
                (None, fixed::to_phone(call, who, notice, &self.media, now))
            }
            Principal::Operator(_) => (None, None),
        };
        let topics = &side.heard().topics;
        let said = own
            .or(fixed)
            .filter(|message| topics.contains(message.topic.as_str()));
        said.into_iter().collect()
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
        if heard.said.len() >= SAID_MAX {
            let current = self.calls.calls_of(&side.endpoint);
            heard
                .said
                .retain(|said, _| current.iter().any(|call| &call.id == said));
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
        }
    })
}
