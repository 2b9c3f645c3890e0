//! Packets other than PUBLISH to bytes (MQTT 3.1.1 §3, MQTT 5 §3). Each appends one packet.
//! Knows no sessions: the codes are decided elsewhere.

use bytes::{BufMut, BytesMut};

use super::code::Fault;
use super::publish::put_length;
use crate::link::Version;

/// What an accepting CONNACK says.
#[derive(Debug, Default)]
pub(crate) struct Acceptance {
    pub(crate) session_present: bool,
    /// v5 only, as all below: the session's life, if not the one asked for.
    pub(crate) life_secs: Option<u32>,
    /// Unacknowledged publishes the broker takes.
    pub(crate) receive_max: u16,
    pub(crate) packet_bytes_max: u32,
    pub(crate) assigned_client: Option<String>,
    /// Topic aliases the broker takes.
    pub(crate) aliases_max: u16,
    /// Keep-alive in seconds, if not the one asked for.
    pub(crate) keep_alive: Option<u16>,
}

pub(crate) fn acceptance(out: &mut BytesMut, version: Version, acceptance: &Acceptance) {
    let present = u8::from(acceptance.session_present);
    match version {
        // 3.1 knows no session present flag: the byte is reserved.
        Version::V31 => out.put_slice(&[0x20, 2, 0, 0]),
        Version::V311 => out.put_slice(&[0x20, 2, present, 0]),
        Version::V5 => {
            let properties = acceptance_properties(acceptance);
            let mut length = BytesMut::new();
            put_length(&mut length, properties.len());
            out.put_u8(0x20);
            put_length(out, 2 + length.len() + properties.len());
            out.put_slice(&[present, 0]);
            out.put_slice(&length);
            out.put_slice(&properties);
        }
    }
}

fn acceptance_properties(acceptance: &Acceptance) -> BytesMut {
    let mut out = BytesMut::new();
    if let Some(secs) = acceptance.life_secs {
        out.put_u8(0x11);
        out.put_u32(secs);
    }
    out.put_u8(0x21);
    out.put_u16(acceptance.receive_max);
    out.put_u8(0x27);
    out.put_u32(acceptance.packet_bytes_max);
    if let Some(client) = &acceptance.assigned_client
        && let Ok(bytes) = u16::try_from(client.len())
    {
        out.put_u8(0x12);
        out.put_u16(bytes);
        out.put_slice(client.as_bytes());
    }
    out.put_u8(0x22);
    out.put_u16(acceptance.aliases_max);
    out.put_slice(&[0x2A, 1]);
    if let Some(secs) = acceptance.keep_alive {
        out.put_u8(0x13);
        out.put_u16(secs);
    }
    out
}

/// CONNACK with a code of [`super::refusal_code`] or a v5 reason.
pub(crate) fn refusal(out: &mut BytesMut, version: Version, code: u8) {
    match version {
        Version::V31 | Version::V311 => out.put_slice(&[0x20, 2, 0, code]),
        Version::V5 => out.put_slice(&[0x20, 3, 0, code, 0]),
    }
}

/// PUBACK, PUBREC, PUBREL, PUBCOMP (MQTT 3.1.1 §3.4-3.7), by their first byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Answer {
    Ack = 0x40,
    Rec = 0x50,
    Rel = 0x62,
    Comp = 0x70,
}

/// One of them; the code is left out in 3.x.
pub(crate) fn answer(out: &mut BytesMut, version: Version, answer: Answer, packet: u16, code: u8) {
    let long = version == Version::V5 && code != 0;
    out.put_slice(&[answer as u8, if long { 3 } else { 2 }]);
    out.put_u16(packet);
    if long {
        out.put_u8(code);
    }
}

/// SUBACK; `codes` are v5 codes, each failure becomes 0x80 in 3.x.
pub(crate) fn suback(out: &mut BytesMut, version: Version, packet: u16, codes: &[u8]) {
    out.put_u8(0x90);
    if version == Version::V5 {
        put_length(out, 3 + codes.len());
        out.put_u16(packet);
        out.put_u8(0);
        out.put_slice(codes);
    } else {
        put_length(out, 2 + codes.len());
        out.put_u16(packet);
        out.extend(codes.iter().map(|code| (*code).min(0x80)));
    }
}

/// UNSUBACK; 3.x has no codes.
pub(crate) fn unsuback(out: &mut BytesMut, version: Version, packet: u16, codes: &[u8]) {
    out.put_u8(0xB0);
    if version == Version::V5 {
        put_length(out, 3 + codes.len());
        out.put_u16(packet);
        out.put_u8(0);
        out.put_slice(codes);
    } else {
        out.put_u8(2);
        out.put_u16(packet);
    }
}

/// PINGRESP.
pub(crate) fn ping(out: &mut BytesMut) {
    out.put_slice(&[0xD0, 0]);
}

/// DISCONNECT of the broker; 3.x has none.
pub(crate) fn disconnect(out: &mut BytesMut, version: Version, fault: Fault) {
    if version == Version::V5 {
        out.put_slice(&[0xE0, 1, fault.0]);
    }
}
