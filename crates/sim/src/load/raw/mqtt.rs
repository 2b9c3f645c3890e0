//! MQTT 3.1.1 on one connection: sign in, subscribe at QoS 1, take and acknowledge messages.
//!
//! No keep-alive, so an idle connection costs nothing. Source: MQTT 3.1.1 §2.2, §3.1 to §3.4,
//! §3.8, §3.9.

use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use super::field::find_text;
use super::socket::{Socket, Whole};
use crate::load::error::LoadError;

const CONNACK: u8 = 0x20;
const SUBACK: u8 = 0x90;
const PUBLISH: u8 = 0x30;

/// User name, password.
const CONNECT_FLAGS: u8 = 0b1100_0000;
const CLEAN: u8 = 0b10;

/// Who connects.
pub(in crate::load) struct SignIn<'a> {
    pub(in crate::load) client: &'a str,
    pub(in crate::load) user: &'a str,
    pub(in crate::load) password: &'a str,
    /// Without an earlier session, and leaving none.
    pub(in crate::load) clean: bool,
    /// Room for unread bytes.
    pub(in crate::load) room: usize,
}

/// A signed-in, subscribed connection. Dropping it closes the socket.
pub(in crate::load) struct MqttLine {
    socket: Socket,
}

/// A message that came, reduced to what a call needs.
pub(in crate::load) struct Notice {
    /// `incoming`, or the action of a control message.
    pub(in crate::load) word: Word,
    pub(in crate::load) call: String,
    packet_id: [u8; 2],
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) enum Word {
    Incoming,
    Answered,
    Hangup,
    Other,
}

impl MqttLine {
    /// Connects and subscribes; returns after SUBACK.
    pub(in crate::load) async fn connect(
        address: &str,
        sign_in: &SignIn<'_>,
        topics: &[&str],
    ) -> Result<Self, LoadError> {
        let mut socket = Socket::connect_with_room(address, sign_in.room).await?;
        socket.send(&encode_connect(sign_in)).await?;
        let connack = packet(&mut socket, CONNACK).await?;
        if connack.get(1) != Some(&0) {
            return Err(LoadError::NotLetIn);
        }
        socket.send(&encode_subscribe(topics)).await?;
        let suback = packet(&mut socket, SUBACK).await?;
        if suback.get(2..) != Some(&vec![1; topics.len()]) {
            return Err(LoadError::NotLetIn);
        }
        Ok(Self { socket })
    }

    /// The next message.
    pub(in crate::load) fn poll_notice(
        &mut self,
        waker: &mut Context<'_>,
    ) -> Poll<Result<Notice, LoadError>> {
        loop {
            while let Some((head, body, end)) = decode(self.socket.unread())? {
                let notice = (head & 0xf0 == PUBLISH).then(|| notice(head, body));
                self.socket.take(end);
                if let Some(notice) = notice {
                    return Poll::Ready(notice);
                }
            }
            ready!(self.socket.poll_fill(waker))?;
        }
    }

    /// PUBACK.
    pub(in crate::load) async fn acknowledge(&mut self, notice: &Notice) -> Result<(), LoadError> {
        let [high, low] = notice.packet_id;
        self.socket.send(&[0x40, 2, high, low]).await
    }
}

/// Waits for a packet of one type and returns what follows its fixed header.
pub(in crate::load) async fn packet(socket: &mut Socket, kind: u8) -> Result<Vec<u8>, LoadError> {
    loop {
        if let Some((head, body, end)) = decode(socket.unread())? {
            let found = (head == kind).then(|| body.to_vec());
            socket.take(end);
            return found.ok_or(LoadError::Unexpected("another packet than awaited"));
        }
        poll_fn(|waker| socket.poll_fill(waker)).await?;
    }
}

fn notice(head: u8, body: &[u8]) -> Result<Notice, LoadError> {
    parse_notice(head, body).ok_or(LoadError::Unexpected("a message that is not of a call"))
}

/// Packet id, topic and payload at QoS 1, the payload with a call's id.
fn parse_notice(head: u8, body: &[u8]) -> Option<Notice> {
    if head & 0b110 != 0b010 {
        return None;
    }
    let (length, rest) = body.split_first_chunk::<2>()?;
    let (topic, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let (packet_id, payload) = rest.split_first_chunk::<2>()?;
    let word = if topic == b"mqtt_call/incoming" {
        Word::Incoming
    } else {
        match find_text(payload, "action")? {
            "answered" => Word::Answered,
            "hangup" => Word::Hangup,
            _ => Word::Other,
        }
    };
    Some(Notice {
        word,
        call: find_text(payload, "call_id")?.to_owned(),
        packet_id: *packet_id,
    })
}

/// The packet at the front of the bytes, its head being the first byte.
pub(in crate::load) fn decode(bytes: &[u8]) -> Result<Whole<'_, u8>, LoadError> {
    let Some((head, rest)) = bytes.split_first() else {
        return Ok(None);
    };
    let mut length = 0;
    for (at, byte) in rest.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let start = at + 2;
            let body = bytes.get(start..start + length);
            return Ok(body.map(|body| (*head, body, start + length)));
        }
    }
    if rest.len() < 4 {
        return Ok(None);
    }
    Err(LoadError::Unexpected("a packet length above four bytes"))
}

fn encode_connect(sign_in: &SignIn<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    put_text(&mut body, "MQTT");
    let flags = CONNECT_FLAGS | if sign_in.clean { CLEAN } else { 0 };
    body.extend([4, flags, 0, 0]);
    for text in [sign_in.client, sign_in.user, sign_in.password] {
        put_text(&mut body, text);
    }
    encode(0x10, &body)
}

fn encode_subscribe(topics: &[&str]) -> Vec<u8> {
    let mut body = vec![0, 1];
    for topic in topics {
        put_text(&mut body, topic);
        body.push(1);
    }
    encode(0x82, &body)
}

pub(in crate::load) fn put_text(body: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    body.extend(length.to_be_bytes());
    body.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
}

/// The packet with that first byte.
pub(in crate::load) fn encode(head: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![head];
    let mut left = body.len();
    loop {
        let low = u8::try_from(left & 0x7f).unwrap_or_default();
        left >>= 7;
        packet.push(if left > 0 { low | 0x80 } else { low });
        if left == 0 {
            break;
        }
    }
    packet.extend_from_slice(body);
    packet
}
