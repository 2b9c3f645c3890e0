//! A message on its way out, and the words both families share.

use std::time::Duration;

use app::principal::endpoint_device;
use engine::call::{Call, Outcome};
use engine::id::{EndpointId, ResidentId};

use crate::media::Hearing;

/// A notice that has not arrived within this time is news no more.
pub(super) const NOTICE_LIFE: Duration = Duration::from_secs(30);

/// A message ready to be published.
pub(super) struct Outgoing {
    pub(super) topic: String,
    pub(super) payload: Vec<u8>,
    pub(super) qos: u8,
}

/// Who hears what is said to a phone.
pub(super) struct Phone<'a> {
    pub(super) endpoint: &'a EndpointId,
    pub(super) resident: &'a ResidentId,
    /// All phones of the resident hear it, the one that decided included.
    pub(super) is_all: bool,
}

impl Phone<'_> {
    pub(super) fn hearing(&self) -> Hearing<'_> {
        if self.is_all {
            Hearing::AllOf(self.resident)
        } else {
            Hearing::One(self.endpoint)
        }
    }
}

/// The device that called; empty if it was none.
pub(crate) fn caller_device(call: &Call) -> String {
    endpoint_device(&call.caller)
        .map(|device| device.to_string())
        .unwrap_or_default()
}

/// What the party that ended the call wrote, else a word for the outcome.
pub(super) fn end_reason(call: &Call) -> String {
    let note = call.ended().and_then(|ended| ended.note.clone());
    note.unwrap_or_else(|| end_word(call).to_owned())
}

/// A word for the outcome.
pub(super) fn end_word(call: &Call) -> &'static str {
    let Some(ended) = call.ended() else {
        return "";
    };
    match ended.outcome {
        Outcome::Answered => "call_completed",
        Outcome::MaxDuration => "max_duration",
        Outcome::Declined => "rejected",
        Outcome::Busy => "line_busy",
        Outcome::NoAnswer => "ring_timeout",
        Outcome::Cancelled => "cancelled",
        Outcome::Unreachable => "unreachable",
        Outcome::Admin => "admin",
        Outcome::Unlocked => "unlocked",
    }
}
