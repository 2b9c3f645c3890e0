//! A message to all who subscribed to it: matching, audience, overlapping filters, retain
//! (MQTT 3.1.1 §3.3, MQTT 5 §3.3). And what a client's PUBLISH leads to.

use std::sync::Arc;
use std::time::Instant;

use super::acks::Next;
use super::effects::Effects;
use super::ids::SessionId;
use super::publication::{Delivery, Publication};
use super::state::Core;
use super::trie::Subscription;
use crate::link::{DisconnectReason, LinkId};
use crate::message::{Audience, Outcome, OutcomeFn};
use crate::ticket::Slot;
use crate::topic;
use crate::wire::{self, Fault};

/// A client's PUBLISH, decided.
pub(crate) struct Arrival {
    /// Some at QoS 1.
    pub(crate) packet: Option<u16>,
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

/// All matching filters of one session.
struct Match {
    session: SessionId,
    qos: u8,
    as_published: bool,
    identifiers: Vec<u32>,
}

impl Core {
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
        let code = match arrival.fate {
            Fate::Forward(message) => {
                self.spread(
                    &Arc::new(message),
                    Some(session),
                    &Audience::Everyone,
                    None,
                    now,
                    fx,
                );
                Some(0)
            }
            Fate::Drop { code } => Some(code),
            Fate::Ticket { slot, bytes } => {
                let Some(outgoing) = self.links.get_mut(&link) else {
                    return false;
                };
                // The answer, if it is there already, is read by the settling below.
                slot.arm();
                outgoing.acks.push_ticket(arrival.packet, bytes, slot, now);
                None
            }
        };
        let Some(outgoing) = self.links.get_mut(&link) else {
            return false;
        };
        if let (Some(packet), Some(code)) = (arrival.packet, code) {
            if outgoing.acks.is_empty() {
                let version = outgoing.link.version;
                outgoing.append(fx, |out| wire::puback(out, version, packet, code));
            } else {
                outgoing.acks.push_ready(packet, code, now);
            }
        }
        self.settle(link, now, fx)
    }

    /// Sends the PUBACKs that are ready. Returns false if the link shall not be read on for now.
    pub(crate) fn settle(&mut self, link: LinkId, now: Instant, fx: &mut Effects) -> bool {
        let Some(outgoing) = self.links.get_mut(&link) else {
            return false;
        };
        if outgoing.session.is_none() {
            return false;
        }
        let had_room = outgoing.acks.has_room(&self.limits);
        let version = outgoing.link.version;
        loop {
            match outgoing.acks.next() {
                Next::Send(packet, code) => {
                    outgoing.append(fx, |out| wire::puback(out, version, packet, code));
                }
                Next::Wait => break,
                Next::Refused => {
                    let fault = Some(Fault::NOT_STORED);
                    self.detach(link, DisconnectReason::Ticket, fault, now, fx);
                    return false;
                }
            }
        }
        let has_room = outgoing.acks.has_room(&self.limits);
        if has_room && !had_room {
            outgoing.wake(fx);
        }
        has_room && outgoing.unsent() < self.limits.outgoing_bytes_max
    }

    /// The owner's message, or a will.
    pub(crate) fn route(
        &mut self,
        message: Publication,
        audience: &Audience,
        outcome: Option<OutcomeFn>,
        now: Instant,
        fx: &mut Effects,
    ) {
        self.tally.received += 1;
        if topic::is_name(&message.topic) {
            self.spread(&Arc::new(message), None, audience, outcome, now, fx);
        } else {
            fx.report(outcome, Outcome::Unrouted);
        }
    }

    fn spread(
        &mut self,
        message: &Arc<Publication>,
        origin: Option<SessionId>,
        audience: &Audience,
        outcome: Option<OutcomeFn>,
        now: Instant,
        fx: &mut Effects,
    ) {
        if message.retain && matches!(audience, Audience::Everyone) {
            let bounds = (self.limits.retained_max, self.limits.retained_bytes_max);
            let is_kept = self.retained.set(message, bounds, now);
            self.tally.dropped += u64::from(!is_kept);
        }
        let mut reached = 0;
        for one in self.find_matches(&message.topic, origin, audience) {
            let Some((session, outgoing, mut step)) = self.split(one.session, now, fx) else {
                continue;
            };
            reached += usize::from(outgoing.is_some());
            let delivery = Delivery {
                message: Arc::clone(message),
                acknowledged: message.acknowledged && one.qos > 0,
                retain: one.as_published && message.retain,
                identifiers: one.identifiers,
                outcome: outgoing.is_some().then(|| outcome.clone()).flatten(),
            };
            session.deliver(delivery, outgoing, &mut step);
        }
        if reached == 0 {
            fx.report(outcome, Outcome::Unrouted);
        }
    }

    /// Matching sessions, each once. A named audience is looked at from its own filters, which are
    /// few, and not from the topic's subscribers, who may be thousands.
    fn find_matches(
        &self,
        name: &str,
        origin: Option<SessionId>,
        audience: &Audience,
    ) -> Vec<Match> {
        let mut found: Vec<Match> = Vec::new();
        let mut add = |session: SessionId, how: &Subscription| {
            if !(how.no_local && origin == Some(session)) {
                found.push(Match {
                    session,
                    qos: how.qos,
                    as_published: how.as_published,
                    identifiers: how.identifier.into_iter().collect(),
                });
            }
        };
        match audience {
            Audience::Everyone => self.trie.each_match(name, add),
            Audience::Subjects(subjects) => {
                for subject in subjects.iter() {
                    for id in self.sessions_by_subject.get(subject).into_iter().flatten() {
                        self.own_matches(*id, name, &mut add);
                    }
                }
            }
            Audience::Links(links) => {
                for id in links.iter().filter_map(|link| self.session_of(*link)) {
                    self.own_matches(id, name, &mut add);
                }
            }
        }
        merge(found)
    }

    fn own_matches(
        &self,
        id: SessionId,
        name: &str,
        add: &mut impl FnMut(SessionId, &Subscription),
    ) {
        for (filter, how) in self
            .sessions
            .get(id)
            .into_iter()
            .flat_map(|one| &one.filters)
        {
            if topic::matches(filter, name) {
                add(id, how);
            }
        }
    }
}

/// Overlapping filters of one session become one delivery with the highest QoS
/// (MQTT 3.1.1 §3.3.5).
fn merge(mut found: Vec<Match>) -> Vec<Match> {
    if found.len() > 1 {
        found.sort_by_key(|one| one.session);
        found.dedup_by(|later, kept| {
            let same = later.session == kept.session;
            if same {
                kept.qos = kept.qos.max(later.qos);
                kept.as_published |= later.as_published;
                kept.identifiers.append(&mut later.identifiers);
            }
            same
        });
    }
    found
}
