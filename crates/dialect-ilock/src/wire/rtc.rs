//! The media room and the receiver's credentials for it. Source: S0 §1.1, §4.1.
//!
//! The key is spelt `tencen_rtc` on the wire, and stays so.

use serde::Serialize;

/// How the room's id is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoomKind {
    /// A TRTC string room.
    String,
}

#[derive(Clone, Serialize)]
pub(crate) struct TencenRtc {
    pub(crate) room_id_type: RoomKind,
    pub(crate) room_id: String,
    pub(crate) sdk_app_id: u32,
    pub(crate) user_id: String,
    pub(crate) user_sig: String,
}
