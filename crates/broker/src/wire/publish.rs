//! PUBLISH towards a client (MQTT 3.1.1 §3.3, MQTT 5 §3.3).
//!
//! ```text
//! 3.x:  type+flags | length | topic | [packet id] | payload
//! 5:    type+flags | length | topic | [packet id] | length | [02 expiry] | [23 alias] | properties | [0B id]* | payload
//! ```

use bytes::{BufMut, BytesMut};

use crate::link::Version;

/// What a PUBLISH carries beside topic and payload.
#[derive(Debug, Default)]
pub(crate) struct Head<'a> {
    /// 0 to 2.
    pub(crate) qos: u8,
    /// None exactly at QoS 0.
    pub(crate) packet: Option<u16>,
    pub(crate) again: bool,
    pub(crate) retain: bool,
    /// v5: the rest of the message's life.
    pub(crate) expiry_secs: Option<u32>,
    /// v5: the topic's alias; a known one stands for an empty topic.
    pub(crate) alias: Option<u16>,
    /// v5: properties as the sender encoded them.
    pub(crate) properties: &'a [u8],
    /// v5: identifiers of the matching subscriptions.
    pub(crate) identifiers: &'a [u32],
}

/// Appends one PUBLISH. The topic must be at most 65535 bytes long.
pub(crate) fn publish(
    out: &mut BytesMut,
    version: Version,
    head: &Head<'_>,
    topic: &str,
    payload: &[u8],
) {
    let body = body_bytes(version, head, topic, payload);
    out.reserve(body + 5);
    let flags = (u8::from(head.again) << 3) | (head.qos << 1) | u8::from(head.retain);
    out.put_u8(0x30 | flags);
    put_length(out, body);
    out.put_u16(u16::try_from(topic.len()).unwrap_or(u16::MAX));
    out.put_slice(topic.as_bytes());
    if let Some(packet) = head.packet {
        out.put_u16(packet);
    }
    if version == Version::V5 {
        put_properties(out, head);
    }
    out.put_slice(payload);
}

/// Length of the packet that [`publish`] would append.
pub(crate) fn publish_bytes(
    version: Version,
    head: &Head<'_>,
    topic: &str,
    payload: &[u8],
) -> usize {
    let body = body_bytes(version, head, topic, payload);
    1 + length_bytes(body) + body
}

fn body_bytes(version: Version, head: &Head<'_>, topic: &str, payload: &[u8]) -> usize {
    let packet = if head.packet.is_some() { 2 } else { 0 };
    let properties = if version == Version::V5 {
        let bytes = properties_bytes(head);
        length_bytes(bytes) + bytes
    } else {
        0
    };
    2 + topic.len() + packet + properties + payload.len()
}

fn properties_bytes(head: &Head<'_>) -> usize {
    let expiry = if head.expiry_secs.is_some() { 5 } else { 0 };
    let alias = if head.alias.is_some() { 3 } else { 0 };
    let identifiers: usize = head
        .identifiers
        .iter()
        .map(|id| 1 + length_bytes(*id as usize))
        .sum();
    expiry + alias + head.properties.len() + identifiers
}

fn put_properties(out: &mut BytesMut, head: &Head<'_>) {
    put_length(out, properties_bytes(head));
    if let Some(secs) = head.expiry_secs {
        out.put_u8(0x02);
        out.put_u32(secs);
    }
    if let Some(alias) = head.alias {
        out.put_u8(0x23);
        out.put_u16(alias);
    }
    out.put_slice(head.properties);
    for id in head.identifiers {
        out.put_u8(0x0B);
        put_length(out, *id as usize);
    }
}

/// A variable byte integer (MQTT 5 §1.5.5). Values above 268435455 cannot come up: packets, and
/// identifiers as decoded, are smaller.
pub(super) fn put_length(out: &mut BytesMut, mut value: usize) {
    loop {
        let low = u8::try_from(value & 0x7F).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.put_u8(low);
            return;
        }
        out.put_u8(low | 0x80);
    }
}

fn length_bytes(value: usize) -> usize {
    match value {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        _ => 4,
    }
}
