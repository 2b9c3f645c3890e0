//! What is on its way to a client at QoS 1 and 2 (MQTT 3.1.1 §4.3, §4.4, §4.6; MQTT 5 §4.9).
//! A message counts against the window until PUBACK or PUBCOMP.

use super::owed::{InFlight, PACKET_IDS, packet_id};
use super::state::{Session, Step};
use crate::core::ledger::Batch;
use crate::core::outgoing::{Outgoing, Wrote};
use crate::core::publication::Delivery;
use crate::link::LinkId;
use crate::message::Outcome;

/// What PUBREC leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Receipt {
    /// PUBREL, when this is on disk.
    Release(Option<Batch>),
    /// PUBREL that says in v5 that the id is not known.
    Unknown,
    /// Nothing: the client did not want it.
    Refused,
}

impl Session {
    /// PUBACK came. Unknown packet ids are ignored: the message may have been given up.
    pub(crate) fn acknowledge(&mut self, packet: u16, taken: bool, step: &mut Step<'_>) {
        if let Some(at) = self.find_sent(packet, |one| one.delivery.qos == 1) {
            self.finish(at, taken, step);
        }
    }

    /// PUBREC came. The message is the client's from now on; its id is not free yet.
    pub(crate) fn receive(&mut self, packet: u16, taken: bool, step: &mut Step<'_>) -> Receipt {
        match self.find_sent(packet, |one| one.delivery.qos == 2) {
            Some(at) if taken => {
                let flying = &self.inflight[at];
                let held = if flying.received {
                    flying.held
                } else {
                    self.keep_received(flying.sequence, &flying.delivery, step)
                };
                let flying = &mut self.inflight[at];
                (flying.received, flying.held) = (true, held);
                if let Some(link) = self.link {
                    let outcome = flying.delivery.outcome.take();
                    step.fx.report(outcome, Outcome::Acknowledged(link));
                }
                Receipt::Release(held)
            }
            Some(at) => {
                self.finish(at, false, step);
                Receipt::Refused
            }
            None if taken => Receipt::Unknown,
            None => Receipt::Refused,
        }
    }

    /// PUBCOMP came. Unknown packet ids are ignored.
    pub(crate) fn complete(&mut self, packet: u16, step: &mut Step<'_>) {
        if let Some(at) = self.find_sent(packet, |one| one.received) {
            self.finish(at, true, step);
        }
    }

    fn find_sent(&self, packet: u16, fits: impl Fn(&InFlight) -> bool) -> Option<usize> {
        let mut sent = self.inflight.iter().take(self.sent);
        sent.position(|one| one.packet() == packet && fits(one))
    }

    /// A delivery is done with.
    fn finish(&mut self, at: usize, taken: bool, step: &mut Step<'_>) {
        self.sent -= 1;
        let Some(flying) = self.inflight.remove(at) else {
            return;
        };
        self.keep_no_more(flying.sequence, &flying.delivery, step);
        if let Some(link) = self.link {
            let outcome = if taken {
                Outcome::Acknowledged(link)
            } else {
                Outcome::Lost(link)
            };
            step.fx.report(flying.delivery.outcome, outcome);
        }
    }

    /// The window has room, and the packet id of `sequence` is free: only when the numbers in
    /// flight span all ids does it meet the first one's.
    pub(super) fn has_room(&self, sequence: u64) -> bool {
        let first = self.inflight.front();
        self.inflight.len() < self.window
            && first.is_none_or(|first| sequence - first.sequence < PACKET_IDS)
    }

    /// Something in flight is not written on this link and may be. PUBREL is no PUBLISH and does
    /// not wait for the window (MQTT 5 §4.9).
    pub(super) fn may_fly_again(&self, step: &Step<'_>) -> bool {
        let Some(next) = self.inflight.get(self.sent) else {
            return false;
        };
        step.ledger.is_kept(next.held) && (next.received || self.sent < self.window)
    }

    /// Writes a message for the first time.
    pub(super) fn fly(
        &mut self,
        sequence: u64,
        delivery: Delivery,
        outgoing: &mut Outgoing,
        step: &mut Step<'_>,
    ) {
        let packet = packet_id(sequence);
        if outgoing.append_publish(&delivery, Some(packet), false, step.now, step.fx)
            == Wrote::TooLarge
        {
            self.keep_no_more(sequence, &delivery, step);
            step.lose(delivery, self.link);
            return;
        }
        self.note_expiry(&delivery);
        step.tally.delivered += 1;
        self.inflight.push_back(InFlight {
            sequence,
            again: false,
            received: false,
            held: None,
            delivery,
        });
        self.sent += 1;
    }

    /// Puts back what was in flight, or may have been, when the process ended.
    pub(super) fn restore_flight(&mut self, sequence: u64, received: bool, delivery: Delivery) {
        self.inflight.push_back(InFlight {
            sequence,
            again: true,
            received,
            held: None,
            delivery,
        });
    }

    /// Writes what the first message in flight that this link has not seen has come to.
    pub(super) fn fly_again(&mut self, outgoing: &mut Outgoing, step: &mut Step<'_>) {
        let flying = &self.inflight[self.sent];
        let packet = flying.packet();
        if flying.received {
            outgoing.release(packet, 0, step.fx);
            self.sent += 1;
            return;
        }
        let (delivery, again) = (&flying.delivery, flying.again);
        match outgoing.append_publish(delivery, Some(packet), again, step.now, step.fx) {
            Wrote::Yes => {
                step.tally.delivered += 1;
                self.sent += 1;
            }
            Wrote::TooLarge => {
                if let Some(flying) = self.inflight.remove(self.sent) {
                    self.keep_no_more(flying.sequence, &flying.delivery, step);
                    step.lose(flying.delivery, self.link);
                }
            }
        }
    }

    pub(super) fn part_flight(&mut self, link: Option<LinkId>, step: &mut Step<'_>) {
        for mut flying in std::mem::take(&mut self.inflight) {
            flying.again |= self.sent > 0;
            self.sent = self.sent.saturating_sub(1);
            if flying.received || flying.delivery.outlives_link() {
                step.report_lost(&mut flying.delivery, link);
                self.inflight.push_back(flying);
            } else if flying.again && flying.delivery.qos == 2 {
                // It is given up, but the client may hold its id, and would take the next message
                // with this id for a repeat. PUBREL makes it forget.
                step.tally.dropped += 1;
                step.report_lost(&mut flying.delivery, link);
                flying.received = true;
                self.inflight.push_back(flying);
            } else {
                step.lose(flying.delivery, link);
            }
        }
        self.sent = 0;
    }
}
