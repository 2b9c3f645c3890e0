//! Request and answer bodies of the HTTP interface.
//!
//! Answers are the envelope's `data`; the envelope itself belongs to `http`.
//! Source: S0 §4.1 to §4.6.

use serde::{Deserialize, Serialize};

use super::rtc::Rtc;

/// The answer to a press (§4.1). Without `Debug`: it holds credentials.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Pressed {
    /// The new call's id.
    pub call_id: String,
    /// The door itself.
    pub device_device_id: String,
    /// Everyone who is being rung.
    pub target_resident_ids: Vec<String>,
    /// Milliseconds since the epoch, by the server's clock.
    pub timestamp: i64,
    /// The room, and the door's way in.
    #[serde(rename = "tencen_rtc")]
    pub rtc: Rtc,
    /// Where the call stands at once: `ringing`.
    pub call_info: CallState,
}

/// The first state of a call (§4.1, `call_info`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallState {
    /// `ringing`.
    pub action: String,
    /// The call's id, once more.
    pub call_id: String,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
}

/// A call as the server remembers it (§4.4). Without `Debug`: it may hold credentials.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// The call's id.
    pub call_id: String,
    /// The server's word for where the call stands.
    pub status: String,
    /// The door.
    pub device_id: String,
    /// The resident; none before anybody answered.
    pub resident_id: Option<String>,
    /// Milliseconds since the epoch.
    pub start_time: i64,
    /// Milliseconds since the epoch; none while the call lives.
    pub end_time: Option<i64>,
    /// The asker's own way in, while there is one. Not in S0: our server's extension.
    #[serde(rename = "tencen_rtc")]
    pub rtc: Option<Rtc>,
}

/// §4.1, request.
#[derive(Serialize)]
pub(crate) struct Press<'a> {
    pub(crate) device_device_id: &'a str,
    pub(crate) household_number: &'a str,
    pub(crate) timestamp: i64,
}

/// §4.2 and §4.3, request.
#[derive(Serialize)]
pub(crate) struct Control<'a> {
    pub(crate) action: &'a str,
    pub(crate) call_id: &'a str,
    pub(crate) timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
}

/// §4.5, request.
#[derive(Serialize)]
pub(crate) struct EndCall<'a> {
    pub(crate) call_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
}

/// §4.6, request.
#[derive(Serialize)]
pub(crate) struct Status<'a> {
    pub(crate) device_id: &'a str,
    pub(crate) status: Online,
}

/// §4.6, field `status`.
#[derive(Serialize)]
pub(crate) struct Online {
    pub(crate) online: bool,
    pub(crate) timestamp: i64,
}
