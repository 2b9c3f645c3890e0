//! A message on its way out, and the words both families share.

use app::principal::{EndpointKind, endpoint_kind};
use engine::call::{Call, Outcome};

/// A message ready to be published.
pub(super) struct Outgoing {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) qos: u8,
}

/// The device that called; empty if it was none.
pub(super) fn caller_device(call: &Call) -> String {
    match endpoint_kind(&call.caller) {
        Some(EndpointKind::Door(device)) => device.to_string(),
        Some(EndpointKind::Resident(_) | EndpointKind::Client(_)) | None => String::new(),
    }
}

/// What the party that ended the call wrote, else a word for the outcome.
pub(super) fn end_reason(call: &Call) -> String {
    let Some(ended) = call.ended() else {
        return String::new();
    };
    let word = match ended.outcome {
        Outcome::Answered => "call_completed",
        Outcome::MaxDuration => "max_duration",
        Outcome::Declined => "rejected",
        Outcome::Busy => "line_busy",
        Outcome::NoAnswer => "ring_timeout",
        Outcome::Cancelled => "cancelled",
        Outcome::Unreachable => "unreachable",
        Outcome::Admin => "admin",
    };
    ended.note.clone().unwrap_or_else(|| word.to_owned())
}
