//! One line of a transcript, and what both scripts must agree on when reading S0.
//!
//! Lines name calls and devices, never credentials.

use crate::wire::ControlMessage;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `door` or `phone`.
    pub who: &'static str,
    /// What, for people.
    pub text: String,
}

/// Where lines go. Called in the order of events, never concurrently.
pub type Say<'a> = dyn FnMut(Line) + Send + 'a;

/// Whether an action ends its call; S0 §3 has a device treat `hangup` and `ended` alike, and a
/// server may repeat the resident's own word.
pub(super) fn ends_call(action: &str) -> bool {
    matches!(
        action,
        "hangup" | "ended" | "cancelled" | "rejected" | "timeout"
    )
}

/// The reason as given, or the action itself where there is none.
pub(super) fn reason_of(message: ControlMessage) -> String {
    match message.reason {
        Some(reason) if !reason.is_empty() => reason,
        Some(_) | None => message.action,
    }
}

/// A message as a transcript shows it.
pub(super) fn describe(message: &ControlMessage) -> String {
    match &message.reason {
        Some(reason) => format!("hears {} ({reason})", message.action),
        None => format!("hears {}", message.action),
    }
}
