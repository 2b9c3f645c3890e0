//! The offer of a call to a phone. Source: S0 §1.1.
//!
//! `device_device_id` is the seed's spelling, and stays so.

use serde::Serialize;

use crate::wire::rtc::TencenRtc;

#[derive(Serialize)]
pub(crate) struct Incoming {
    pub(crate) call_id: String,
    pub(crate) device_device_id: String,
    pub(crate) target_resident_id: String,
    pub(crate) timestamp: i64,
    /// Left out of what everyone hears.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tencen_rtc: Option<TencenRtc>,
}
