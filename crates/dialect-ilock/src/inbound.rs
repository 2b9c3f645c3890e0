//! What doors and phones publish on the controller topics: commands under the same rules as over
//! HTTP, never echoed.

use app::principal::Principal;
use engine::call::Input;
use engine::time::Instant;

use crate::command::{device_command, resident_command};
use crate::wire::ControlRequest;
use crate::words::Said;

/// The command in a published message, for the principal that published it.
pub(crate) fn publish_to_command(
    principal: &Principal,
    payload: &[u8],
    now: Instant,
) -> Result<Input, Said> {
    let request = ControlRequest::decode(payload)?;
    match principal {
        Principal::Door(door) => device_command(door, request),
        Principal::Resident(resident) => resident_command(resident, request, now),
        Principal::Operator(_) => Err(Said::SignInFirst),
    }
}
