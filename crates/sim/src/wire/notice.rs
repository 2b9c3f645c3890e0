//! What arrives by MQTT, one type per shape of topic.
//!
//! Knows no topics: the door and the phone say which shape they expect where.
//! Source: S0 §1.1 to §1.4.

use serde::Deserialize;
use serde_json::Value;

use super::rtc::Rtc;

/// A call that wants this resident (`mqtt_call/incoming`). Without `Debug`: it holds credentials.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Incoming {
    /// The call's id.
    pub call_id: String,
    /// The device that called.
    pub device_device_id: String,
    /// The resident who is wanted.
    pub target_resident_id: String,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// The room, and this resident's way in.
    #[serde(rename = "tencen_rtc")]
    pub rtc: Rtc,
}

/// A call's progress (`mqtt_call/controller/device` and `…/resident`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ControlMessage {
    /// `ringing`, `answered`, `hangup`, …; kept as text so that a new one is seen, not lost.
    pub action: String,
    /// The call's id.
    pub call_id: String,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// Why; absent while ringing.
    pub reason: Option<String>,
    /// Which order, with `unlock`. Not in S0: our server's extension.
    pub unlock_id: Option<String>,
    /// How many milliseconds the order may still move the lock.
    pub life_ms: Option<u64>,
}

/// A notice to everybody (`mqtt_call/system`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SystemMessage {
    /// The wire's `type`, such as `maintenance`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `info`, `warning` or `error`.
    pub level: String,
    /// For people.
    pub message: String,
    /// Whatever belongs to the kind; null where the sender gave none.
    #[serde(default)]
    pub data: Value,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
}
