//! A door's press and its answer. Source: S0 §4.1.

use serde::Serialize;

use crate::wire::fields::{Fields, ID_MAX};
use crate::wire::rtc::TencenRtc;
use crate::words::Said;

/// `POST /api/mqtt/call`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CallRequest {
    pub(crate) device_device_id: String,
    pub(crate) household_number: String,
    /// The door's clock: shown, never decided on.
    pub(crate) timestamp: Option<i64>,
}

impl CallRequest {
    pub(crate) fn decode(body: &[u8]) -> Result<Self, Said> {
        let mut fields = Fields::decode(body)?;
        Ok(Self {
            device_device_id: fields.text("device_device_id", ID_MAX)?,
            household_number: fields.text("household_number", ID_MAX)?,
            timestamp: fields.milliseconds("timestamp")?,
        })
    }
}

#[derive(Serialize)]
pub(crate) struct CallReply {
    pub(crate) call_id: String,
    pub(crate) device_device_id: String,
    pub(crate) target_resident_ids: Vec<String>,
    /// The server's time.
    pub(crate) timestamp: i64,
    pub(crate) tencen_rtc: TencenRtc,
    pub(crate) call_info: CallBegun,
}

#[derive(Serialize)]
pub(crate) struct CallBegun {
    pub(crate) action: &'static str,
    pub(crate) call_id: String,
    pub(crate) timestamp: i64,
}
