//! One connection of an anonymous client. No keep-alive, so an idle one costs nothing.
//! Source: MQTT 3.1.1 §2.2, §3.1, §3.2, §3.4, §3.8, §3.9.

use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::load::error::LoadError;
use crate::load::raw::{Socket, decode, encode, packet, put_text};
use crate::load::stream::Target;

const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
const PUBLISH: u8 = 0x30;
const PUBACK: u8 = 0x40;
const SUBSCRIBE: u8 = 0x82;
const SUBACK: u8 = 0x90;

/// Who connects.
pub(super) struct Visitor<'a> {
    pub(super) client: &'a str,
    /// Without an earlier session, and leaving none.
    pub(super) clean: bool,
    /// Room for unread bytes.
    pub(super) room: usize,
}

/// Dropping it closes the socket without DISCONNECT.
pub(super) struct Line {
    socket: Socket,
}

impl Line {
    /// Returns after CONNACK.
    pub(super) async fn connect(target: &Target, visitor: &Visitor<'_>) -> Result<Self, LoadError> {
        let mut socket = Socket::connect_to(target, visitor.room).await?;
        let mut body = Vec::new();
        put_text(&mut body, "MQTT");
        body.extend([4, u8::from(visitor.clean) << 1, 0, 0]);
        put_text(&mut body, visitor.client);
        socket.send(&encode(CONNECT, &body)).await?;
        if packet(&mut socket, CONNACK).await?.get(1) != Some(&0) {
            return Err(LoadError::NotLetIn);
        }
        Ok(Self { socket })
    }

    /// At QoS 1; returns after SUBACK.
    pub(super) async fn subscribe(&mut self, filters: &[String]) -> Result<(), LoadError> {
        let mut body = vec![0, 1];
        for filter in filters {
            put_text(&mut body, filter);
            body.push(1);
        }
        self.socket.send(&encode(SUBSCRIBE, &body)).await?;
        let granted = packet(&mut self.socket, SUBACK).await?;
        if granted.get(2..) != Some(&vec![1; filters.len()]) {
            return Err(LoadError::NotLetIn);
        }
        Ok(())
    }

    /// Waits for at least one message and acknowledges what came.
    pub(super) async fn collect(&mut self) -> Result<(), LoadError> {
        let mut acks = Vec::new();
        while acks.is_empty() {
            self.take_messages(&mut acks, |_| {})?;
            if acks.is_empty() {
                self.fill().await?;
            }
        }
        self.send(&acks).await
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        self.socket.send(bytes).await
    }

    /// Waits for bytes.
    pub(super) async fn fill(&mut self) -> Result<(), LoadError> {
        poll_fn(|waker| self.poll_fill(waker)).await
    }

    pub(super) fn poll_fill(&mut self, waker: &mut Context<'_>) -> Poll<Result<(), LoadError>> {
        self.socket.poll_fill(waker)
    }

    /// Takes the PUBACKs that came; how many.
    pub(super) fn take_acks(&mut self) -> Result<usize, LoadError> {
        let mut count = 0;
        while let Some((head, _, end)) = decode(self.socket.unread())? {
            if head != PUBACK {
                return Err(LoadError::Unexpected("another packet than PUBACK"));
            }
            self.socket.take(end);
            count += 1;
        }
        Ok(count)
    }

    /// Takes the messages that came, tells each payload, and appends their PUBACKs to `acks`.
    pub(super) fn take_messages(
        &mut self,
        acks: &mut Vec<u8>,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), LoadError> {
        while let Some((head, body, end)) = decode(self.socket.unread())? {
            let message = (head & 0xf6 == PUBLISH | 0b10).then(|| split(body));
            let Some((id, payload)) = message.flatten() else {
                return Err(LoadError::Unexpected(
                    "another packet than PUBLISH at QoS 1",
                ));
            };
            acks.extend([PUBACK, 2]);
            acks.extend(id);
            each(payload);
            self.socket.take(end);
        }
        Ok(())
    }
}

/// Packet id and payload.
fn split(body: &[u8]) -> Option<(&[u8; 2], &[u8])> {
    let (length, rest) = body.split_first_chunk::<2>()?;
    let (_, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    rest.split_first_chunk()
}
