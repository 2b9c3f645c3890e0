//! PUBACKs and PUBRECs owed to one client, in the order its publishes came: a later one waits for an
//! earlier ticket, or for the disk. Counts what is outstanding, which pauses reading.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::ledger::{Batch, Ledger};
use crate::limits::Limits;
use crate::ticket::{Settled, Slot};
use crate::wire::Answer;

/// One publish not yet acknowledged.
struct Ack {
    /// None at QoS 0: nothing is sent, it only counts.
    owed: Option<Owed>,
    code: u8,
    bytes: usize,
    since: Instant,
    /// None: ready as soon as it is the first.
    slot: Option<Arc<Slot>>,
    /// It waits for this to be on disk.
    held: Option<Batch>,
}

impl Ack {
    fn is_puback(&self) -> bool {
        self.owed.is_some_and(|owed| owed.answer == Answer::Ack)
    }
}

/// What acknowledges a publish at QoS 1 or 2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Owed {
    /// PUBACK or PUBREC.
    pub(crate) answer: Answer,
    pub(crate) packet: u16,
}

/// All of one link.
#[derive(Default)]
pub(crate) struct Acks {
    entries: VecDeque<Ack>,
    bytes: usize,
    /// PUBACKs among them.
    pubacks: usize,
    /// Entries at QoS 0.
    plain: usize,
}

/// What the first entry has come to.
pub(crate) enum Next {
    /// Send this with this code.
    Send(Owed, u8),
    /// Nothing to send now.
    Wait,
    /// Its ticket was refused.
    Refused(Owed),
}

impl Acks {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// An acknowledgement that waits for its turn, and for a batch to be on disk.
    pub(crate) fn push_held(&mut self, owed: Owed, code: u8, held: Option<Batch>, now: Instant) {
        self.push(Ack {
            owed: Some(owed),
            code,
            bytes: 0,
            since: now,
            slot: None,
            held,
        });
    }

    /// One that waits for a ticket.
    pub(crate) fn push_ticket(
        &mut self,
        owed: Option<Owed>,
        bytes: usize,
        slot: Arc<Slot>,
        now: Instant,
    ) {
        self.push(Ack {
            owed,
            code: 0,
            bytes,
            since: now,
            slot: Some(slot),
            held: None,
        });
    }

    /// Takes the first entry if it is ready.
    pub(crate) fn next(&mut self, ledger: &Ledger) -> Next {
        while let Some(first) = self.entries.front() {
            if !ledger.is_kept(first.held) {
                return Next::Wait;
            }
            let answer = match &first.slot {
                None => Settled::Accepted,
                Some(slot) => match slot.answer() {
                    None => return Next::Wait,
                    Some(answer) => answer,
                },
            };
            let (owed, code) = (first.owed, first.code);
            self.pop();
            match (owed, answer) {
                (Some(owed), Settled::Accepted) => return Next::Send(owed, code),
                (Some(owed), Settled::Refused) => return Next::Refused(owed),
                (None, Settled::Accepted | Settled::Refused) => {}
            }
        }
        Next::Wait
    }

    /// Bytes, PUBACKs and entries at QoS 0, as counted and as there are.
    #[cfg(test)]
    pub(crate) fn held(&self) -> ((usize, usize, usize), (usize, usize, usize)) {
        let all = &self.entries;
        let bytes = all.iter().map(|one| one.bytes).sum();
        let pubacks = all.iter().filter(|one| one.is_puback()).count();
        let plain = all.iter().filter(|one| one.owed.is_none()).count();
        (
            (self.bytes, self.pubacks, self.plain),
            (bytes, pubacks, plain),
        )
    }

    /// PUBACKs not yet sent.
    pub(crate) fn pubacks(&self) -> usize {
        self.pubacks
    }

    /// True if the link may be read on. A v5 client was told how many publishes it may have open:
    /// to see it go beyond that, it is read on, up to twice as many, for it may repeat itself.
    pub(crate) fn has_room(&self, limits: &Limits, is_five: bool) -> bool {
        let max = limits.tickets_max;
        let has_room = if is_five {
            self.plain < max && self.entries.len() < max.saturating_mul(2)
        } else {
            self.entries.len() < max
        };
        has_room && self.bytes < limits.ticket_bytes_max
    }

    /// When the first entry is too old.
    pub(crate) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        self.entries
            .front()
            .map(|first| first.since + limits.ticket_life)
    }

    /// Forgets QoS 0 entries that are too old; returns true if one at QoS 1 or 2 is.
    pub(crate) fn expire(&mut self, limits: &Limits, now: Instant) -> bool {
        while let Some(first) = self.entries.front() {
            if first.since + limits.ticket_life > now {
                return false;
            }
            if first.owed.is_some() {
                return true;
            }
            self.pop();
        }
        false
    }

    fn push(&mut self, ack: Ack) {
        self.bytes += ack.bytes;
        self.pubacks += usize::from(ack.is_puback());
        self.plain += usize::from(ack.owed.is_none());
        self.entries.push_back(ack);
    }

    fn pop(&mut self) {
        if let Some(first) = self.entries.pop_front() {
            self.bytes -= first.bytes;
            self.pubacks -= usize::from(first.is_puback());
            self.plain -= usize::from(first.owed.is_none());
        }
    }
}
