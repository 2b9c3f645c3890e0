//! One input, the facts, a moment: what changes.
//!
//! `decide` looks the call up and hands over to one function per input. All of them are total:
//! what does not fit the state is refused or ignored with a reason, never an error.

mod alert;
mod answer;
mod end;
mod timer;
mod invite;

pub use invite::PRESS_REPEAT;

use crate::call::input::{Decision, Facts, Input, Query, Refusal, Why};
use crate::call::state::Call;
use crate::id::{CallId, EndpointId};
use crate::time::Instant;

/// What to load before `input` can be decided, given what is `known` already.
///
/// Ask again with what was loaded until nothing new is asked for; two rounds suffice.
pub fn facts_needed(input: &Input, known: &Facts) -> Query {
    let mut query = Query::default();
    match input {
        Input::Invite { caller, plan, .. } => {
            query.calls_of = Some(caller.endpoint.clone());
            query.lines.push(caller.endpoint.clone());
            let targets = plan.stages.iter().flat_map(|stage| &stage.targets);
            query
                .lines
                .extend(targets.map(|target| target.endpoint.clone()));
            let own = known.calls.values().filter(|c| c.caller == caller.endpoint);
            query.lines.extend(own.flat_map(busy_endpoints));
        }
        Input::Claim { call, by, .. } => {
            query.calls.push(call.clone());
            query.lines.push(by.endpoint.clone());
        }
        Input::Join { call, target } => {
            query.calls.push(call.clone());
            query.lines.push(target.endpoint.clone());
        }
        Input::Decline { call, .. }
        | Input::GiveUp { call, .. }
        | Input::Hangup { call, .. }
        | Input::Deadline { call, .. }
        | Input::Opened { call }
        | Input::End { call, .. } => {
            query.calls.push(call.clone());
            query
                .lines
                .extend(known.calls.get(call).into_iter().flat_map(later_endpoints));
        }
    }
    query
}

/// A repress asks for these again, and the plan it comes with may differ from the first one.
fn busy_endpoints(call: &Call) -> impl Iterator<Item = EndpointId> + '_ {
    call.legs
        .iter()
        .filter(|leg| leg.is_busy())
        .map(|leg| leg.endpoint.clone())
}

fn later_endpoints(call: &Call) -> impl Iterator<Item = EndpointId> + '_ {
    call.later
        .iter()
        .flat_map(|stage| &stage.targets)
        .map(|target| target.endpoint.clone())
}

/// Decides one input.
pub fn decide(input: Input, facts: &Facts, now: Instant) -> Decision {
    match input {
        Input::Invite { call, caller, plan } => invite::invite(call, caller, plan, facts, now),
        Input::Claim { call, by, note } => {
            with_call(&call, facts, |c| answer::claim(c, by, note, facts, now))
        }
        Input::Decline {
            call,
            by,
            scope,
            note,
        } => with_call(&call, facts, |c| {
            answer::decline(c, &by, scope, note, facts, now)
        }),
        Input::GiveUp { call, by, gone } => {
            with_call(&call, facts, |c| answer::give_up(c, &by, gone, facts, now))
        }
        Input::Hangup { call, by, note } => {
            with_call(&call, facts, |c| end::hang_up(c, &by, note, facts, now))
        }
        Input::End { call, note } => {
            with_call(&call, facts, |c| end::end_by_operator(c, note, now))
        }
        Input::Join { call, target } => match facts.calls.get(&call) {
            Some(call) => alert::join(call, target, facts),
            None => Decision::ignored(Why::UnknownCall),
        },
        Input::Opened { call } => match facts.calls.get(&call) {
            Some(call) => end::end_opened(call, now),
            None => Decision::ignored(Why::UnknownCall),
        },
        Input::Deadline { call, version } => match facts.calls.get(&call) {
            Some(call) => timer::fire(call, version, facts, now),
            None => Decision::ignored(Why::UnknownCall),
        },
    }
}

fn with_call(id: &CallId, facts: &Facts, rule: impl FnOnce(&Call) -> Decision) -> Decision {
    match facts.calls.get(id) {
        Some(call) => rule(call),
        None => Decision::refused(Refusal::UnknownCall, None),
    }
}
