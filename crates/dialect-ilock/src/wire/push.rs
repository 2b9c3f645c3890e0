//! The messages of S1 to a resident's own topics. Source: S1 §4.2.

use serde::Serialize;

use crate::wire::rtc::PushRoom;

/// `users/{user_id}/calls/incoming`
#[derive(Serialize)]
pub(crate) struct PushIncoming {
    pub(crate) call_id: String,
    pub(crate) caller_id: String,
    pub(crate) caller_info: Caller,
    pub(crate) timestamp: i64,
    pub(crate) room_info: PushRoom,
}

/// Who calls, for people.
#[derive(Serialize)]
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) location: String,
}

/// `users/{user_id}/calls/control`, and `devices/{device_id}/calls/control`.
#[derive(Serialize)]
pub(crate) struct PushControl {
    pub(crate) action: &'static str,
    pub(crate) call_id: String,
    pub(crate) timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The client that decided, in `answered_elsewhere` and `rejected_elsewhere`. An extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device_id: Option<String>,
}

/// `users/{user_id}/devices/sync`
#[derive(Serialize)]
pub(crate) struct PushSync {
    /// `accepted` or `rejected`.
    pub(crate) action: &'static str,
    /// The client that decided.
    pub(crate) device_id: String,
    pub(crate) call_id: String,
    pub(crate) timestamp: i64,
}
