//! The v5 properties that travel with a message from its sender to its receivers, encoded once
//! (MQTT 5 §3.3.2.3, §3.1.3.2). Nothing is added to them.

use bytes::{BufMut, Bytes, BytesMut};
use bytestring::ByteString;
use rmqtt_codec::v5::UserProperties;

use super::code::Fault;
use crate::topic;

/// Encodes them without their length, which depends on what else the receiver gets.
pub(super) fn encode_travelling(
    utf8: bool,
    content_type: Option<ByteString>,
    response_topic: Option<ByteString>,
    correlation: Option<Bytes>,
    user: UserProperties,
) -> Result<Bytes, Fault> {
    let mut out = BytesMut::new();
    if utf8 {
        out.put_slice(&[0x01, 1]);
    }
    if let Some(text) = content_type {
        put_property(&mut out, 0x03, text.as_bytes())?;
    }
    if let Some(topic) = response_topic {
        if !topic::is_name(&topic) {
            return Err(Fault::TOPIC_NAME);
        }
        put_property(&mut out, 0x08, topic.as_bytes())?;
    }
    if let Some(bytes) = correlation {
        put_property(&mut out, 0x09, &bytes)?;
    }
    for (key, value) in user {
        put_property(&mut out, 0x26, key.as_bytes())?;
        put_string(&mut out, value.as_bytes())?;
    }
    Ok(out.freeze())
}

fn put_property(out: &mut BytesMut, id: u8, bytes: &[u8]) -> Result<(), Fault> {
    out.put_u8(id);
    put_string(out, bytes)
}

fn put_string(out: &mut BytesMut, bytes: &[u8]) -> Result<(), Fault> {
    out.put_u16(u16::try_from(bytes.len()).map_err(|_| Fault::MALFORMED)?);
    out.put_slice(bytes);
    Ok(())
}
