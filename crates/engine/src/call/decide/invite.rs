//! A press: a new call, a repress, a replacement, or the answer to a call that is already there.

use std::time::Duration;

use crate::call::decide::alert::{line_taken, next_version, ring_next_or_end};
use crate::call::decide::{answer, end};
use crate::call::input::{Actor, Decision, Facts, Refusal, Verdict};
use crate::call::leg::LegState;
use crate::call::plan::Plan;
use crate::call::state::{Answer, Call, Outcome, Phase};
use crate::call::version::Version;
use crate::id::CallId;
use crate::time::Instant;

/// A press this soon after the answer that it would hang up on is the former press, sent again
/// because its reply was late.
pub const PRESS_REPEAT: Duration = Duration::from_secs(5);

/// Decides a press.
///
/// - The caller rings the same target already: repress, never a second call. So it is when that was
///   answered just now.
/// - The caller has another call of its own: that one ends, the new one begins. A door is the
///   authority on its own button, and one that restarted in mid-call must not be locked out.
/// - The caller has answered a call: busy, unless the hand that answered calls that party back.
/// - Somebody in the plan is ringing the caller: the press is the answer (glare).
pub(super) fn invite(
    id: CallId,
    caller: Actor,
    plan: Plan,
    facts: &Facts,
    now: Instant,
) -> Decision {
    if !plan.is_within_limits() {
        return Decision::refused(Refusal::TooMany, None);
    }
    let held = facts
        .lines
        .get(&caller.endpoint)
        .and_then(|holder| facts.calls.get(holder));
    if let Some(decision) = held.and_then(|held| stay(held, &caller, &plan, facts, now)) {
        return decision;
    }
    let replaced = held.map(|held| end::replace(held, now));
    let freed = replaced.as_ref().map(|call| call.id.clone());
    let mut decision = match find_glare(&caller, &plan, facts) {
        Some(ringing) => answer::win(ringing, &caller, None, now),
        None => place(id, caller, plan, facts, freed.as_ref(), now),
    };
    decision.changed.extend(replaced);
    decision
}

/// The decision that leaves the caller in the call that holds its line; none if the press replaces
/// that call.
fn stay(held: &Call, caller: &Actor, plan: &Plan, facts: &Facts, now: Instant) -> Option<Decision> {
    let is_fresh = |answer: &Answer| now.since(answer.at) < PRESS_REPEAT;
    let answer = held.answer();
    if held.caller == caller.endpoint {
        return match answer {
            _ if held.dialled != plan.dialled => None,
            None => Some(repress(held, facts)),
            Some(answer) => is_fresh(answer).then(|| Decision::unchanged(held)),
        };
    }
    let is_winner = answer.is_some_and(|answer| answer.hand == caller.hand);
    if !is_winner || !plan.rings(&held.caller) {
        return Some(Decision::refused(Refusal::LineBusy, Some(held)));
    }
    answer
        .is_some_and(is_fresh)
        .then(|| Decision::unchanged(held))
}

/// The call by which somebody in the plan is ringing the caller at this moment.
fn find_glare<'a>(caller: &Actor, plan: &Plan, facts: &'a Facts) -> Option<&'a Call> {
    facts.calls.values().find(|call| {
        let rings_caller = call
            .find_leg(&caller.endpoint)
            .is_some_and(|leg| call.legs[leg.0].is_open());
        call.is_alerting() && rings_caller && plan.rings(&call.caller)
    })
}

/// Offers the call again to endpoints whose line was taken and is free now.
fn repress(call: &Call, facts: &Facts) -> Decision {
    let mut next = next_version(call);
    let mut offered = false;
    for leg in &mut next.legs {
        if leg.is_busy() && !line_taken(facts, &leg.endpoint, None) {
            leg.state = LegState::Offered;
            leg.changed = next.version;
            offered = true;
        }
    }
    if offered {
        Decision::changed(next)
    } else {
        Decision::unchanged(call)
    }
}

fn place(
    id: CallId,
    caller: Actor,
    plan: Plan,
    facts: &Facts,
    freed: Option<&CallId>,
    now: Instant,
) -> Decision {
    let version = Version::NONE.next();
    let ring_until = now + plan.ring;
    let mut call = Call {
        id,
        version,
        caller: caller.endpoint,
        caller_changed: version,
        dialled: plan.dialled,
        created: now,
        talk: plan.talk,
        preview: plan.preview,
        declines: plan.declines,
        unlock_ends: plan.unlock_ends,
        scene: plan.scene,
        phase: Phase::Alerting {
            stage_until: ring_until,
            ring_until,
        },
        legs: Vec::new(),
        later: plan.stages,
    };
    ring_next_or_end(&mut call, facts, freed, now);
    let verdict = match call.ended().map(|ended| ended.outcome) {
        None => Verdict::Accepted,
        Some(Outcome::Busy) => Verdict::Refused(Refusal::Busy),
        Some(_) => Verdict::Refused(Refusal::Unreachable),
    };
    Decision {
        verdict,
        call: Some(call.clone()),
        changed: vec![call],
    }
}
