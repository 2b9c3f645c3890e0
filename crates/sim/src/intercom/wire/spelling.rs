//! Names of messages, which both directions must agree on.

pub(super) const REQUEST: &str = "call_req";
pub(super) const ACCEPT: &str = "call_accept";
pub(super) const REJECT: &str = "call_reject";
pub(super) const END: &str = "call_end";
pub(super) const KEEP: &str = "call_keep";
pub(super) const OPEN_DOOR: &str = "open_door";
pub(super) const JOIN: &str = "join_family";
pub(super) const JOIN_ACCEPT: &str = "join_accept";
pub(super) const JOIN_REJECT: &str = "join_reject";
/// The document's name (S3 §4.1).
pub(super) const ALARM_DOCUMENT: &str = "seczone_emergency";
/// The field's name.
pub(super) const ALARM_FIELD: &str = "emergency";
/// An extension.
pub(super) const ALARM_TAKEN: &str = "emergency_ack";
