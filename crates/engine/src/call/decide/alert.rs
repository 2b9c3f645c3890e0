//! Ringing: the next stage, a late joiner, the end of ringing without an answer.

use crate::call::input::{Decision, Facts, Why};
use crate::call::leg::{CloseReason, Leg};
use crate::call::plan::{LEGS_MAX, Scope, Stage, Target};
use crate::call::state::{Call, Cause, Ended, Outcome, Phase};
use crate::id::{CallId, EndpointId};
use crate::time::Instant;

/// Whether `endpoint`'s line is held by a call other than `but`.
pub(super) fn line_taken(facts: &Facts, endpoint: &EndpointId, but: Option<&CallId>) -> bool {
    facts
        .lines
        .get(endpoint)
        .is_some_and(|holder| Some(holder) != but)
}

/// A copy of `call` on its next version, to be changed.
pub(super) fn next_version(call: &Call) -> Call {
    let mut next = call.clone();
    next.version = call.version.next();
    next
}

/// Rings the next stage that has a free line. Without one, or without time left to ring, those
/// still ringing go on until the ring time ends, and without those the call ends.
///
/// `freed` is a call that ends in the same step, whose lines therefore count as free.
pub(super) fn ring_next_or_end(
    call: &mut Call,
    facts: &Facts,
    freed: Option<&CallId>,
    now: Instant,
) {
    let Phase::Alerting { ring_until, .. } = call.phase else {
        return;
    };
    while now < ring_until && !call.later.is_empty() {
        let stage = call.later.remove(0);
        let stage_until = (now + stage.ring).min(ring_until);
        if ring_stage(call, stage, facts, freed) {
            call.phase = Phase::Alerting {
                stage_until,
                ring_until,
            };
            return;
        }
    }
    if call.open_legs().next().is_some() {
        call.phase = Phase::Alerting {
            stage_until: ring_until,
            ring_until,
        };
    } else {
        end_unanswered(call, Cause::NobodyLeft, now);
    }
}

/// Adds the stage's legs; whether any of them rings.
fn ring_stage(call: &mut Call, stage: Stage, facts: &Facts, freed: Option<&CallId>) -> bool {
    let mut rings = false;
    for target in stage.targets {
        let is_known = target.endpoint == call.caller || call.find_leg(&target.endpoint).is_some();
        if is_known {
            continue;
        }
        call.legs
            .push(if line_taken(facts, &target.endpoint, freed) {
                Leg::busy(target, stage.keep)
            } else {
                rings = true;
                Leg::offered(target, stage.keep, call.version)
            });
    }
    rings
}

/// Ends a ringing call that nobody answered: in silence if its time is over, otherwise with the
/// best of what its legs met.
pub(super) fn end_unanswered(call: &mut Call, cause: Cause, now: Instant) {
    call.close_open(CloseReason::NoAnswer);
    call.later.clear();
    let met = |wanted: &[CloseReason]| {
        call.legs
            .iter()
            .filter_map(Leg::closed)
            .any(|reason| wanted.contains(&reason))
    };
    let outcome = if cause == Cause::Limit {
        Outcome::NoAnswer
    } else if met(&[CloseReason::Declined]) {
        Outcome::Declined
    } else if met(&[CloseReason::NoAnswer, CloseReason::StageOver]) {
        Outcome::NoAnswer
    } else if met(&[CloseReason::Busy]) {
        Outcome::Busy
    } else {
        Outcome::Unreachable
    };
    call.caller_changed = call.version;
    call.phase = Phase::Ended(Ended {
        outcome,
        cause,
        at: now,
        answer: None,
        note: None,
    });
}

/// Offers the running call to an endpoint that appears late: its household must still ring, its
/// resident must not have declined (unless declines speak for one device only), and no later stage
/// must be going to ring it. It gets the remaining time only.
pub(super) fn join(call: &Call, target: Target, facts: &Facts) -> Decision {
    if !call.is_alerting() {
        return Decision::ignored(Why::NotAlerting);
    }
    if target.endpoint == call.caller || call.find_leg(&target.endpoint).is_some() {
        return Decision::ignored(Why::AlreadyThere);
    }
    let planned: Vec<&Target> = call.later.iter().flat_map(|stage| &stage.targets).collect();
    let has_its_stage = planned.iter().any(|t| t.endpoint == target.endpoint);
    let is_full = call.legs.len() + planned.len() >= LEGS_MAX;
    if has_its_stage || is_full || !household_waits_for(call, &target) {
        return Decision::ignored(Why::NotAlerting);
    }
    if line_taken(facts, &target.endpoint, Some(&call.id)) {
        return Decision::ignored(Why::LineBusy);
    }
    let mut next = next_version(call);
    let keep = next
        .legs
        .iter()
        .any(|leg| leg.household == target.household && leg.is_open() && leg.keep);
    next.legs.push(Leg::offered(target, keep, next.version));
    Decision::changed(next)
}

fn household_waits_for(call: &Call, target: &Target) -> bool {
    let rings = call
        .legs
        .iter()
        .any(|leg| leg.household == target.household && leg.is_open());
    let speaks_for_others = call.declines != Some(Scope::Device);
    let declined = target.resident.is_some()
        && speaks_for_others
        && call.legs.iter().any(|leg| {
            leg.resident == target.resident
                && matches!(
                    leg.closed(),
                    Some(CloseReason::Declined | CloseReason::DeclinedElsewhere)
                )
        });
    rings && !declined
}
