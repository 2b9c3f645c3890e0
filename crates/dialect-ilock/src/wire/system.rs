//! Messages of operators. Source: S0 §1.4, §4.7.

use serde::Serialize;
use serde_json::Value;

use crate::wire::fields::{Fields, ID_MAX};
use crate::words::{Kind, Said};

const TEXT_MAX: usize = 4096;
const TARGETS_MAX: usize = 1000;
const LEVELS: &[&str] = &["info", "warning", "error"];

/// `POST /api/mqtt/system/message`
#[derive(Debug, PartialEq)]
pub(crate) struct SystemRequest {
    pub(crate) kind: String,
    pub(crate) level: String,
    pub(crate) message: String,
    pub(crate) data: Value,
    pub(crate) target: Vec<String>,
    pub(crate) timestamp: Option<i64>,
}

impl SystemRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        let kind = fields.text("type", ID_MAX)?;
        let level = fields.text("level", ID_MAX)?;
        if !LEVELS.contains(&level.as_str()) {
            return Err(Said::UnknownValue {
                field: "level",
                allowed: LEVELS,
            });
        }
        Ok(Self {
            kind,
            level,
            message: fields.text("message", TEXT_MAX)?,
            data: fields.object("data")?,
            target: fields.texts("target", TARGETS_MAX)?,
            timestamp: fields.milliseconds("timestamp")?,
        })
    }
}

/// `mqtt_call/system`
#[derive(Serialize)]
pub(crate) struct System {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) level: String,
    pub(crate) message: String,
    pub(crate) data: Value,
    pub(crate) timestamp: i64,
}

/// `POST /api/mqtt/device/status`
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DeviceStatusRequest {
    pub(crate) device_id: String,
    pub(crate) online: bool,
    pub(crate) timestamp: Option<i64>,
}

impl DeviceStatusRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        let device_id = fields.text("device_id", ID_MAX)?;
        let mut status = fields.nested("status", Kind::Object)?;
        let online = status.truth("online")?;
        Ok(Self {
            device_id,
            online,
            timestamp: status.milliseconds("timestamp")?,
        })
    }
}
