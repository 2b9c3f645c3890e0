//! Alarms of the flat's zones. Source: S3 §4.1.
//!
//! The document calls the message `seczone_emergency`, the field `emergency`, and an older firmware
//! writes `method` and `params` for `name` and `values`; all are read.

use serde::Serialize;

use crate::wire::fault::DecodeError;
use crate::wire::fields::{Fields, ID_MAX};

/// `seczone_emergency` (v0.4, v0.5) or `emergency` (field): a zone was triggered.
///
/// ```json
/// {"port": "3", "name": "smoke", "message": "…"}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emergency {
    /// The port that was triggered.
    pub port: String,
    /// What the alarm is called; empty if it is not said.
    pub name: String,
    /// What happened; empty if it is not said.
    pub message: String,
}

/// `emergency_ack`, an extension: somebody at this screen or desk has seen the alarm.
///
/// ```json
/// {"port": "3"}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmergencyAck {
    /// The port of the alarm.
    pub port: String,
}

#[derive(Serialize)]
pub(super) struct EmergencyValues<'a> {
    port: &'a str,
    name: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
pub(super) struct EmergencyAckValues<'a> {
    port: &'a str,
}

impl Emergency {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        Ok(Self {
            port: fields.required(&["port"], ID_MAX)?,
            name: fields.remark("name").unwrap_or_default(),
            message: fields.remark("message").unwrap_or_default(),
        })
    }

    pub(super) fn values(&self) -> EmergencyValues<'_> {
        EmergencyValues {
            port: &self.port,
            name: &self.name,
            message: &self.message,
        }
    }
}

impl EmergencyAck {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        let port = fields.required(&["port"], ID_MAX)?;
        Ok(Self { port })
    }

    pub(super) fn values(&self) -> EmergencyAckValues<'_> {
        EmergencyAckValues { port: &self.port }
    }
}
