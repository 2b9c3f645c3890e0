//! From actions to what they mean. Source: S0 §5; S1 §2.2.2.

use std::time::Duration;

use app::principal::{DoorPrincipal, ResidentPrincipal};
use engine::call::{Actor, Gone, Input, Scope};
use engine::time::Instant;

use crate::wire::ControlRequest;
use crate::words::Said;

/// How far a phone's or operator's timestamp may be from the server's time before the message
/// counts as a replay. Doors are exempt: their clocks never decide.
const REPLAY_WINDOW: Duration = Duration::from_secs(5 * 60);

const DEVICE_ACTIONS: &[&str] = &["hangup", "cancelled"];
const RESIDENT_ACTIONS: &[&str] = &["answered", "rejected", "hangup", "timeout"];
const CALLEE_ACTIONS: &[&str] = &["accepted", "rejected", "hangup", "timeout"];

/// Refuses a message whose timestamp is outside the replay window.
pub(crate) fn check_timestamp(shown: Option<i64>, now: Instant) -> Result<(), Said> {
    let window_ms = REPLAY_WINDOW.as_millis();
    match shown {
        Some(ms) if u128::from(ms.abs_diff(now.ms())) > window_ms => Err(Said::StaleTimestamp),
        Some(_) | None => Ok(()),
    }
}

/// A door's action, the same in S0 and S1. `ended` is accepted as a synonym of `hangup`; a cancel
/// after the answer is a hang-up and a hang-up before it a cancel, so all mean the same.
pub(crate) fn device_command(door: &DoorPrincipal, request: ControlRequest) -> Result<Input, Said> {
    match request.action.as_str() {
        "hangup" | "cancelled" | "ended" => Ok(Input::Hangup {
            call: request.call_id.into(),
            by: door.actor(),
            note: request.reason,
        }),
        _ => Err(Said::UnknownValue {
            field: "action",
            allowed: DEVICE_ACTIONS,
        }),
    }
}

/// A resident's action in S0's words.
pub(crate) fn resident_command(
    resident: &ResidentPrincipal,
    request: ControlRequest,
    now: Instant,
) -> Result<Input, Said> {
    callee_command(resident, request, now, "answered", RESIDENT_ACTIONS)
}

/// A resident's action in S1's words.
pub(crate) fn push_command(
    resident: &ResidentPrincipal,
    request: ControlRequest,
    now: Instant,
) -> Result<Input, Said> {
    callee_command(resident, request, now, "accepted", CALLEE_ACTIONS)
}

/// The same done by another actor.
pub(crate) fn done_by(mut input: Input, actor: Actor) -> Input {
    if let Input::Claim { by, .. }
    | Input::Decline { by, .. }
    | Input::GiveUp { by, .. }
    | Input::Hangup { by, .. } = &mut input
    {
        *by = actor;
    }
    input
}

/// `rejected` speaks for the resident, where the call's community says nothing else; `timeout` for
/// the one phone that stopped ringing.
fn callee_command(
    resident: &ResidentPrincipal,
    request: ControlRequest,
    now: Instant,
    claim: &str,
    allowed: &'static [&'static str],
) -> Result<Input, Said> {
    check_timestamp(request.timestamp, now)?;
    let (call, by, note) = (request.call_id.into(), resident.actor(), request.reason);
    match request.action.as_str() {
        action if action == claim => Ok(Input::Claim { call, by, note }),
        "rejected" => Ok(Input::Decline {
            call,
            by,
            scope: Scope::Resident,
            note,
        }),
        "hangup" | "ended" => Ok(Input::Hangup { call, by, note }),
        "timeout" => Ok(Input::GiveUp {
            call,
            by,
            gone: Gone::Silent,
        }),
        _ => Err(Said::UnknownValue {
            field: "action",
            allowed,
        }),
    }
}
