//! Control messages, both ways. Source: S0 §1.2, §1.3, §4.2, §4.3, §4.5, §5; S1 §2.2.2.
//!
//! ```json
//! {"action": "hangup", "call_id": "…", "timestamp": 1746870238164, "reason": "call_completed"}
//! ```

use serde::Serialize;

use crate::wire::fields::{Fields, ID_MAX, REASON_MAX};
use crate::wire::rtc::TencenRtc;
use crate::words::Said;

/// To a door or a phone.
#[derive(Serialize)]
pub(crate) struct Control {
    /// Doors hear `ringing`, `answered`, `hangup`; phones `answered`, `hangup`, `timeout`.
    pub(crate) action: &'static str,
    pub(crate) call_id: String,
    pub(crate) timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Who answered, for a phone that lost. An extension; old phones ignore it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answered_by: Option<String>,
}

/// From a door or a phone, over HTTP or MQTT.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ControlRequest {
    pub(crate) action: String,
    pub(crate) call_id: String,
    pub(crate) timestamp: Option<i64>,
    pub(crate) reason: Option<String>,
}

impl ControlRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        Ok(Self {
            action: fields.text("action", ID_MAX)?,
            call_id: fields.text("call_id", ID_MAX)?,
            timestamp: fields.milliseconds("timestamp")?,
            reason: fields.optional_text("reason", REASON_MAX)?,
        })
    }
}

/// `POST /api/mqtt/end-session`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EndRequest {
    pub(crate) call_id: String,
    pub(crate) reason: Option<String>,
}

impl EndRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        Ok(Self {
            call_id: fields.text("call_id", ID_MAX)?,
            reason: fields.optional_text("reason", REASON_MAX)?,
        })
    }
}

/// The `data` of an accepted control request. An extension: the seed names none.
#[derive(Serialize)]
pub(crate) struct TakenReply {
    pub(crate) call_id: String,
    pub(crate) action: String,
    pub(crate) timestamp: i64,
    /// Fresh credentials for whoever answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tencen_rtc: Option<TencenRtc>,
}
