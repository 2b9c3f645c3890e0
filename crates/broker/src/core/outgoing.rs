//! The sending side of one link: encoded bytes that its task has still to write, what is told when
//! they are written, and how the link ends. Survives its session's end until the task is done.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use bytes::BytesMut;

use super::acks::Acks;
use super::aliases::{Aliases, Naming};
use super::effects::Effects;
use super::grant::Pending;
use super::ids::SessionId;
use super::publication::Delivery;
use crate::limits::Limits;
use crate::link::{DisconnectReason, Link, Traffic, Version};
use crate::message::{Outcome, OutcomeFn};
use crate::wire::{self, Answer, Head, Will};

/// One link as the core sees it.
pub(crate) struct Outgoing {
    pub(crate) link: Link,
    /// None once detached.
    pub(crate) session: Option<SessionId>,
    /// Some once detached: the task writes what is left and goes.
    pub(crate) closing: Option<DisconnectReason>,
    pub(crate) out: BytesMut,
    /// All bytes ever appended, and all the socket took.
    pub(crate) appended: u64,
    pub(crate) written: u64,
    /// Outcomes of QoS 0 messages, by the value of `written` that proves them.
    pub(crate) watched: VecDeque<(u64, OutcomeFn)>,
    pub(crate) acks: Acks,
    /// SUBACKs and UNSUBACKs that wait for the disk.
    pub(crate) pending: VecDeque<Pending>,
    /// Filters that the hooks have still to hear of.
    pub(crate) granted: Vec<Arc<str>>,
    pub(crate) will: Option<Will>,
    pub(crate) packet_bytes_max: usize,
    pub(crate) aliases: Aliases,
    pub(crate) waker: Option<Waker>,
    pub(crate) traffic: Traffic,
}

/// What became of an attempt to write.
#[derive(PartialEq, Eq)]
pub(crate) enum Wrote {
    Yes,
    /// Larger than the client's maximum packet size.
    TooLarge,
}

impl Outgoing {
    /// `aliases_max` topic aliases may be used towards the client.
    pub(crate) fn new(
        link: Link,
        session: SessionId,
        packet_bytes_max: u32,
        aliases_max: u16,
    ) -> Outgoing {
        Outgoing {
            link,
            session: Some(session),
            closing: None,
            out: BytesMut::new(),
            appended: 0,
            written: 0,
            watched: VecDeque::new(),
            acks: Acks::default(),
            pending: VecDeque::new(),
            granted: Vec::new(),
            will: None,
            packet_bytes_max: packet_bytes_max as usize,
            aliases: Aliases::new(aliases_max),
            waker: None,
            traffic: Traffic::default(),
        }
    }

    /// Bytes that the socket has not taken.
    pub(crate) fn unsent(&self) -> usize {
        usize::try_from(self.appended - self.written).unwrap_or(usize::MAX)
    }

    /// Appends what `encode` writes and wakes the task.
    pub(crate) fn append(&mut self, fx: &mut Effects, encode: impl FnOnce(&mut BytesMut)) {
        let before = self.out.len();
        encode(&mut self.out);
        self.appended += (self.out.len() - before) as u64;
        self.wake(fx);
    }

    pub(crate) fn wake(&mut self, fx: &mut Effects) {
        fx.wakes.extend(self.waker.take());
    }

    /// False: the link shall not be read on for now.
    pub(crate) fn may_read(&self, limits: &Limits) -> bool {
        self.has_ack_room(limits)
            && self.pending.len() < limits.tickets_max.max(1)
            && self.unsent() < limits.outgoing_bytes_max
    }

    /// False: so many publishes wait to be acknowledged that no more shall be read.
    pub(crate) fn has_ack_room(&self, limits: &Limits) -> bool {
        self.acks.has_room(limits, self.link.version == Version::V5)
    }

    /// Appends PUBREL.
    pub(crate) fn release(&mut self, packet: u16, code: u8, fx: &mut Effects) {
        self.answer(Answer::Rel, packet, code, fx);
    }

    /// Appends one of the four answers.
    pub(crate) fn answer(&mut self, answer: Answer, packet: u16, code: u8, fx: &mut Effects) {
        let version = self.link.version;
        self.append(fx, |out| wire::answer(out, version, answer, packet, code));
    }

    /// Appends a PUBLISH. `packet` is some at QoS 1 and 2.
    pub(crate) fn append_publish(
        &mut self,
        delivery: &Delivery,
        packet: Option<u16>,
        again: bool,
        now: Instant,
        fx: &mut Effects,
    ) -> Wrote {
        let message = &delivery.message;
        let mut naming = self.aliases.find(&message.topic);
        let mut head = Head {
            qos: delivery.qos,
            packet,
            alias: naming.alias(),
            again,
            retain: delivery.retain,
            expiry_secs: message.expires.map(|expires| seconds_left(expires, now)),
            properties: &message.properties,
            identifiers: &delivery.identifiers,
        };
        let version = self.link.version;
        let mut topic = match naming {
            Naming::Alias(_) => "",
            Naming::Name | Naming::Both(_) => &message.topic,
        };
        let is_too_large = |head: &Head<'_>, topic: &str| {
            self.packet_bytes_max != u32::MAX as usize
                && wire::publish_bytes(version, head, topic, &message.payload)
                    > self.packet_bytes_max
        };
        if is_too_large(&head, topic) {
            // An alias may be what is too much: its own three bytes.
            (naming, head.alias, topic) = (Naming::Name, None, &message.topic);
            if is_too_large(&head, topic) {
                return Wrote::TooLarge;
            }
        }
        self.append(fx, |out| {
            wire::publish(out, version, &head, topic, &message.payload)
        });
        self.aliases.note(&message.topic, naming);
        self.traffic.delivered_messages += 1;
        self.traffic.delivered_bytes += message.bytes() as u64;
        Wrote::Yes
    }

    /// Reports `outcome` once everything appended so far is written.
    pub(crate) fn watch(&mut self, outcome: Option<OutcomeFn>) {
        if let Some(outcome) = outcome {
            self.watched.push_back((self.appended, outcome));
        }
    }

    /// The socket took `bytes`.
    pub(crate) fn confirm(&mut self, bytes: usize, fx: &mut Effects) {
        self.written += bytes as u64;
        while let Some((_, outcome)) = self.watched.pop_front_if(|(end, _)| *end <= self.written) {
            fx.outcomes
                .push((outcome, Outcome::Acknowledged(self.link.id)));
        }
    }
}

/// Rounded up, so that a message is never announced as dead on arrival.
fn seconds_left(expires: Instant, now: Instant) -> u32 {
    let left = expires.saturating_duration_since(now);
    u32::try_from(left.as_millis().div_ceil(1000))
        .unwrap_or(u32::MAX)
        .max(1)
}
