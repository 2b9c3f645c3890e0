//! The links of this dialect, and what has been said on each.
//!
//! Nothing is queued here: whenever a call changed or a link subscribed, what is owed is pulled
//! from the committed state. What was said is remembered per link, so a new link is owed everything
//! current.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::calls::Calls;
use bus::{Audience, Bus, LinkId, Message, OnOutcome, Outcome};
use bytes::Bytes;
use engine::call::{Call, Version, owed, party_of};
use engine::id::{CallId, EndpointId};

use crate::media::Media;
use crate::outbound::message::{message, topic};

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
    link: LinkId,
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

    pub(crate) fn open(&self, link: LinkId, endpoint: EndpointId) {
        let side = Side {
            link,
            endpoint,
            turn: Mutex::default(),
            heard: Mutex::default(),
        };
        self.map()
            .entry(side.endpoint.clone())
            .or_default()
            .push(Arc::new(side));
    }

    pub(crate) fn close(&self, link: LinkId, endpoint: &EndpointId) {
        let mut map = self.map();
        if let Some(sides) = map.get_mut(endpoint) {
            sides.retain(|side| side.link != link);
            if sides.is_empty() {
                map.remove(endpoint);
            }
        }
    }

    /// The link listens to these topics as well: it is owed what is current there.
    pub(crate) fn listen(&self, link: LinkId, endpoint: &EndpointId, topics: &[Arc<str>]) {
        let Some(side) = self.find(link, endpoint) else {
            return;
        };
        side.heard().topics.extend(topics.iter().cloned());
        for call in self.calls.calls_of(endpoint) {
            self.speak(&side, &call);
        }
    }

    pub(crate) fn ignore(&self, link: LinkId, endpoint: &EndpointId, topics: &[Arc<str>]) {
        if let Some(side) = self.find(link, endpoint) {
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

    fn find(&self, link: LinkId, endpoint: &EndpointId) -> Option<Arc<Side>> {
        let map = self.map();
        map.get(endpoint)?
            .iter()
            .find(|side| side.link == link)
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
        let listens =
            topic(&side.endpoint, notice).is_some_and(|topic| side.heard().topics.contains(topic));
        if !listens {
            return;
        }
        let Some(outgoing) = message(&call, &side.endpoint, notice, &self.media, now) else {
            return;
        };
        self.remember(side, &call.id, version);
        let message = Message {
            topic: Arc::from(outgoing.topic),
            payload: Bytes::from(outgoing.payload),
            qos: 1,
            life: NOTICE_LIFE,
            audience: Audience::Links(vec![side.link]),
        };
        self.bus
            .publish(message, Some(forget_if_lost(side, &call.id, version)));
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
