//! Messages as bytes, in the edition the other side is spoken to in.
//!
//! Stream fields are spelled with underscores in every edition, as devices do.

use serde_json::{Map, Value, json};

use super::message::{Alarm, Message, Rejection, Request, Why};
use super::party::{Party, PartyKind, Profile};
use super::spelling::{
    ACCEPT, ALARM_DOCUMENT, ALARM_FIELD, ALARM_TAKEN, END, JOIN, JOIN_ACCEPT, JOIN_REJECT, KEEP,
    OPEN_DOOR, REJECT, REQUEST,
};

/// `join_family` (S3 §3.1). Without `Debug`, for it holds a token.
pub(crate) struct Join<'a> {
    pub(crate) token: &'a str,
    /// The screen's device number.
    pub(crate) id: &'a str,
}

/// One frame with its NUL. `number` is the message's id, unique on its connection.
pub(crate) fn encode(message: &Message, number: u64, profile: Profile) -> Vec<u8> {
    frame(
        name(message, profile),
        values(message, profile),
        number,
        profile,
    )
}

/// The same of a join. `id` and `type` are the field's additions to the document.
pub(crate) fn encode_join(join: &Join<'_>, number: u64, profile: Profile) -> Vec<u8> {
    let kind = PartyKind::Screen.number();
    let values = json!({"token": join.token, "id": join.id, "type": kind});
    frame(JOIN, values, number, profile)
}

fn frame(name: &str, values: Value, number: u64, profile: Profile) -> Vec<u8> {
    let text = match profile {
        Profile::V04 | Profile::V05 => {
            json!({"id": number.to_string(), "name": name, "values": values}).to_string()
        }
        Profile::Field => {
            let body = json!({"id": number, "name": name, "values": values});
            format!("{body:#}\r\n")
        }
    };
    let mut bytes = text.into_bytes();
    bytes.push(0);
    bytes
}

fn name(message: &Message, profile: Profile) -> &str {
    match message {
        Message::Request(_) => REQUEST,
        Message::Accept { .. } => ACCEPT,
        Message::Reject(_) => REJECT,
        Message::End(_) => END,
        Message::Keep { .. } => KEEP,
        Message::OpenDoor { .. } => OPEN_DOOR,
        Message::Joined { .. } => JOIN_ACCEPT,
        Message::JoinRefused { .. } => JOIN_REJECT,
        Message::Alarm(_) => match profile {
            Profile::V04 | Profile::V05 => ALARM_DOCUMENT,
            Profile::Field => ALARM_FIELD,
        },
        Message::AlarmTaken { .. } => ALARM_TAKEN,
        Message::Unknown { name } => name,
    }
}

fn values(message: &Message, profile: Profile) -> Value {
    let is_field = profile == Profile::Field;
    match message {
        Message::Request(request) => call(request),
        Message::Keep { sid } => object(&[("sid", sid.as_deref())]),
        Message::Accept { .. } | Message::OpenDoor { .. } | Message::Unknown { .. } => json!({}),
        Message::Reject(rejection) if is_field => field_rejection(rejection),
        Message::Reject(Rejection {
            sid,
            reason,
            message,
            ..
        }) => ending(sid, reason, message),
        Message::End(_) if is_field => json!({}),
        Message::End(end) => ending(&end.sid, &end.reason, &end.message),
        Message::Joined { room, stream } => object(&[
            ("room_id", room.as_deref()),
            ("stream_address", stream.as_deref()),
        ]),
        Message::JoinRefused { reason } => json!({"reason": reason}),
        Message::Alarm(Alarm {
            port,
            name,
            message,
        }) => json!({"port": port, "name": name, "message": message}),
        Message::AlarmTaken { port, name } => json!({"port": port, "name": name}),
    }
}

fn call(request: &Request) -> Value {
    let Request { sid, src, dest } = request;
    json!({"sid": sid, "src": party(src), "dest": party(dest)})
}

fn party(party: &Party) -> Value {
    let mut fields = texts(&[
        ("id", Some(&party.id)),
        ("ip", Some(&party.ip)),
        ("audio_stream_id", Some(&party.audio)),
        ("video_stream_id", Some(&party.video)),
    ]);
    if let Some(kind) = party.kind {
        fields.insert("type".to_owned(), kind.number().into());
    }
    if let Some(port) = party.port {
        fields.insert("port".to_owned(), port.into());
    }
    Value::Object(fields)
}

fn field_rejection(rejection: &Rejection) -> Value {
    let why = rejection.why.unwrap_or(Why::Undefined);
    let message = rejection.message.as_deref().unwrap_or(why.word());
    json!({"code": why.code(), "message": message})
}

fn ending(sid: &Option<String>, reason: &Option<String>, message: &Option<String>) -> Value {
    object(&[
        ("sid", sid.as_deref()),
        ("reason", reason.as_deref()),
        ("message", message.as_deref()),
    ])
}

fn object(fields: &[(&str, Option<&str>)]) -> Value {
    Value::Object(texts(fields))
}

/// The fields that are there and not empty.
fn texts(fields: &[(&str, Option<&str>)]) -> Map<String, Value> {
    let given = fields.iter().filter_map(|(name, text)| {
        let text = text.filter(|text| !text.is_empty())?;
        Some(((*name).to_owned(), Value::from(text)))
    });
    given.collect()
}
