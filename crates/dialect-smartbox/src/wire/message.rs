//! Every message, and the frame around it. Source: S3 §1, "消息格式".
//!
//! ```json
//! {"id": "1000123", "name": "call_keep", "values": {"sid": "c-1"}}
//! ```

use bytes::Bytes;
use serde::Serialize;
use serde_json::Map;

use crate::wire::alarm::{Emergency, EmergencyAck};
use crate::wire::call::{CallEnd, CallReject, CallReq, decode_sid, sid_values, sid_values_for_all};
use crate::wire::door::OpenDoor;
use crate::wire::family::{JoinAccept, JoinFamily, JoinRejectValues};
use crate::wire::fault::DecodeError;
use crate::wire::fields::{Fields, ID_MAX};
use crate::wire::profile::Profile;

/// What one frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The message's own id, if it has one. Nothing answers to it.
    pub id: Option<String>,
    /// The message.
    pub message: Message,
}

/// A message, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Somebody calls.
    CallReq(CallReq),
    /// The called end answers.
    CallAccept {
        /// Which call, if it says so.
        sid: Option<String>,
    },
    /// The called end refuses, or cannot be reached.
    CallReject(CallReject),
    /// The call is over.
    CallEnd(CallEnd),
    /// The sender is there. From the connection on, in both directions.
    CallKeep {
        /// Which call, if it says so.
        sid: Option<String>,
    },
    /// The called end asks for the door to be opened.
    OpenDoor(OpenDoor),
    /// A screen wants to belong to the flat.
    JoinFamily(JoinFamily),
    /// It does.
    JoinAccept(JoinAccept),
    /// It does not.
    JoinReject {
        /// Why; empty if it is not said.
        reason: String,
    },
    /// A zone was triggered.
    Emergency(Emergency),
    /// Somebody has seen it.
    EmergencyAck(EmergencyAck),
    /// A message of this name, which is none of ours. Its parameters are not looked at.
    Unknown(String),
}

/// Reads a frame, without the NUL. Never more than one message, whatever is in it.
pub fn decode(frame: &[u8]) -> Result<Frame, DecodeError> {
    let mut envelope = Fields::decode(frame)?;
    let id = envelope.text(&["id"], ID_MAX)?;
    let name = envelope.required(&["name", "method"], ID_MAX)?;
    let message = decode_message(name, &mut envelope)?;
    Ok(Frame { id, message })
}

fn decode_message(name: String, envelope: &mut Fields) -> Result<Message, DecodeError> {
    let mut values = || envelope.values();
    let message = match name.as_str() {
        "call_req" => Message::CallReq(CallReq::decode(values()?)?),
        "call_accept" => Message::CallAccept {
            sid: decode_sid(&mut values()?)?,
        },
        "call_reject" => Message::CallReject(CallReject::decode(values()?)?),
        "call_end" => Message::CallEnd(CallEnd::decode(values()?)?),
        "call_keep" => Message::CallKeep {
            sid: decode_sid(&mut values()?)?,
        },
        "open_door" => Message::OpenDoor(OpenDoor::decode(values()?)?),
        "join_family" => Message::JoinFamily(JoinFamily::decode(values()?)?),
        "join_accept" => Message::JoinAccept(JoinAccept::decode(values()?)?),
        "join_reject" => Message::JoinReject {
            reason: values()?.remark("reason").unwrap_or_default(),
        },
        "emergency" | "seczone_emergency" => Message::Emergency(Emergency::decode(values()?)?),
        "emergency_ack" => Message::EmergencyAck(EmergencyAck::decode(values()?)?),
        _ => Message::Unknown(name),
    };
    Ok(message)
}

/// Writes a message with its NUL, in the words of `profile`. A field that is none is left out.
pub fn encode(message: &Message, id: &str, profile: Profile) -> Bytes {
    let say = Say { id, profile };
    match message {
        Message::CallReq(req) => say.message("call_req", req.values()),
        Message::CallAccept { sid } => {
            say.message("call_accept", sid_values(sid.as_deref(), profile))
        }
        Message::CallReject(reject) => say.message("call_reject", reject.values(profile)),
        Message::CallEnd(end) => say.message("call_end", end.values(profile)),
        Message::CallKeep { sid } => say.message("call_keep", sid_values_for_all(sid.as_deref())),
        Message::OpenDoor(open) => say.message("open_door", open.values(profile)),
        Message::JoinFamily(join) => say.message("join_family", join.values()),
        Message::JoinAccept(accept) => say.message("join_accept", accept.values()),
        Message::JoinReject { reason } => say.message("join_reject", JoinRejectValues { reason }),
        Message::Emergency(emergency) => say.message(emergency_name(profile), emergency.values()),
        Message::EmergencyAck(ack) => say.message("emergency_ack", ack.values()),
        Message::Unknown(name) => say.message(name, Map::new()),
    }
}

fn emergency_name(profile: Profile) -> &'static str {
    match profile.is_documented() {
        true => "seczone_emergency",
        false => "emergency",
    }
}

struct Say<'a> {
    id: &'a str,
    profile: Profile,
}

#[derive(Serialize)]
struct Envelope<'a, V> {
    id: &'a str,
    name: &'a str,
    values: V,
}

impl Say<'_> {
    /// Peers in the field print their JSON over many lines, so theirs is printed likewise.
    fn message(&self, name: &str, values: impl Serialize) -> Bytes {
        let envelope = Envelope {
            id: self.id,
            name,
            values,
        };
        let bytes = match self.profile.is_documented() {
            true => serde_json::to_vec(&envelope),
            false => serde_json::to_vec_pretty(&envelope),
        };
        let mut bytes = bytes.expect("texts and numbers can always be written");
        bytes.push(0);
        bytes.into()
    }
}
