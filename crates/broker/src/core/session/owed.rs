//! One message that a client is owed: waiting, or in flight.
//! Decides nothing; the steps are in the files below.

use std::time::{Duration, Instant};

use crate::core::ledger::Batch;
use crate::core::publication::Delivery;

/// Packet ids there are; consecutive sequence numbers have consecutive ids.
pub(super) const PACKET_IDS: u64 = u16::MAX as u64;

/// A message that waits.
pub(super) struct Queued {
    /// Some at QoS 1 and 2.
    pub(super) sequence: Option<u64>,
    pub(super) since: Instant,
    /// It is not written before this is on disk.
    pub(super) held: Option<Batch>,
    pub(super) delivery: Delivery,
}

impl Queued {
    /// It has expired, or waited for `life`.
    pub(super) fn is_over(&self, life: Duration, now: Instant) -> bool {
        self.delivery.message.is_expired(now) || now.saturating_duration_since(self.since) >= life
    }
}

/// A message that has a packet id.
pub(super) struct InFlight {
    pub(super) sequence: u64,
    /// It was written on an earlier link.
    pub(super) again: bool,
    /// QoS 2: PUBREC came. From then on it is PUBREL that is repeated.
    pub(super) received: bool,
    /// PUBREL is not written before this is on disk.
    pub(super) held: Option<Batch>,
    pub(super) delivery: Delivery,
}

impl InFlight {
    pub(super) fn packet(&self) -> u16 {
        packet_id(self.sequence)
    }
}

pub(super) fn packet_id(sequence: u64) -> u16 {
    u16::try_from(1 + sequence % PACKET_IDS).unwrap_or(1)
}
