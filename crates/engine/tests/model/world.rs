//! What is committed at one moment: calls, lines, what was told; and how a step changes it.
//!
//! A restart leaves exactly this. Facts are loaded by the rounds that `facts_needed` asks for and
//! nothing more, as the store loads them.

use std::collections::{BTreeMap, BTreeSet};

use engine::call::{Call, Decision, Facts, Input, LegNo, Party, Query, Version, facts_needed};
use engine::id::{CallId, EndpointId};
use engine::time::Instant;

use crate::step::Promise;

/// The rule under test: the shipped `decide`, or a broken one.
pub(crate) type Rule = fn(Input, &Facts, Instant) -> Decision;

/// The committed state at `now`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) calls: BTreeMap<CallId, Call>,
    /// Endpoints whose line a call outside of the model holds.
    pub(crate) elsewhere: BTreeSet<EndpointId>,
    /// What each followed party acknowledged last.
    pub(crate) told: BTreeMap<(CallId, Party), Version>,
    /// The endpoints whose hearing is followed.
    pub(crate) followed: BTreeSet<EndpointId>,
    /// The first promise that a step broke; such a world goes no further.
    pub(crate) broken: Option<Promise>,
}

impl World {
    /// Nobody has pressed anything yet.
    pub(crate) fn empty() -> Self {
        Self {
            now: Instant::from_ms(0),
            calls: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            told: BTreeMap::new(),
            followed: BTreeSet::new(),
            broken: None,
        }
    }

    /// What `rule` decides on this state.
    pub(crate) fn decide(&self, rule: Rule, input: &Input) -> Decision {
        rule(input.clone(), &self.load(input), self.now)
    }

    /// The state after `decision`.
    pub(crate) fn commit(&self, decision: &Decision) -> Self {
        let mut after = self.clone();
        for call in &decision.changed {
            after.calls.insert(call.id.clone(), call.clone());
        }
        after
    }

    /// Every line that is held, once for each holder; none is a call outside of the model.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&EndpointId, Option<&CallId>)> {
        let elsewhere = self.elsewhere.iter().map(|endpoint| (endpoint, None));
        let lines_of = |call| {
            Call::lines(call)
                .into_iter()
                .map(|line| (line, Some(&call.id)))
        };
        elsewhere.chain(self.calls.values().flat_map(lines_of))
    }

    /// The call whose line `endpoint` is in.
    pub(crate) fn find_line(&self, endpoint: &EndpointId) -> Option<CallId> {
        let (_, holder) = self.lines().find(|(held, _)| *held == endpoint)?;
        Some(holder.cloned().unwrap_or_else(|| CallId::from("outside")))
    }

    fn load(&self, input: &Input) -> Facts {
        let mut facts = Facts::default();
        for _round in 0..2 {
            let query = facts_needed(input, &facts);
            self.answer(query, &mut facts);
        }
        facts
    }

    fn answer(&self, query: Query, facts: &mut Facts) {
        if let Some(endpoint) = &query.calls_of {
            let parts = |call: &&Call| {
                call.lines().contains(&endpoint)
                    || call
                        .legs
                        .iter()
                        .any(|leg| leg.is_open() && &leg.endpoint == endpoint)
            };
            let live = self.calls.values().filter(|call| call.ended().is_none());
            for call in live.filter(parts) {
                facts.calls.insert(call.id.clone(), call.clone());
            }
        }
        for id in query.calls {
            if let Some(call) = self.calls.get(&id) {
                facts.calls.insert(id, call.clone());
            }
        }
        for endpoint in query.lines {
            if let Some(holder) = self.find_line(&endpoint) {
                facts.lines.insert(endpoint, holder);
            }
        }
    }
}

/// The sides of `call`, the caller first.
pub(crate) fn parties(call: &Call) -> impl Iterator<Item = Party> + use<> {
    let legs = (0..call.legs.len()).map(|no| Party::Leg(LegNo(no)));
    std::iter::once(Party::Caller).chain(legs)
}

/// Which endpoint `party` is.
pub(crate) fn endpoint_of(call: &Call, party: Party) -> &EndpointId {
    match party {
        Party::Caller => &call.caller,
        Party::Leg(no) => &call.legs[no.0].endpoint,
    }
}
