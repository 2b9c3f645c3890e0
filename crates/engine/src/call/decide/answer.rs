//! What ringing endpoints say: yes, no, or nothing.

use crate::call::decide::alert::{line_taken, next_version, ring_next_or_end};
use crate::call::input::{Actor, Decision, Facts, Gone, Refusal};
use crate::call::leg::{CloseReason, LegNo, LegState};
use crate::call::plan::Scope;
use crate::call::state::{Answer, Call, Phase};
use crate::call::version::Version;
use crate::id::{EndpointId, FlatId, ResidentId};
use crate::time::Instant;

/// The first claim wins; the same hand's again is accepted again; all others learn who won.
pub(super) fn claim(
    call: &Call,
    by: Actor,
    note: Option<String>,
    facts: &Facts,
    now: Instant,
) -> Decision {
    let Some(no) = call.find_leg(&by.endpoint) else {
        return no_leg(call, &by.endpoint);
    };
    match &call.phase {
        Phase::Ended(_) => Decision::refused(Refusal::Ended, Some(call)),
        Phase::Active { answer, .. } if answer.is_by(no, &by.hand) => Decision::unchanged(call),
        Phase::Active { .. } => Decision::refused(Refusal::AnsweredElsewhere, Some(call)),
        Phase::Alerting { .. } if !call.legs[no.0].is_open() => {
            Decision::refused(Refusal::LegClosed, Some(call))
        }
        Phase::Alerting { .. } if line_taken(facts, &by.endpoint, Some(&call.id)) => {
            Decision::refused(Refusal::LineBusy, Some(call))
        }
        Phase::Alerting { .. } => win(call, &by, note, now),
    }
}

/// Makes `by`'s open leg the winner and closes all others.
pub(super) fn win(call: &Call, by: &Actor, note: Option<String>, now: Instant) -> Decision {
    let mut next = next_version(call);
    let Some(leg) = next.find_leg(&by.endpoint) else {
        return Decision::refused(Refusal::UnknownCall, None);
    };
    next.legs[leg.0].state = LegState::Won;
    next.legs[leg.0].changed = next.version;
    next.close_open(CloseReason::AnsweredElsewhere);
    next.later.clear();
    next.caller_changed = next.version;
    next.phase = Phase::Active {
        answer: Answer {
            leg,
            hand: by.hand.clone(),
            at: now,
            note,
        },
        until: now + next.talk,
    };
    Decision::changed(next)
}

/// Closes the actor's leg and those of the call's scope, or of the actor's where the call has none.
/// The caller hears of it only when nobody is left.
pub(super) fn decline(
    call: &Call,
    by: &Actor,
    scope: Scope,
    note: Option<String>,
    facts: &Facts,
    now: Instant,
) -> Decision {
    let Some(no) = call.find_leg(&by.endpoint) else {
        return no_leg(call, &by.endpoint);
    };
    if !call.legs[no.0].is_open() {
        return decline_again(call, no, by);
    }
    let mut next = next_version(call);
    next.close(no, CloseReason::Declined);
    decline_elsewhere(&mut next, no, call.declines.unwrap_or(scope));
    if next.open_legs().next().is_none() {
        ring_next_or_end(&mut next, facts, None, now);
        if let Phase::Ended(ended) = &mut next.phase {
            ended.note = note;
        }
    }
    Decision::changed(next)
}

/// Closes whatever else the decline speaks for: legs that ring, those whose busy line a repress
/// might find free, and targets of stages to come.
fn decline_elsewhere(call: &mut Call, no: LegNo, scope: Scope) {
    let decliner = call.legs[no.0].clone();
    let speaks_for = |resident: Option<&ResidentId>, household: &FlatId| match scope {
        Scope::Device => false,
        Scope::Resident => resident.is_some() && resident == decliner.resident.as_ref(),
        Scope::Household => *household == decliner.household,
    };
    for other in 0..call.legs.len() {
        let leg = &mut call.legs[other];
        if !speaks_for(leg.resident.as_ref(), &leg.household) {
            continue;
        }
        let was_offered = leg.changed > Version::NONE;
        if leg.is_open() || leg.is_busy() && was_offered {
            call.close(LegNo(other), CloseReason::DeclinedElsewhere);
        } else if leg.is_busy() {
            leg.state = LegState::Closed(CloseReason::DeclinedElsewhere);
        }
    }
    for stage in &mut call.later {
        stage
            .targets
            .retain(|target| !speaks_for(target.resident.as_ref(), &target.household));
    }
}

/// A decline by a leg that is no longer open, answered from the state.
fn decline_again(call: &Call, no: LegNo, by: &Actor) -> Decision {
    let refusal = match call.legs[no.0].state {
        LegState::Closed(CloseReason::Declined | CloseReason::DeclinedElsewhere) => {
            return Decision::unchanged(call);
        }
        LegState::Closed(CloseReason::AnsweredElsewhere) => Refusal::AnsweredElsewhere,
        LegState::Won | LegState::Offered => not_before_hanging_up(call, by),
        LegState::Closed(_) if call.ended().is_some() => Refusal::Ended,
        LegState::Closed(_) => Refusal::LegClosed,
    };
    Decision::refused(refusal, Some(call))
}

/// The winner must hang up; the other hands of its endpoint learn that they lost.
fn not_before_hanging_up(call: &Call, by: &Actor) -> Refusal {
    match call.answer() {
        Some(answer) if answer.hand != by.hand => Refusal::AnsweredElsewhere,
        Some(_) | None => Refusal::WrongState,
    }
}

/// The refusal of an endpoint that was not rung: a stranger learns nothing, the caller the truth.
pub(super) fn no_leg(call: &Call, endpoint: &EndpointId) -> Decision {
    if endpoint != &call.caller {
        return Decision::refused(Refusal::UnknownCall, None);
    }
    let refusal = match call.ended() {
        Some(_) => Refusal::Ended,
        None => Refusal::WrongState,
    };
    Decision::refused(refusal, Some(call))
}

/// The endpoint does not ring. That is no refusal, and it closes no other leg.
pub(super) fn give_up(
    call: &Call,
    by: &Actor,
    gone: Gone,
    facts: &Facts,
    now: Instant,
) -> Decision {
    let Some(no) = call.find_leg(&by.endpoint) else {
        return no_leg(call, &by.endpoint);
    };
    match call.legs[no.0].state {
        LegState::Won => Decision::refused(not_before_hanging_up(call, by), Some(call)),
        LegState::Closed(_) => Decision::unchanged(call),
        LegState::Offered => {
            let mut next = next_version(call);
            let reason = match gone {
                Gone::Silent => CloseReason::NoAnswer,
                Gone::Busy => CloseReason::Busy,
                Gone::Unreachable => CloseReason::Unreachable,
            };
            next.close(no, reason);
            if next.open_legs().next().is_none() {
                ring_next_or_end(&mut next, facts, None, now);
            }
            Decision::changed(next)
        }
    }
}
