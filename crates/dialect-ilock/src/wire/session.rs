//! The state of a call, as parties and operators may ask for it. Source: S0 §4.4.

use serde::Serialize;

use crate::wire::rtc::TencenRtc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SessionStatus {
    Ringing,
    Answered,
    Ended,
}

#[derive(Serialize)]
pub(crate) struct Session {
    pub(crate) call_id: String,
    pub(crate) status: SessionStatus,
    pub(crate) device_id: String,
    /// The winner; before the answer, the first who was rung; empty if nobody was.
    pub(crate) resident_id: String,
    pub(crate) start_time: i64,
    /// Null until it ended.
    pub(crate) end_time: Option<i64>,
    /// The asking party's own, while it may enter the room. An extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tencen_rtc: Option<TencenRtc>,
}
