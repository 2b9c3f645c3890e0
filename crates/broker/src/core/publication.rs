//! One message inside the core, shared by all its receivers, and its way to one of them.
//! Does not know who receives it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;

use super::ids::GroupId;
use crate::journal::MessageNo;
use crate::message::{Audience, Message, OutcomeFn};

/// Payloads up to this are copied out of the receive buffer they came in, so that a stored message
/// of a few bytes does not keep a whole buffer alive.
const COPY_BYTES_MAX: usize = 4096;

/// How many refer to a message in the journal, and its number there. Shared by all who have the
/// message, and only touched under the core's lock.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    /// 0: not in the journal.
    no: AtomicU64,
    count: AtomicU32,
}

impl Holders {
    /// One more; the number if it has one.
    pub(crate) fn hold(&self) -> Option<MessageNo> {
        let no = self.no.load(Ordering::Relaxed);
        if no == 0 {
            return None;
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        Some(MessageNo(no))
    }

    /// Gives a number to one that has none, for its first holder.
    pub(crate) fn number(&self, no: MessageNo) {
        self.no.store(no.0, Ordering::Relaxed);
        self.count.store(1, Ordering::Relaxed);
    }

    /// One less of one that has a number; that, if it was the last one.
    pub(crate) fn release(&self) -> Option<MessageNo> {
        if self.no.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let was = self.count.fetch_sub(1, Ordering::Relaxed);
        (was == 1).then(|| MessageNo(self.no.swap(0, Ordering::Relaxed)))
    }
}

/// A message as all receivers share it.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) topic: Arc<str>,
    pub(crate) payload: Bytes,
    /// 0 to 2.
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    pub(crate) transient: bool,
    pub(crate) expires: Option<Instant>,
    /// v5 properties as the sender encoded them.
    pub(crate) properties: Bytes,
    /// Its place in the journal.
    pub(crate) kept: Holders,
    /// Who may receive it, now or when it goes to another member of a group.
    pub(crate) audience: Audience,
}

impl Publication {
    /// A client's message; `payload` may be a slice of a receive buffer.
    pub(crate) fn received(
        topic: Arc<str>,
        payload: Bytes,
        qos: u8,
        retain: bool,
        properties: Bytes,
        expires: Option<Instant>,
    ) -> Publication {
        let small = payload.len() <= COPY_BYTES_MAX;
        Publication {
            topic,
            payload: if small {
                Bytes::copy_from_slice(&payload)
            } else {
                payload
            },
            qos,
            retain,
            transient: false,
            expires,
            properties,
            kept: Holders::default(),
            audience: Audience::Everyone,
        }
    }

    /// The owner's message.
    pub(crate) fn own(message: &Message) -> Publication {
        Publication {
            topic: Arc::clone(&message.topic),
            payload: message.payload.clone(),
            qos: message.qos.min(2),
            retain: message.retain,
            transient: message.transient,
            expires: message.expires,
            properties: Bytes::new(),
            kept: Holders::default(),
            audience: message.audience.clone(),
        }
    }

    /// What it counts for in a queue.
    pub(crate) fn bytes(&self) -> usize {
        self.topic.len() + self.payload.len() + self.properties.len()
    }

    pub(crate) fn is_expired(&self, now: Instant) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// A message on its way to one session.
pub(crate) struct Delivery {
    pub(crate) message: Arc<Publication>,
    /// The lower of the message's and the subscription's.
    pub(crate) qos: u8,
    /// The retain flag the receiver sees.
    pub(crate) retain: bool,
    pub(crate) identifiers: Vec<u32>,
    /// Taken when reported, or when its link ended.
    pub(crate) outcome: Option<OutcomeFn>,
    /// The group it was for, whose other members are next if its session ends.
    pub(crate) group: Option<GroupId>,
}

impl Delivery {
    /// True if it may wait for an absent client.
    pub(crate) fn outlives_link(&self) -> bool {
        self.qos > 0 && !self.message.transient
    }
}
