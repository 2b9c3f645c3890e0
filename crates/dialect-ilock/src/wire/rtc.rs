//! The media room and the receiver's credentials for it. Source: S0 §1.1, §4.1; S1 §4.2.1.
//!
//! S0 spells the key `tencen_rtc`, and it stays so. The room's id always travels as text.

use serde::Serialize;

/// How the room's id is to be read: `"123"` and `123` are two rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoomKind {
    String,
    Integer,
}

/// As S0 says it.
#[derive(Clone, Serialize)]
pub(crate) struct TencenRtc {
    pub(crate) room_id_type: RoomKind,
    pub(crate) room_id: String,
    pub(crate) sdk_app_id: u32,
    pub(crate) user_id: String,
    pub(crate) user_sig: String,
    /// The key to the room, where the service asks for one. An extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_map_key: Option<String>,
}

/// As S1 says it; its sample app reads the room's id as a number.
#[derive(Clone, Serialize)]
pub(crate) struct PushRoom {
    pub(crate) room_id: String,
    pub(crate) sdk_app_id: u32,
    pub(crate) user_id: String,
    pub(crate) user_sig: String,
    /// The key to the room, where the service asks for one. An extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_map_key: Option<String>,
}

impl From<TencenRtc> for PushRoom {
    fn from(rtc: TencenRtc) -> Self {
        let TencenRtc {
            room_id,
            sdk_app_id,
            user_id,
            user_sig,
            private_map_key,
            ..
        } = rtc;
        Self {
            room_id,
            sdk_app_id,
            user_id,
            user_sig,
            private_map_key,
        }
    }
}
