//! What is committed at one moment: a flat and its alarms.
//!
//! Facts are loaded by the rounds that `facts_needed` asks for and nothing more, as the store loads
//! them.

use std::collections::BTreeMap;

use engine::alarm::{
    Alarm, Decision, Facts, Input, Place, Query, Site, Zone, decide, facts_needed,
};
use engine::id::AlarmId;
use engine::time::Instant;

/// The rule under test: the shipped `decide`, or a broken one.
pub(crate) type Rule = fn(Input, &Facts, Instant) -> Decision;

/// The committed state at `now`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) site: Site,
    /// In the order in which they were raised.
    pub(crate) alarms: BTreeMap<AlarmId, Alarm>,
    /// The first promise that a step broke; such a world goes no further.
    pub(crate) broken: Option<&'static str>,
}

impl World {
    /// A disarmed flat with these zones.
    pub(crate) fn with(zones: Vec<Zone>) -> Self {
        let place = Place {
            community: "gardens".into(),
            number: "301".into(),
        };
        let flat = Site::new("301".into(), place);
        let (now, flat_id) = (Instant::from_ms(0), flat.flat.clone());
        let empty = Self {
            now,
            site: flat,
            alarms: BTreeMap::new(),
            broken: None,
        };
        let input = Input::SetZones {
            flat: flat_id,
            zones,
        };
        let decision = empty.decide(decide, &input);
        empty.commit(&decision)
    }

    /// What `rule` decides on this state.
    pub(crate) fn decide(&self, rule: Rule, input: &Input) -> Decision {
        let mut facts = Facts::default();
        for _round in 0..2 {
            let query = facts_needed(input, &facts);
            self.answer(query, &mut facts);
        }
        rule(input.clone(), &facts, self.now)
    }

    /// The state after `decision`.
    pub(crate) fn commit(&self, decision: &Decision) -> Self {
        let mut after = self.clone();
        if let Some(site) = &decision.site {
            after.site = site.clone();
        }
        if let Some(alarm) = decision.alarm.as_ref().filter(|_| decision.is_changed) {
            after.alarms.insert(alarm.id.clone(), alarm.clone());
        }
        after
    }

    fn answer(&self, query: Query, facts: &mut Facts) {
        let Query { flat, zone, alarm } = query;
        facts.site = flat.map(|_| self.site.clone());
        if let Some(zone) = zone {
            let newest = self.alarms.values().rfind(|alarm| alarm.zone == zone);
            facts
                .newest
                .extend(newest.map(|alarm| (zone, alarm.clone())));
        }
        facts.alarm = alarm.and_then(|id| self.alarms.get(&id).cloned());
    }
}
