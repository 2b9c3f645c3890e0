//! PUBACKs owed to one client, in the order its publishes came: a later one waits for an earlier
//! ticket. Counts what is outstanding, which pauses reading.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::limits::Limits;
use crate::ticket::{Settled, Slot};

/// One publish not yet acknowledged.
struct Ack {
    /// None at QoS 0: nothing is sent, it only counts.
    packet: Option<u16>,
    code: u8,
    bytes: usize,
    since: Instant,
    /// None: ready as soon as it is the first.
    slot: Option<Arc<Slot>>,
}

/// All of one link.
#[derive(Default)]
pub(crate) struct Acks {
    entries: VecDeque<Ack>,
    bytes: usize,
}

/// What the first entry has come to.
pub(crate) enum Next {
    /// Send this PUBACK (packet, code).
    Send(u16, u8),
    /// Nothing to send now.
    Wait,
    /// Its ticket was refused.
    Refused,
}

impl Acks {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// An acknowledgement that only waits for its turn.
    pub(crate) fn push_ready(&mut self, packet: u16, code: u8, now: Instant) {
        self.entries.push_back(Ack {
            packet: Some(packet),
            code,
            bytes: 0,
            since: now,
            slot: None,
        });
    }

    /// One that waits for a ticket.
    pub(crate) fn push_ticket(
        &mut self,
        packet: Option<u16>,
        bytes: usize,
        slot: Arc<Slot>,
        now: Instant,
    ) {
        self.bytes += bytes;
        self.entries.push_back(Ack {
            packet,
            code: 0,
            bytes,
            since: now,
            slot: Some(slot),
        });
    }

    /// Takes the first entry if it is ready.
    pub(crate) fn next(&mut self) -> Next {
        while let Some(first) = self.entries.front() {
            let answer = match &first.slot {
                None => Settled::Accepted,
                Some(slot) => match slot.answer() {
                    None => return Next::Wait,
                    Some(answer) => answer,
                },
            };
            let (packet, code) = (first.packet, first.code);
            self.pop();
            match (packet, answer) {
                (Some(packet), Settled::Accepted) => return Next::Send(packet, code),
                (Some(_), Settled::Refused) => return Next::Refused,
                (None, Settled::Accepted | Settled::Refused) => {}
            }
        }
        Next::Wait
    }

    /// True if the link may be read on.
    pub(crate) fn has_room(&self, limits: &Limits) -> bool {
        self.entries.len() < limits.tickets_max && self.bytes < limits.ticket_bytes_max
    }

    /// When the first entry is too old.
    pub(crate) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        self.entries
            .front()
            .map(|first| first.since + limits.ticket_life)
    }

    /// Forgets QoS 0 entries that are too old; returns true if a QoS 1 ticket is.
    pub(crate) fn expire(&mut self, limits: &Limits, now: Instant) -> bool {
        while let Some(first) = self.entries.front() {
            if first.since + limits.ticket_life > now {
                return false;
            }
            if first.packet.is_some() {
                return true;
            }
            self.pop();
        }
        false
    }

    fn pop(&mut self) {
        if let Some(first) = self.entries.pop_front() {
            self.bytes -= first.bytes;
        }
    }
}
