//! The committed state as the store would keep it: calls, the lines they hold, what was told.
//!
//! Facts are loaded by the rounds that `facts_needed` asks for and nothing more, so that a rule
//! which looks at something it did not ask for is seen. A line held twice stops the test.

use std::collections::{BTreeMap, BTreeSet};

use crate::call::{
    Call, Decision, Facts, Input, Notice, Party, Query, Version, decide, facts_needed, owed,
};
use crate::id::{CallId, EndpointId};
use crate::time::Instant;

/// One notice that was delivered.
pub(super) struct Heard {
    pub(super) party: Party,
    pub(super) call: CallId,
    pub(super) notice: Notice,
    pub(super) version: Version,
}

/// Everything committed so far.
#[derive(Default)]
pub(super) struct World {
    pub(super) calls: BTreeMap<CallId, Call>,
    pub(super) offline: BTreeSet<EndpointId>,
    told: BTreeMap<(CallId, Party), Version>,
}

impl World {
    /// Decides one input and commits it.
    pub(super) fn step(&mut self, input: Input, now: Instant) -> Decision {
        let decision = decide(input.clone(), &self.load(&input), now);
        for call in &decision.changed {
            self.calls.insert(call.id.clone(), call.clone());
        }
        self.lines();
        decision
    }

    /// Which call holds which line.
    pub(super) fn lines(&self) -> BTreeMap<EndpointId, CallId> {
        let mut lines = BTreeMap::new();
        for call in self.calls.values() {
            for endpoint in call.lines() {
                let other = lines.insert(endpoint.clone(), call.id.clone());
                assert_eq!(other, None, "the line of {endpoint} is held twice");
            }
        }
        lines
    }

    /// Tells everyone who can hear what is owed.
    pub(super) fn deliver(&mut self, now: Instant) -> Vec<Heard> {
        let mut heard = Vec::new();
        for call in self.calls.values() {
            for party in parties(call) {
                let told = self
                    .told
                    .entry((call.id.clone(), party))
                    .or_insert(Version::NONE);
                let is_offline = self.offline.contains(endpoint_of(call, party));
                let Some((notice, version)) = owed(call, party, *told, now) else {
                    continue;
                };
                if !is_offline {
                    *told = version;
                    heard.push(Heard {
                        party,
                        call: call.id.clone(),
                        notice,
                        version,
                    });
                }
            }
        }
        heard
    }

    /// Forgets what `endpoint` was told, as a new connection of it does.
    pub(super) fn forget_told(&mut self, endpoint: &EndpointId) {
        let calls = &self.calls;
        self.told
            .retain(|(id, party), _| endpoint_of(&calls[id], *party) != endpoint);
    }

    fn load(&self, input: &Input) -> Facts {
        let mut facts = Facts::default();
        for _round in 0..2 {
            let query = facts_needed(input, &facts);
            self.answer(query, &mut facts);
        }
        let mut again = facts.clone();
        self.answer(facts_needed(input, &facts), &mut again);
        assert_eq!(again, facts, "a third round asks for more");
        facts
    }

    fn answer(&self, query: Query, facts: &mut Facts) {
        let lines = self.lines();
        let parts = |call: &&Call| {
            query.calls_of.as_ref().is_some_and(|endpoint| {
                call.lines().contains(&endpoint)
                    || call
                        .legs
                        .iter()
                        .any(|leg| leg.is_open() && &leg.endpoint == endpoint)
            })
        };
        let live = self.calls.values().filter(|call| call.ended().is_none());
        let asked = query.calls.iter().filter_map(|id| self.calls.get(id));
        facts.calls.extend(
            live.filter(parts)
                .chain(asked)
                .map(|call| (call.id.clone(), call.clone())),
        );
        for endpoint in query.lines {
            if let Some(holder) = lines.get(&endpoint) {
                facts.lines.insert(endpoint, holder.clone());
            }
        }
    }
}

/// The sides of `call`, the caller first.
pub(super) fn parties(call: &Call) -> impl Iterator<Item = Party> + use<> {
    let legs = (0..call.legs.len()).map(|no| Party::Leg(crate::call::LegNo(no)));
    std::iter::once(Party::Caller).chain(legs)
}

/// Which endpoint `party` is.
pub(super) fn endpoint_of(call: &Call, party: Party) -> &EndpointId {
    match party {
        Party::Caller => &call.caller,
        Party::Leg(no) => &call.legs[no.0].endpoint,
    }
}
