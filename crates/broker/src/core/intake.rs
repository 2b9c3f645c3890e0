//! A client's PUBLISH: whether it is new, what becomes of it, and what acknowledges it
//! (MQTT 3.1.1 §4.3, MQTT 5 §4.3, §4.9).
//!
//! ```text
//! PUBLISH ─▶ intake ─▶ (hooks) ─▶ publish ─▶ [ticket] ─▶ PUBACK                       QoS 1
//!              └ repeat: PUBREC                     └──▶ PUBREC ─▶ PUBREL ─▶ PUBCOMP  QoS 2
//! ```

use std::sync::Arc;
use std::time::Instant;

use super::acks::{Next, Owed};
use super::effects::Effects;
use super::ledger::{Batch, Waiter};
use super::publication::Publication;
use super::state::Core;
use crate::journal::Record;
use crate::link::{DisconnectReason, LinkId, Version};
use crate::ticket::Slot;
use crate::wire::{Answer, Fault};

const NOT_FOUND: u8 = 0x92;

/// Codes from this on say no.
const FAILURE: u8 = 0x80;

/// A client's PUBLISH, decided.
pub(crate) struct Arrival {
    /// Some at QoS 1 and 2.
    pub(crate) owed: Option<Owed>,
    /// Of topic, payload and properties.
    pub(crate) bytes: usize,
    pub(crate) fate: Fate,
}

/// What becomes of it.
pub(crate) enum Fate {
    /// Goes to subscribers.
    Forward(Publication),
    /// Waits for its ticket.
    Ticket { slot: Arc<Slot>, bytes: usize },
    /// Goes nowhere and is acknowledged with this code.
    Drop { code: u8 },
}

/// What to do with a PUBLISH that has just come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Intake {
    /// Ask the hooks, then call [`Core::publish`].
    New,
    /// Nothing more. `reading` is false if the link shall not be read on for now.
    Done { reading: bool },
}

impl Core {
    /// Looks at a PUBLISH at QoS 1 or 2 before anybody else does. A repeat is acknowledged here; one
    /// above the receive maximum ends the link.
    pub(crate) fn intake(
        &mut self,
        link: LinkId,
        owed: Owed,
        now: Instant,
        fx: &mut Effects,
    ) -> Intake {
        let (Some(session), Some(outgoing)) = (
            (self.session_of(link)).and_then(|id| self.sessions.get(id)),
            self.links.get(&link),
        ) else {
            return Intake::Done { reading: false };
        };
        let is_exact = owed.answer == Answer::Rec;
        if is_exact && session.taken.is_repeat(owed.packet, link) {
            let held = session.taken.held(owed.packet);
            self.owe(link, owed, 0, held, now, fx);
            let reading = self.settle(link, now, fx);
            return Intake::Done { reading };
        }
        let mut open = session.taken.count();
        if outgoing.link.version == Version::V5 {
            open += outgoing.acks.pubacks();
        } else if !is_exact {
            // 3.x knows no receive maximum: it is read more slowly.
            return Intake::New;
        }
        if open < self.limits.tickets_max.max(1) {
            return Intake::New;
        }
        let fault = Some(Fault::RECEIVE_MAX);
        self.detach(link, DisconnectReason::Protocol, fault, now, fx);
        Intake::Done { reading: false }
    }

    /// Takes a client's PUBLISH. Returns false if the link shall not be read on for now.
    pub(crate) fn publish(
        &mut self,
        link: LinkId,
        arrival: Arrival,
        now: Instant,
        fx: &mut Effects,
    ) -> bool {
        let Some(session) = self.session_of(link) else {
            return false;
        };
        self.tally.received += 1;
        if let Some(outgoing) = self.links.get_mut(&link) {
            outgoing.traffic.received_messages += 1;
            outgoing.traffic.received_bytes += arrival.bytes as u64;
        }
        self.remember(link, &arrival);
        let code = match arrival.fate {
            Fate::Forward(message) => {
                self.spread(&Arc::new(message), Some(session), None, now, fx);
                0
            }
            Fate::Drop { code } => code,
            Fate::Ticket { slot, bytes } => {
                if let Some(outgoing) = self.links.get_mut(&link) {
                    // The answer, if it is there already, is read by the settling below.
                    slot.arm();
                    outgoing.acks.push_ticket(arrival.owed, bytes, slot, now);
                }
                return self.settle(link, now, fx);
            }
        };
        if let Some(owed) = arrival.owed {
            let held = self.ledger.wait(Waiter::Link(link));
            if let Some(session) = self.sessions.get_mut(session) {
                session.taken.hold(owed.packet, held);
            }
            self.owe(link, owed, code, held, now, fx);
        }
        self.settle(link, now, fx)
    }

    /// Sends the PUBACKs and PUBRECs that are ready. Returns false if the link shall not be read on
    /// for now.
    pub(crate) fn settle(&mut self, link: LinkId, now: Instant, fx: &mut Effects) -> bool {
        let Some(outgoing) = self.links.get_mut(&link) else {
            return false;
        };
        let Some(session) = outgoing.session else {
            return false;
        };
        let had_room = outgoing.has_ack_room(&self.limits);
        loop {
            match outgoing.acks.next(&self.ledger) {
                Next::Send(owed, code) => outgoing.answer(owed.answer, owed.packet, code, fx),
                Next::Wait => break,
                Next::Refused(owed) => {
                    if owed.answer == Answer::Rec
                        && let Some(session) = self.sessions.get_mut(session)
                    {
                        session.taken.release(owed.packet);
                    }
                    let fault = Some(Fault::NOT_STORED);
                    self.detach(link, DisconnectReason::Ticket, fault, now, fx);
                    return false;
                }
            }
        }
        if !had_room && outgoing.has_ack_room(&self.limits) {
            outgoing.wake(fx);
        }
        outgoing.may_read(&self.limits)
    }

    /// PUBREL came: its id is free again.
    pub(crate) fn release(&mut self, link: LinkId, packet: u16, now: Instant, fx: &mut Effects) {
        let id = self.session_of(link);
        let Some(session) = id.and_then(|id| self.sessions.get_mut(id)) else {
            return;
        };
        let code = if session.taken.release(packet) {
            0
        } else {
            NOT_FOUND
        };
        // Also for one that is not known: its first PUBREL may not be on disk yet.
        if let Some(session) = session.no {
            self.ledger.note(Record::Released { session, packet });
        }
        let answer = Answer::Comp;
        if let held @ Some(_) = self.ledger.wait(Waiter::Link(link)) {
            self.owe(link, Owed { answer, packet }, code, held, now, fx);
        } else if let Some(outgoing) = self.links.get_mut(&link) {
            outgoing.answer(answer, packet, code, fx);
        }
    }

    /// A QoS 2 publish is taken, unless the client is told that it is not.
    fn remember(&mut self, link: LinkId, arrival: &Arrival) {
        let slot = match &arrival.fate {
            Fate::Drop { code } if *code >= FAILURE => return,
            Fate::Drop { .. } | Fate::Forward(_) => None,
            Fate::Ticket { slot, .. } => Some(Arc::clone(slot)),
        };
        if let Some(owed) = arrival.owed
            && owed.answer == Answer::Rec
            && let Some(id) = self.session_of(link)
            && let Some(session) = self.sessions.get_mut(id)
        {
            let is_ours = slot.is_none();
            session.taken.take(owed.packet, link, slot);
            // What the owner settles, the owner knows again.
            if let Some(session) = session.no.filter(|_| is_ours) {
                let packet = owed.packet;
                self.ledger.note(Record::Taken { session, packet });
            }
        }
    }

    /// Acknowledges at once, or in its turn and when a batch is on disk.
    pub(super) fn owe(
        &mut self,
        link: LinkId,
        owed: Owed,
        code: u8,
        held: Option<Batch>,
        now: Instant,
        fx: &mut Effects,
    ) {
        let held = held.filter(|batch| !self.ledger.is_kept(Some(*batch)));
        if let Some(batch) = held {
            self.ledger.wait_for(batch, Waiter::Link(link));
        }
        let Some(outgoing) = self.links.get_mut(&link) else {
            return;
        };
        if held.is_none() && outgoing.acks.is_empty() {
            outgoing.answer(owed.answer, owed.packet, code, fx);
        } else {
            outgoing.acks.push_held(owed, code, held, now);
        }
    }
}
