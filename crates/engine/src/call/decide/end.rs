//! Putting the receiver down: by the caller, the winner, one who rings, an operator, the door's
//! opening, or a new call of the same caller.

use crate::call::decide::alert::next_version;
use crate::call::decide::answer;
use crate::call::input::{Actor, Decision, Facts, Refusal, Why};
use crate::call::leg::{CloseReason, LegNo, LegState};
use crate::call::plan::Scope;
use crate::call::state::{Call, Cause, Ended, Outcome, Phase};
use crate::time::Instant;

/// Ends the call if the actor is the caller or the winner, declines if it still rings, and refuses
/// otherwise. Repeating it is accepted.
pub(super) fn hang_up(
    call: &Call,
    by: &Actor,
    note: Option<String>,
    facts: &Facts,
    now: Instant,
) -> Decision {
    if by.endpoint == call.caller {
        return match &call.phase {
            Phase::Ended(_) => Decision::unchanged(call),
            Phase::Alerting { .. } | Phase::Active { .. } => {
                Decision::changed(end(call, Cause::Caller, note, now))
            }
        };
    }
    let Some(no) = call.find_leg(&by.endpoint) else {
        return answer::no_leg(call, &by.endpoint);
    };
    if call.legs[no.0].is_open() {
        return answer::decline(call, by, Scope::Resident, note, facts, now);
    }
    match (&call.phase, call.answer()) {
        (_, Some(answer)) if !answer.is_by(no, &by.hand) => {
            Decision::refused(Refusal::AnsweredElsewhere, Some(call))
        }
        (Phase::Active { .. }, Some(_)) => Decision::changed(end(call, Cause::Leg(no), note, now)),
        (_, Some(_)) => Decision::unchanged(call),
        (_, None) => hang_up_unanswered(call, no),
    }
}

/// A closed leg of a call that nobody answered hangs up: fine if that is what it did before.
fn hang_up_unanswered(call: &Call, no: LegNo) -> Decision {
    match call.legs[no.0].closed() {
        Some(CloseReason::Declined | CloseReason::DeclinedElsewhere) => Decision::unchanged(call),
        _ if call.ended().is_some() => Decision::refused(Refusal::Ended, Some(call)),
        _ => Decision::refused(Refusal::LegClosed, Some(call)),
    }
}

/// Ends the call for an operator, whatever its phase.
pub(super) fn end_by_operator(call: &Call, note: Option<String>, now: Instant) -> Decision {
    if call.ended().is_some() {
        return Decision::unchanged(call);
    }
    Decision::changed(end(call, Cause::Operator, note, now))
}

/// Ends the ringing because the door was opened, where the plan says so. A conversation goes on: who
/// talks sees the visitor come in.
pub(super) fn end_opened(call: &Call, now: Instant) -> Decision {
    if !call.is_alerting() || !call.unlock_ends {
        return Decision::ignored(Why::NotAlerting);
    }
    Decision::changed(end(call, Cause::Opening, None, now))
}

/// Ends the caller's or winner's present call because it places a new one.
pub(super) fn replace(call: &Call, now: Instant) -> Call {
    end(call, Cause::Superseded, None, now)
}

/// Ends an answered call at its talk limit.
pub(super) fn end_at_talk_limit(call: &Call, now: Instant) -> Call {
    end(call, Cause::Limit, None, now)
}

fn end(call: &Call, cause: Cause, note: Option<String>, now: Instant) -> Call {
    let mut next = next_version(call);
    let answer = call.answer().cloned();
    let outcome = match (cause, &answer) {
        (Cause::Operator, _) => Outcome::Admin,
        (Cause::Opening, None) => Outcome::Unlocked,
        (Cause::Limit, Some(_)) => Outcome::MaxDuration,
        (_, Some(_)) => Outcome::Answered,
        (_, None) => Outcome::Cancelled,
    };
    let by_operator = cause == Cause::Operator;
    let ringing_ends = match cause {
        Cause::Operator => CloseReason::Admin,
        Cause::Opening => CloseReason::HandledByUnlock,
        Cause::Caller | Cause::Superseded | Cause::Leg(_) | Cause::Limit | Cause::NobodyLeft => {
            CloseReason::Cancelled
        }
    };
    let talking_ends = if by_operator {
        CloseReason::Admin
    } else {
        CloseReason::HungUp
    };
    next.close_open(ringing_ends);
    if let Some(answer) = &answer
        && next.legs[answer.leg.0].state == LegState::Won
    {
        next.close(answer.leg, talking_ends);
    }
    next.later.clear();
    next.caller_changed = next.version;
    next.phase = Phase::Ended(Ended {
        outcome,
        cause,
        at: now,
        answer,
        note,
    });
    next
}
