//! From S0's actions to what they mean. Source: S0 §5.

use app::principal::{DoorPrincipal, ResidentPrincipal};
use engine::call::{Input, Scope};

use crate::wire::ControlRequest;
use crate::words::Said;

const DEVICE_ACTIONS: &[&str] = &["hangup", "cancelled"];
const RESIDENT_ACTIONS: &[&str] = &["answered", "rejected", "hangup", "timeout"];

/// A door's action. `ended` is accepted as a synonym of `hangup`; a cancel after the answer is a
/// hang-up and a hang-up before it a cancel, so all mean the same.
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

/// A resident's action. `rejected` speaks for the resident, `timeout` for the one phone that
/// stopped ringing.
pub(crate) fn resident_command(
    resident: &ResidentPrincipal,
    request: ControlRequest,
) -> Result<Input, Said> {
    let (call, by, note) = (request.call_id.into(), resident.actor(), request.reason);
    match request.action.as_str() {
        "answered" => Ok(Input::Claim { call, by, note }),
        "rejected" => Ok(Input::Decline {
            call,
            by,
            scope: Scope::Resident,
            note,
        }),
        "hangup" | "ended" => Ok(Input::Hangup { call, by, note }),
        "timeout" => Ok(Input::GiveUp { call, by }),
        _ => Err(Said::UnknownValue {
            field: "action",
            allowed: RESIDENT_ACTIONS,
        }),
    }
}
