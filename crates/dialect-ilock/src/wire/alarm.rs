//! What phones are told of alarms, and what they ask. Extensions of S0 §1.4 and S1 §4.2.

use serde::Serialize;

use crate::wire::fields::{Fields, ID_MAX, REASON_MAX};
use crate::words::Said;

const MODES: &[&str] = &["disarmed", "away", "home", "sleep", "custom"];

/// An alarm, as `data` of a system message, in `calls/control`, and in answers.
#[derive(Clone, Serialize)]
pub(crate) struct AlarmNews {
    pub(crate) alarm_id: String,
    /// `raised`, `acknowledged` or `over`.
    pub(crate) state: &'static str,
    pub(crate) household_number: String,
    pub(crate) zone: u8,
    pub(crate) zone_name: String,
    pub(crate) count: u32,
    pub(crate) raised_at: i64,
    /// Who is going there, once somebody acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) going: Option<String>,
}

/// `users/{user_id}/calls/control`
#[derive(Serialize)]
pub(crate) struct PushAlarm {
    /// Always `alarm`.
    pub(crate) action: &'static str,
    pub(crate) timestamp: i64,
    #[serde(flatten)]
    pub(crate) alarm: AlarmNews,
}

/// The answer of `GET /api/mqtt/alarms`.
#[derive(Serialize)]
pub(crate) struct AlarmsReply {
    pub(crate) mode: &'static str,
    pub(crate) alarms: Vec<AlarmNews>,
}

/// `POST /api/mqtt/alarms/acknowledge`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AcknowledgeRequest {
    pub(crate) alarm_id: String,
    pub(crate) going: String,
    pub(crate) timestamp: Option<i64>,
}

impl AcknowledgeRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        Ok(Self {
            alarm_id: fields.text("alarm_id", ID_MAX)?,
            going: fields.text("going", REASON_MAX)?,
            timestamp: fields.milliseconds("timestamp")?,
        })
    }
}

/// `PUT /api/mqtt/arming`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ArmingRequest {
    /// The name of a mode.
    pub(crate) mode: &'static str,
    pub(crate) timestamp: Option<i64>,
}

impl ArmingRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        let shown = fields.text("mode", ID_MAX)?;
        let known = MODES.iter().find(|mode| **mode == shown);
        let unknown = Said::UnknownValue {
            field: "mode",
            allowed: MODES,
        };
        Ok(Self {
            mode: known.ok_or(unknown)?,
            timestamp: fields.milliseconds("timestamp")?,
        })
    }
}
