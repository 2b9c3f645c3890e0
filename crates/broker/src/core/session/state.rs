//! One session: its filters, its queue, its in-flight window, and what it took from its client.
//!
//! ```text
//! deliver ─▶ queued ─▶ sent (packet id) ─▶ PUBACK ─▶ done                       QoS 1
//!               │        └─▶ PUBREC: received, PUBREL ─▶ PUBCOMP ─▶ done        QoS 2
//!               └ waits for room        sent again, first and in order, on the next link
//! ```
//! A message of QoS 1 or 2 gets the session's next sequence number when it is accepted, and is in
//! flight before it is written, so that a dying socket cannot lose it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::owed::{InFlight, Queued};
use super::taken::Taken;
use crate::core::effects::Effects;
use crate::core::ids::SessionId;
use crate::core::ledger::Ledger;
use crate::core::publication::Delivery;
use crate::core::trie::Subscription;
use crate::journal::SessionNo;
use crate::limits::Limits;
use crate::link::{Link, LinkId, Subject};
use crate::message::Outcome;
use crate::wire::Will;

/// What one client of one subject has asked for and is still owed.
pub(crate) struct Session {
    /// Some if it is kept in the journal.
    pub(crate) no: Option<SessionNo>,
    pub(crate) subject: Subject,
    pub(crate) client: Arc<str>,
    /// Some while connected.
    pub(crate) link: Option<LinkId>,
    /// How long it outlives its link; zero: not at all.
    pub(crate) life: Duration,
    /// Its end, while not connected.
    pub(crate) ends: Option<Instant>,
    /// A will that waits for its delay, while not connected.
    pub(crate) will: Option<(Instant, Link, Will)>,
    /// Repeats what the trie and the groups hold of this session.
    pub(crate) filters: Vec<(Arc<str>, Subscription)>,
    /// Largest in-flight window of the current link.
    pub(crate) window: usize,
    /// QoS 2 publishes of its client.
    pub(crate) taken: Taken,
    pub(super) queue: VecDeque<Queued>,
    pub(super) queue_bytes: usize,
    pub(super) inflight: VecDeque<InFlight>,
    /// How many of `inflight`, from the front, were written on the current link.
    pub(super) sent: usize,
    /// Of the next delivery at QoS 1 or 2.
    pub(super) next_sequence: u64,
    /// Not later than the first expiry among what waits; None if nothing expires.
    pub(super) expiry: Option<Instant>,
}

/// What every step needs beside the session.
pub(crate) struct Step<'a> {
    /// Whose step it is.
    pub(crate) id: SessionId,
    pub(crate) limits: &'a Limits,
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) tally: &'a mut Tally,
    pub(crate) now: Instant,
    pub(crate) fx: &'a mut Effects,
}

/// Counters since the start.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) received: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
}

impl Step<'_> {
    pub(super) fn lose(&mut self, mut delivery: Delivery, link: Option<LinkId>) {
        self.tally.dropped += 1;
        self.report_lost(&mut delivery, link);
    }

    pub(super) fn report_lost(&mut self, delivery: &mut Delivery, link: Option<LinkId>) {
        if let Some(link) = link {
            self.fx.report(delivery.outcome.take(), Outcome::Lost(link));
        }
    }
}

impl Session {
    pub(crate) fn new(subject: Subject, client: Arc<str>) -> Session {
        Session {
            no: None,
            subject,
            client,
            link: None,
            life: Duration::ZERO,
            ends: None,
            will: None,
            filters: Vec::new(),
            window: 0,
            taken: Taken::default(),
            queue: VecDeque::new(),
            queue_bytes: 0,
            inflight: VecDeque::new(),
            sent: 0,
            next_sequence: 0,
            expiry: None,
        }
    }

    /// Messages and bytes that wait.
    pub(crate) fn queued(&self) -> (usize, usize) {
        (self.queue.len(), self.queue_bytes)
    }

    /// The bytes that wait, by what waits; how much is in flight, and how much of it was sent.
    #[cfg(test)]
    pub(crate) fn held(&self) -> (usize, usize, usize) {
        let queued = self.queue.iter().map(|one| one.delivery.message.bytes());
        (queued.sum(), self.inflight.len(), self.sent)
    }

    /// Messages at QoS 1 and 2 that the client has been sent, or is sent again, and has not
    /// acknowledged.
    pub(crate) fn in_flight(&self) -> usize {
        self.inflight.len()
    }

    /// When [`Session::expire`] has something to do.
    pub(crate) fn expiry(&self) -> Option<Instant> {
        self.expiry
    }

    /// The link is gone: forgets what was only for it, keeps the rest for the next.
    pub(crate) fn part(&mut self, step: &mut Step<'_>) {
        let link = self.link.take();
        self.part_queue(link, step);
        self.part_flight(link, step);
        self.expiry = None;
    }

    /// Drops what has expired in the queue; reports what has expired in flight, which still waits
    /// for its acknowledgement because its packet id is in use.
    pub(crate) fn expire(&mut self, step: &mut Step<'_>) {
        if self.expiry.is_none_or(|at| at > step.now) {
            return;
        }
        self.purge(step);
        for flying in &mut self.inflight {
            if flying.delivery.message.is_expired(step.now) {
                step.report_lost(&mut flying.delivery, self.link);
            }
        }
        let flying = self.inflight.iter().map(|flying| &flying.delivery);
        let queued = self.queue.iter().map(|queued| &queued.delivery);
        self.expiry = queued
            .chain(flying.filter(|one| one.outcome.is_some()))
            .filter_map(|delivery| delivery.message.expires)
            .min();
    }

    /// What the other members of its groups shall have when the session ends, oldest first. Not
    /// what was sent at QoS 2: it might be received twice [MQTT-4.8.2-5].
    pub(crate) fn into_shared(self) -> impl Iterator<Item = Delivery> {
        let flying = self.inflight.into_iter();
        let unsent = flying.filter(|one| one.delivery.qos < 2 || !one.again);
        let queued = self.queue.into_iter().map(|queued| queued.delivery);
        unsent
            .map(|flying| flying.delivery)
            .chain(queued)
            .filter(|one| one.group.is_some() && one.outlives_link())
    }

    pub(super) fn note_expiry(&mut self, delivery: &Delivery) {
        if let Some(at) = delivery.message.expires {
            self.expiry = Some(self.expiry.map_or(at, |earlier| earlier.min(at)));
        }
    }
}
