//! What waits for a session, and what may be written next.
//! Order: what is in flight and not yet written on this link, then the queue.

use std::collections::VecDeque;
use std::time::Instant;

use super::owed::Queued;
use super::state::{Session, Step};
use crate::core::ledger::Batch;
use crate::core::outgoing::{Outgoing, Wrote};
use crate::core::publication::Delivery;
use crate::link::LinkId;

impl Session {
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
        let is_flowing = outgoing.unsent() < step.limits.outgoing_bytes_max;
        if delivery.qos == 0 && (delivery.message.transient || self.is_idle()) {
            if is_flowing {
                write_plain(delivery, outgoing, step);
            } else {
                step.lose(delivery, self.link);
            }
        } else if delivery.qos > 0 && is_flowing && self.takes_now() {
            let (sequence, held) = self.accept(&delivery, step);
            if held.is_some() {
                self.wait_in_queue(Some(sequence), held, delivery, step);
            } else {
                self.fly(sequence, delivery, outgoing, step);
            }
        } else {
            // The task has to learn of a new deadline.
            outgoing.wake(step.fx);
            self.enqueue(delivery, step);
        }
    }

    /// True if a message at QoS 1 or 2 would be in flight at once.
    pub(crate) fn takes_now(&self) -> bool {
        self.is_idle() && self.has_room(self.next_sequence)
    }

    /// Writes as much as the window and the outgoing bound allow.
    pub(crate) fn pump(&mut self, outgoing: &mut Outgoing, step: &mut Step<'_>) {
        let bound = step.limits.outgoing_bytes_max;
        while outgoing.unsent() < bound && self.may_fly_again(step) {
            self.fly_again(outgoing, step);
        }
        while self.sent == self.inflight.len() && outgoing.unsent() < bound {
            let Some(first) = self.queue.front() else {
                return;
            };
            let is_over = first.is_over(step.limits.queue_life, step.now);
            if !step.ledger.is_kept(first.held) {
                return;
            }
            if !is_over && first.sequence.is_some_and(|next| !self.has_room(next)) {
                return;
            }
            let Some(first) = self.dequeue() else {
                return;
            };
            match first.sequence {
                _ if is_over => self.give_up(first, self.link, step),
                Some(sequence) => self.fly(sequence, first.delivery, outgoing, step),
                None => write_plain(first.delivery, outgoing, step),
            }
        }
    }

    /// Drops what has waited too long.
    pub(super) fn purge(&mut self, step: &mut Step<'_>) {
        for queued in std::mem::take(&mut self.queue) {
            if queued.is_over(step.limits.queue_life, step.now) {
                self.queue_bytes -= queued.delivery.message.bytes();
                self.give_up(queued, self.link, step);
            } else {
                self.queue.push_back(queued);
            }
        }
    }

    pub(super) fn part_queue(&mut self, link: Option<LinkId>, step: &mut Step<'_>) {
        for mut queued in std::mem::take(&mut self.queue) {
            if queued.delivery.outlives_link() {
                step.report_lost(&mut queued.delivery, link);
                self.queue.push_back(queued);
            } else {
                self.queue_bytes -= queued.delivery.message.bytes();
                step.lose(queued.delivery, link);
            }
        }
    }

    /// Nothing waits to be written first.
    fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.sent == self.inflight.len()
    }

    /// The sequence number of a delivery at QoS 1 or 2 that is accepted, and what it waits for.
    fn accept(&mut self, delivery: &Delivery, step: &mut Step<'_>) -> (u64, Option<Batch>) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        (sequence, self.keep(sequence, delivery, step))
    }

    fn give_up(&self, queued: Queued, link: Option<LinkId>, step: &mut Step<'_>) {
        if let Some(sequence) = queued.sequence {
            self.keep_no_more(sequence, &queued.delivery, step);
        }
        step.lose(queued.delivery, link);
    }

    fn enqueue(&mut self, delivery: Delivery, step: &mut Step<'_>) {
        let bytes = delivery.message.bytes();
        if self.is_full(bytes, step) {
            self.purge(step);
        }
        if self.is_full(bytes, step) {
            step.lose(delivery, self.link);
            return;
        }
        let accepted = (delivery.qos > 0).then(|| self.accept(&delivery, step));
        let (sequence, held) = accepted.unzip();
        self.wait_in_queue(sequence, held.flatten(), delivery, step);
    }

    /// Puts back what waited when the process ended, in the order of the numbers.
    pub(crate) fn restore(
        &mut self,
        sequence: u64,
        flying: bool,
        received: bool,
        delivery: Delivery,
        now: Instant,
    ) {
        self.next_sequence = sequence + 1;
        self.note_expiry(&delivery);
        if flying {
            self.restore_flight(sequence, received, delivery);
            return;
        }
        self.queue_bytes += delivery.message.bytes();
        self.queue.push_back(Queued {
            sequence: Some(sequence),
            since: now,
            held: None,
            delivery,
        });
    }

    fn wait_in_queue(
        &mut self,
        sequence: Option<u64>,
        held: Option<Batch>,
        delivery: Delivery,
        step: &Step<'_>,
    ) {
        self.note_expiry(&delivery);
        self.queue_bytes += delivery.message.bytes();
        self.queue.push_back(Queued {
            sequence,
            since: step.now,
            held,
            delivery,
        });
    }

    fn is_full(&self, bytes: usize, step: &Step<'_>) -> bool {
        self.queue.len() >= step.limits.queue_messages_max
            || self.queue_bytes + bytes > step.limits.queue_bytes_max
    }

    fn dequeue(&mut self) -> Option<Queued> {
        let queued = self.queue.pop_front()?;
        self.queue_bytes -= queued.delivery.message.bytes();
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
        Some(queued)
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
