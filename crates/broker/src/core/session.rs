//! One session: its filters, its queue and its in-flight window (MQTT 3.1.1 §3.1.2.4, §4.4, §4.6).
//!
//! ```text
//! deliver ─▶ queue ─▶ in flight (packet id) ─▶ written ─▶ PUBACK
//!               └──── waits for room ────┘ sent again, first and in order, on the next link
//! ```
//! A QoS 1 message is in flight before it is written, so that a dying socket cannot lose it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::effects::Effects;
use super::outgoing::{Outgoing, Wrote};
use super::publication::Delivery;
use super::trie::Subscription;
use crate::limits::Limits;
use crate::link::{Link, LinkId, Subject};
use crate::message::Outcome;
use crate::wire::Will;

/// A QoS 1 message that has a packet id.
struct InFlight {
    packet: u16,
    /// It was written on an earlier link.
    again: bool,
    delivery: Delivery,
}

/// What one client of one subject has asked for and is still owed.
pub(crate) struct Session {
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
    /// Repeats what the trie holds of this session.
    pub(crate) filters: Vec<(Arc<str>, Subscription)>,
    /// Largest in-flight window of the current link.
    pub(crate) window: usize,
    queue: VecDeque<Delivery>,
    queue_bytes: usize,
    inflight: VecDeque<InFlight>,
    /// How many of `inflight`, from the front, were written on the current link.
    sent: usize,
    next_packet: u16,
    /// Not later than the first expiry among what waits; None if nothing expires.
    expiry: Option<Instant>,
}

/// What every step needs beside the session.
pub(crate) struct Step<'a> {
    pub(crate) limits: &'a Limits,
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
    fn lose(&mut self, mut delivery: Delivery, link: Option<LinkId>) {
        self.tally.dropped += 1;
        if let Some(link) = link {
            self.fx.report(delivery.outcome.take(), Outcome::Lost(link));
        }
    }
}

impl Session {
    pub(crate) fn new(subject: Subject, client: Arc<str>) -> Session {
        Session {
            subject,
            client,
            link: None,
            life: Duration::ZERO,
            ends: None,
            will: None,
            filters: Vec::new(),
            window: 0,
            queue: VecDeque::new(),
            queue_bytes: 0,
            inflight: VecDeque::new(),
            sent: 0,
            next_packet: 1,
            expiry: None,
        }
    }

    /// Messages and bytes that wait.
    pub(crate) fn queued(&self) -> (usize, usize) {
        (self.queue.len(), self.queue_bytes)
    }

    /// When [`Session::expire`] has something to do.
    pub(crate) fn expiry(&self) -> Option<Instant> {
        self.expiry
    }

    /// Takes a message for this session: writes it, lets it wait, or drops it.
    pub(crate) fn deliver(
        &mut self,
        delivery: Delivery,
        outgoing: Option<&mut Outgoing>,
        step: &mut Step<'_>,
    ) {
        let Some(outgoing) = outgoing else {
            if delivery.outlives_link() {
                self.enqueue(delivery, step);
            }
            return;
        };
        let is_first = self.queue.is_empty() && self.sent == self.inflight.len();
        let is_flowing = outgoing.unsent() < step.limits.outgoing_bytes_max;
        if !delivery.acknowledged && (delivery.message.transient || is_first) {
            if is_flowing {
                write_plain(delivery, outgoing, step);
            } else {
                step.lose(delivery, self.link);
            }
        } else if delivery.acknowledged && is_first && is_flowing && self.has_room() {
            self.fly(delivery, outgoing, step);
        } else {
            // The task has to learn of a new deadline.
            outgoing.wake(step.fx);
            self.enqueue(delivery, step);
        }
    }

    /// Writes as much as the window and the outgoing bound allow: first what is in flight and not
    /// yet written on this link, then the queue.
    pub(crate) fn pump(&mut self, outgoing: &mut Outgoing, step: &mut Step<'_>) {
        let bound = step.limits.outgoing_bytes_max;
        while self.sent < self.inflight.len().min(self.window) && outgoing.unsent() < bound {
            self.fly_again(outgoing, step);
        }
        while self.sent == self.inflight.len() && outgoing.unsent() < bound {
            let Some(first) = self.queue.front() else {
                return;
            };
            if first.acknowledged && !self.has_room() {
                return;
            }
            let Some(delivery) = self.dequeue() else {
                return;
            };
            if delivery.message.is_expired(step.now) {
                step.lose(delivery, self.link);
            } else if delivery.acknowledged {
                self.fly(delivery, outgoing, step);
            } else {
                write_plain(delivery, outgoing, step);
            }
        }
    }

    /// PUBACK came. Unknown packet ids are ignored: the message may have been given up.
    pub(crate) fn acknowledge(&mut self, packet: u16, taken: bool, step: &mut Step<'_>) {
        let flying = self.inflight.iter().take(self.sent);
        let Some(at) = flying
            .into_iter()
            .position(|flying| flying.packet == packet)
        else {
            return;
        };
        self.sent -= 1;
        if let Some(flying) = self.inflight.remove(at)
            && let Some(link) = self.link
        {
            let outcome = if taken {
                Outcome::Acknowledged(link)
            } else {
                Outcome::Lost(link)
            };
            step.fx.report(flying.delivery.outcome, outcome);
        }
    }

    /// The link is gone: forgets what was only for it, keeps the rest for the next.
    pub(crate) fn part(&mut self, step: &mut Step<'_>) {
        let link = self.link.take();
        for mut delivery in std::mem::take(&mut self.queue) {
            if delivery.outlives_link() {
                report_lost(&mut delivery, link, step);
                self.queue.push_back(delivery);
            } else {
                self.queue_bytes -= delivery.message.bytes();
                step.lose(delivery, link);
            }
        }
        for mut flying in std::mem::take(&mut self.inflight) {
            if flying.delivery.outlives_link() {
                report_lost(&mut flying.delivery, link, step);
                flying.again |= self.sent > 0;
                self.inflight.push_back(flying);
            } else {
                step.lose(flying.delivery, link);
            }
            self.sent = self.sent.saturating_sub(1);
        }
        self.sent = 0;
        self.expiry = None;
    }

    /// Drops what has expired in the queue; reports what has expired in flight, which still waits
    /// for its PUBACK because its packet id is in use.
    pub(crate) fn expire(&mut self, step: &mut Step<'_>) {
        if self.expiry.is_none_or(|at| at > step.now) {
            return;
        }
        for delivery in std::mem::take(&mut self.queue) {
            if delivery.message.is_expired(step.now) {
                self.queue_bytes -= delivery.message.bytes();
                step.lose(delivery, self.link);
            } else {
                self.queue.push_back(delivery);
            }
        }
        for flying in &mut self.inflight {
            if flying.delivery.message.is_expired(step.now) {
                report_lost(&mut flying.delivery, self.link, step);
            }
        }
        let flying = self.inflight.iter().map(|flying| &flying.delivery);
        self.expiry = (self
            .queue
            .iter()
            .chain(flying.filter(|one| one.outcome.is_some())))
        .filter_map(|delivery| delivery.message.expires)
        .min();
    }

    /// The window has room, and the next packet id is free: ids of messages in flight are a run
    /// that begins at the first, so only reaching that one means the run is full.
    fn has_room(&self) -> bool {
        self.inflight.len() < self.window
            && self
                .inflight
                .front()
                .is_none_or(|first| first.packet != self.next_packet)
    }

    fn fly(&mut self, delivery: Delivery, outgoing: &mut Outgoing, step: &mut Step<'_>) {
        let packet = self.next_packet;
        if outgoing.append_publish(&delivery, Some(packet), false, step.now, step.fx)
            == Wrote::TooLarge
        {
            step.lose(delivery, self.link);
            return;
        }
        self.next_packet = packet.checked_add(1).unwrap_or(1);
        self.note_expiry(&delivery);
        step.tally.delivered += 1;
        self.inflight.push_back(InFlight {
            packet,
            again: false,
            delivery,
        });
        self.sent += 1;
    }

    /// Writes the first message in flight that this link has not seen.
    fn fly_again(&mut self, outgoing: &mut Outgoing, step: &mut Step<'_>) {
        let InFlight {
            packet,
            again,
            delivery,
        } = &self.inflight[self.sent];
        match outgoing.append_publish(delivery, Some(*packet), *again, step.now, step.fx) {
            Wrote::Yes => {
                step.tally.delivered += 1;
                self.sent += 1;
            }
            Wrote::TooLarge => {
                if let Some(flying) = self.inflight.remove(self.sent) {
                    step.lose(flying.delivery, self.link);
                }
            }
        }
    }

    fn enqueue(&mut self, delivery: Delivery, step: &mut Step<'_>) {
        let bytes = delivery.message.bytes();
        if self.queue.len() >= step.limits.queue_messages_max
            || self.queue_bytes + bytes > step.limits.queue_bytes_max
        {
            step.lose(delivery, self.link);
            return;
        }
        self.note_expiry(&delivery);
        self.queue_bytes += bytes;
        self.queue.push_back(delivery);
    }

    fn dequeue(&mut self) -> Option<Delivery> {
        let delivery = self.queue.pop_front()?;
        self.queue_bytes -= delivery.message.bytes();
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
        Some(delivery)
    }

    fn note_expiry(&mut self, delivery: &Delivery) {
        if let Some(at) = delivery.message.expires {
            self.expiry = Some(self.expiry.map_or(at, |earlier| earlier.min(at)));
        }
    }
}

fn write_plain(mut delivery: Delivery, outgoing: &mut Outgoing, step: &mut Step<'_>) {
    match outgoing.append_publish(&delivery, None, false, step.now, step.fx) {
        Wrote::Yes => {
            step.tally.delivered += 1;
            outgoing.watch(delivery.outcome.take());
        }
        Wrote::TooLarge => step.lose(delivery, Some(outgoing.link.id)),
    }
}

fn report_lost(delivery: &mut Delivery, link: Option<LinkId>, step: &mut Step<'_>) {
    if let Some(link) = link {
        step.fx.report(delivery.outcome.take(), Outcome::Lost(link));
    }
}
