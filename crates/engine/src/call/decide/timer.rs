//! Deadlines: the stage's, the ring time's, the talk limit's.

use crate::call::decide::alert::{end_unanswered, next_version, ring_next_or_end};
use crate::call::decide::end;
use crate::call::input::{Decision, Facts, Why};
use crate::call::leg::CloseReason;
use crate::call::state::{Call, Cause, Phase};
use crate::call::version::Version;
use crate::time::Instant;

/// Fires a deadline. One armed in an older version, or not yet due, changes nothing: so a firing
/// may be late, early, doubled or from another node.
pub(super) fn fire(call: &Call, armed: Version, facts: &Facts, now: Instant) -> Decision {
    let due = call.deadline().is_some_and(|deadline| deadline <= now);
    if armed != call.version || !due {
        return Decision::ignored(Why::StaleDeadline);
    }
    let next = match call.phase {
        Phase::Alerting { ring_until, .. } if ring_until <= now => {
            let mut next = next_version(call);
            end_unanswered(&mut next, Cause::Limit, now);
            next
        }
        Phase::Alerting { .. } => stage_over(call, facts, now),
        Phase::Active { .. } | Phase::Ended(_) => end::end_at_talk_limit(call, now),
    };
    Decision::changed(next)
}

/// The stage's time is over: the next one rings, with or without those who rang so far. After the
/// last stage nobody is left.
fn stage_over(call: &Call, facts: &Facts, now: Instant) -> Call {
    let mut next = next_version(call);
    if next.later.is_empty() {
        end_unanswered(&mut next, Cause::Limit, now);
        return next;
    }
    let leaving: Vec<_> = next
        .open_legs()
        .filter(|leg| !next.legs[leg.0].keep)
        .collect();
    for leg in leaving {
        next.close(leg, CloseReason::StageOver);
    }
    ring_next_or_end(&mut next, facts, None, now);
    next
}
