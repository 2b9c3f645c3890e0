//! The messages of S0 and S1, bytes to types and back. Knows syntax, not meaning.

mod envelope;
mod fields;
mod rtc;
mod control;
mod incoming;
mod call;
mod session;
mod system;
mod push;
mod client;
mod alarm;
mod unlock;

pub(crate) use alarm::{AcknowledgeRequest, AlarmNews, AlarmsReply, ArmingRequest, PushAlarm};
pub(crate) use call::{CallBegun, CallReply, CallRequest};
pub(crate) use client::{
    ClientTopics, DeviceCredentials, DeviceTopics, MqttCredentials, RegisterReply, RegisterRequest,
    StatusRequest,
};
pub(crate) use control::{Control, ControlRequest, EndRequest, TakenReply};
pub(crate) use envelope::{Family, envelope};
pub(crate) use incoming::Incoming;
pub(crate) use push::{Caller, PushControl, PushIncoming, PushSync};
pub(crate) use rtc::{RoomKind, TencenRtc};
pub(crate) use session::{Session, SessionStatus};
pub(crate) use system::{DeviceStatusRequest, System, SystemRequest};
pub(crate) use unlock::{
    CodeAnswer, CodeReport, UnlockOrder, UnlockReply, UnlockRequest, UnlockResult,
    decode_door_state,
};

#[cfg(test)]
mod tests;

/// Encodes a message. Our own types cannot fail to encode.
pub(crate) fn encode(message: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(message).unwrap_or_default()
}
