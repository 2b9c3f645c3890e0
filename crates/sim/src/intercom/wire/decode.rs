//! Bytes as messages, whatever edition they are in.
//!
//! Takes `name` and `values` or `method` and `params`, values in an object or an array around one,
//! numbers as text and text as numbers, every spelling of the stream fields. What it cannot read
//! it calls an error: nobody here guesses.

use serde_json::Value;

use super::message::{Alarm, Ending, Message, Rejection, Request, Why};
use super::party::{Party, PartyKind};
use super::spelling::{
    ACCEPT, ALARM_DOCUMENT, ALARM_FIELD, ALARM_TAKEN, END, JOIN_ACCEPT, JOIN_REJECT, KEEP,
    OPEN_DOOR, REJECT, REQUEST,
};
use crate::error::SimError;

/// Reads one frame without its NUL.
pub(crate) fn decode(frame: &[u8]) -> Result<Message, SimError> {
    let bad = |why: String| SimError::BadFrame { why };
    let whole: Value = serde_json::from_slice(frame).map_err(|error| bad(error.to_string()))?;
    let name = text(&whole, &["name", "method"]);
    let name = name.ok_or_else(|| bad("no name".to_owned()))?;
    let values = first(&whole, &["values", "params"]);
    message(&name, one_object(values)).map_err(|missing| bad(format!("{name} without {missing}")))
}

/// Of an array, its first element.
fn one_object(values: &Value) -> &Value {
    match values {
        Value::Array(list) => list.first().unwrap_or(&Value::Null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            values
        }
    }
}

fn message(name: &str, values: &Value) -> Result<Message, &'static str> {
    let sid = text(values, &["sid"]);
    Ok(match name {
        REQUEST => Message::Request(Box::new(Request {
            sid: sid.ok_or("sid")?,
            src: party(first(values, &["src"])).ok_or("src")?,
            dest: party(first(values, &["dest"])).ok_or("dest")?,
        })),
        ACCEPT => Message::Accept { sid },
        REJECT => Message::Reject(rejection(sid, values)),
        END => Message::End(Ending {
            sid,
            reason: text(values, &["reason"]),
            message: text(values, &["message"]),
        }),
        KEEP => Message::Keep { sid },
        OPEN_DOOR => Message::OpenDoor { sid },
        JOIN_ACCEPT => Message::Joined {
            room: text(values, &["room_id"]),
            stream: text(values, &["stream_address"]),
        },
        JOIN_REJECT => Message::JoinRefused {
            reason: text(values, &["reason", "message"]).unwrap_or_default(),
        },
        ALARM_DOCUMENT | ALARM_FIELD => Message::Alarm(Alarm {
            port: text(values, &["port"]).ok_or("port")?,
            name: text(values, &["name"]).unwrap_or_default(),
            message: text(values, &["message"]).unwrap_or_default(),
        }),
        ALARM_TAKEN => Message::AlarmTaken {
            port: text(values, &["port"]).ok_or("port")?,
            name: text(values, &["name"]).unwrap_or_default(),
        },
        other => Message::Unknown {
            name: other.to_owned(),
        },
    })
}

fn rejection(sid: Option<String>, values: &Value) -> Rejection {
    let reason = text(values, &["reason"]);
    let by_word = reason.as_deref().and_then(Why::of_word);
    let by_code = number(values, "code").and_then(Why::of_code);
    Rejection {
        sid,
        why: by_code.or(by_word),
        reason,
        message: text(values, &["message"]),
    }
}

fn party(values: &Value) -> Option<Party> {
    values.is_object().then(|| Party {
        id: text(values, &["id"]).unwrap_or_default(),
        kind: number(values, "type").and_then(PartyKind::from_number),
        ip: text(values, &["ip"]).unwrap_or_default(),
        port: number(values, "port").and_then(|port| u16::try_from(port).ok()),
        audio: text(
            values,
            &["audio_stream_id", "audiostreamid", "audio_tream_id"],
        )
        .unwrap_or_default(),
        video: text(
            values,
            &["video_stream_id", "videostreamid", "video_tream_id"],
        )
        .unwrap_or_default(),
    })
}

/// The first of these fields that is there; null if none is.
fn first<'a>(values: &'a Value, names: &[&str]) -> &'a Value {
    let found = names.iter().find_map(|name| values.get(name));
    found.unwrap_or(&Value::Null)
}

/// Text, or a number as text; nothing for an empty one.
fn text(values: &Value, names: &[&str]) -> Option<String> {
    let text = match first(values, names) {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A whole number, or text that is one.
fn number(values: &Value, name: &str) -> Option<i64> {
    text(values, &[name])?.trim().parse().ok()
}
