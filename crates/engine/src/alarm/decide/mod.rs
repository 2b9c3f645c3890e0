//! One input, the facts, a moment: what changes.
//!
//! All rules are total: what does not fit the state is refused or ignored with a reason, never an
//! error.

mod climb;
mod raise;
mod person;
mod arming;

use crate::alarm::input::{Decision, Facts, Input, Query, Refusal, Why};
use crate::time::Instant;

pub use raise::REPEAT;

/// What to load before `input` can be decided, given what is `known` already.
///
/// Ask again with what was loaded until nothing new is asked for; two rounds suffice.
pub fn facts_needed(input: &Input, known: &Facts) -> Query {
    match input {
        Input::Trigger { flat, zone, .. } => Query {
            flat: Some(flat.clone()),
            zone: Some(*zone),
            alarm: None,
        },
        Input::Lapse { flat, .. } => Query {
            flat: Some(flat.clone()),
            zone: known
                .site
                .as_ref()
                .and_then(|site| site.deadline())
                .map(|(_, zone, _)| zone),
            alarm: None,
        },
        Input::Arm { flat, .. } | Input::SetZones { flat, .. } => Query {
            flat: Some(flat.clone()),
            ..Query::default()
        },
        Input::Deadline { alarm, .. }
        | Input::Acknowledge { alarm, .. }
        | Input::Handle { alarm, .. }
        | Input::Close { alarm, .. } => Query {
            alarm: Some(alarm.clone()),
            ..Query::default()
        },
    }
}

/// Decides one input.
pub fn decide(input: Input, facts: &Facts, now: Instant) -> Decision {
    match input {
        Input::Trigger {
            zone, fresh, times, ..
        } => match &facts.site {
            Some(site) => raise::trigger(site, zone, facts, (fresh, times), now),
            None => Decision::refused(Refusal::UnknownFlat, None),
        },
        Input::Lapse {
            version,
            fresh,
            times,
            ..
        } => match &facts.site {
            Some(site) => raise::lapse(site, version, facts, (fresh, times), now),
            None => Decision::ignored(Why::Gone),
        },
        Input::Arm { mode, by, .. } => match &facts.site {
            Some(site) => arming::arm(site, mode, by, now),
            None => Decision::refused(Refusal::UnknownFlat, None),
        },
        Input::SetZones { zones, .. } => match &facts.site {
            Some(site) => arming::set_zones(site, zones, now),
            None => Decision::refused(Refusal::UnknownFlat, None),
        },
        Input::Deadline { version, .. } => match &facts.alarm {
            Some(alarm) => climb::fire(alarm, version, now),
            None => Decision::ignored(Why::Gone),
        },
        Input::Acknowledge { by, going, .. } => person::known(facts, &by, |alarm| {
            person::acknowledge(alarm, &by, going, now)
        }),
        Input::Handle { by, .. } => {
            person::known(facts, &by, |alarm| person::handle(alarm, &by, now))
        }
        Input::Close {
            by,
            outcome,
            reason,
            ..
        } => person::known(facts, &by, |alarm| {
            person::close(alarm, &by, outcome, reason, now)
        }),
    }
}
