//! Opening doors. An extension: S0 and S1 know no unlock.
//!
//! ```json
//! {"unlock_id": "7f0c…", "call_id": "…"}                       phone to server
//! {"action": "unlock", "unlock_id": "0m…", "call_id": "", "timestamp": 1746870238164,
//!  "expires_at": 1746870248164, "life_ms": 10000}                server to door
//! {"action": "unlock_result", "unlock_id": "0m…", "result": "executed"}     door to server
//! ```

use serde::Serialize;

use crate::wire::fields::{Fields, ID_MAX, REASON_MAX};
use crate::words::Said;

/// The longest key of a client's.
const KEY_MAX: usize = 64;

/// The longest text that a panel reports.
const SHOWN_MAX: usize = 256;

const RESULTS: &[&str] = &["executed", "refused"];
const STATES: &[&str] = &["open", "closed", "held_open", "forced"];
const SHOWN: &[&str] = &["code", "card", "qr"];

/// `POST /api/mqtt/calls/unlock`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnlockRequest {
    pub(crate) unlock_id: String,
    pub(crate) call_id: Option<String>,
    pub(crate) device_id: Option<String>,
    pub(crate) timestamp: Option<i64>,
}

impl UnlockRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        let request = Self {
            unlock_id: fields.text("unlock_id", KEY_MAX)?,
            call_id: fields.optional_text("call_id", ID_MAX)?,
            device_id: fields.optional_text("device_id", ID_MAX)?,
            timestamp: fields.milliseconds("timestamp")?,
        };
        if request.call_id.is_none() && request.device_id.is_none() {
            return Err(Said::Missing("call_id"));
        }
        Ok(request)
    }
}

/// How an order stands, for whoever asked.
#[derive(Serialize)]
pub(crate) struct UnlockReply {
    /// What the client called it.
    pub(crate) unlock_id: String,
    /// What we call it, and the door hears.
    pub(crate) id: String,
    pub(crate) device_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) call_id: Option<String>,
    /// `unknown` as long as the door has not said anything.
    pub(crate) result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    /// Whether nothing more is waited for.
    pub(crate) is_final: bool,
    pub(crate) timestamp: i64,
}

/// To a door.
#[derive(Serialize)]
pub(crate) struct UnlockOrder {
    pub(crate) action: &'static str,
    pub(crate) unlock_id: String,
    /// Empty outside a call.
    pub(crate) call_id: String,
    pub(crate) timestamp: i64,
    /// By the server's clock.
    pub(crate) expires_at: i64,
    /// From when it was sent.
    pub(crate) life_ms: u64,
}

/// `POST /api/mqtt/device/unlock-result`, and action `unlock_result` on a controller topic.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnlockResult {
    pub(crate) unlock_id: String,
    pub(crate) is_executed: bool,
    pub(crate) reason: Option<String>,
}

impl UnlockResult {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        Self::read(&mut fields)
    }

    /// What a published message says, if its action is this one.
    pub(crate) fn decode_published(body: &[u8]) -> Option<Result<Self, Said>> {
        let mut fields = Fields::decode(body).ok()?;
        let action = fields.text("action", ID_MAX).ok()?;
        (action == "unlock_result").then(|| Self::read(&mut fields))
    }

    fn read(fields: &mut Fields) -> Result<Self, Said> {
        Ok(Self {
            unlock_id: fields.text("unlock_id", KEY_MAX)?,
            is_executed: fields.one_of("result", RESULTS)? == "executed",
            reason: fields.optional_text("reason", REASON_MAX)?,
        })
    }
}

/// `POST /api/mqtt/device/door-state`; one of the four states.
pub(crate) fn decode_door_state(body: &[u8]) -> Result<&'static str, Said> {
    Fields::decode(body)?.one_of("state", STATES)
}

/// `POST /api/mqtt/device/access-code`. Without Debug: it holds what opens doors.
pub(crate) struct CodeReport {
    pub(crate) request_id: String,
    /// Which of `code`, `card` and `qr` it is.
    pub(crate) kind: &'static str,
    pub(crate) shown: String,
}

impl CodeReport {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        let request_id = fields.text("request_id", KEY_MAX)?;
        let mut found = None;
        for kind in SHOWN {
            if let Some(shown) = fields.optional_text(kind, SHOWN_MAX)? {
                found = Some((*kind, shown));
            }
        }
        let (kind, shown) = found.ok_or(Said::Missing("code"))?;
        Ok(Self {
            request_id,
            kind,
            shown,
        })
    }
}

/// What a panel is told about a code.
#[derive(Serialize)]
pub(crate) struct CodeAnswer {
    /// Whether it shall move its lock now.
    pub(crate) open: bool,
    pub(crate) request_id: String,
    /// What it confirms.
    pub(crate) unlock_id: String,
    /// How the order stands.
    pub(crate) result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    pub(crate) timestamp: i64,
    pub(crate) expires_at: i64,
    /// How long it may; 0 if it shall not.
    pub(crate) life_ms: u64,
}
