//! SUBSCRIBE and UNSUBSCRIBE (MQTT 3.1.1 §3.8-3.11, MQTT 5 §3.8-3.11).
//! Filters were checked and allowed before; here they are counted, stored and answered.

use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;

use super::effects::Effects;
use super::grant::{Pending, Wanted};
use super::ids::SessionId;
use super::ledger::Waiter;
use super::publication::Delivery;
use super::state::Core;
use crate::journal::Record;
use crate::link::{LinkId, Version};
use crate::topic;
use crate::wire::{self, RetainHandling};

const QUOTA: u8 = 0x97;
const NOT_FOUND: u8 = 0x11;

impl Core {
    /// Queues SUBACK, then the retained messages, at once or when the filters are on disk. Returns
    /// the granted filters, or nothing if they are granted later.
    pub(crate) fn subscribe(
        &mut self,
        link: LinkId,
        packet: u16,
        wanted: &[Wanted],
        now: Instant,
        fx: &mut Effects,
    ) -> Vec<Arc<str>> {
        let Some(id) = self.session_of(link) else {
            return Vec::new();
        };
        let answers: Vec<Result<bool, u8>> = wanted.iter().map(|one| self.add(id, one)).collect();
        let codes: Vec<u8> = (answers.iter().zip(wanted))
            .map(|(answer, one)| match answer {
                Ok(_) => one.subscription.qos,
                Err(code) => *code,
            })
            .collect();
        let granted = (answers.iter().zip(wanted))
            .filter_map(|(answer, one)| Some((one.clone(), *answer.as_ref().ok()?)))
            .collect();
        let answer = self.encode(link, |out, version| {
            wire::suback(out, version, packet, &codes);
        });
        self.grant(link, answer, granted, now, fx)
    }

    fn encode(&self, link: LinkId, answer: impl FnOnce(&mut BytesMut, Version)) -> BytesMut {
        let mut out = BytesMut::new();
        if let Some(outgoing) = self.links.get(&link) {
            answer(&mut out, outgoing.link.version);
        }
        out
    }

    fn grant(
        &mut self,
        link: LinkId,
        answer: BytesMut,
        granted: Vec<(Wanted, bool)>,
        now: Instant,
        fx: &mut Effects,
    ) -> Vec<Arc<str>> {
        let held = self.ledger.wait(Waiter::Link(link));
        let Some(outgoing) = self.links.get_mut(&link) else {
            return Vec::new();
        };
        outgoing.pending.push_back(Pending {
            held,
            answer,
            granted,
        });
        self.answer_pending(link, now, fx);
        let outgoing = self.links.get_mut(&link);
        outgoing.map_or_else(Vec::new, |outgoing| std::mem::take(&mut outgoing.granted))
    }

    /// Filters that were granted since the last time.
    pub(crate) fn take_granted(&mut self, link: LinkId) -> Vec<Arc<str>> {
        let outgoing = self.links.get_mut(&link);
        outgoing.map_or_else(Vec::new, |outgoing| std::mem::take(&mut outgoing.granted))
    }

    /// Says what is on disk, in the order in which it was asked.
    pub(super) fn answer_pending(&mut self, link: LinkId, now: Instant, fx: &mut Effects) {
        while let Some(outgoing) = self.links.get_mut(&link)
            && let Some(session) = outgoing.session
            && let ledger = &self.ledger
            && let Some(next) = outgoing
                .pending
                .pop_front_if(|next| ledger.is_kept(next.held))
        {
            outgoing.append(fx, |out| out.extend_from_slice(&next.answer));
            for (one, is_new) in &next.granted {
                if let Some(outgoing) = self.links.get_mut(&link) {
                    outgoing.granted.push(Arc::clone(&one.filter));
                }
                let is_wanted = match one.retain {
                    RetainHandling::Always => true,
                    RetainHandling::IfNew => *is_new,
                    RetainHandling::Never => false,
                };
                // A group gets no retained messages (MQTT 5 §4.8.2).
                if is_wanted && !topic::is_shared(&one.filter) {
                    self.send_retained(session, one, now, fx);
                }
            }
        }
    }

    /// Queues UNSUBACK. Returns the filters that were subscribed.
    pub(crate) fn unsubscribe(
        &mut self,
        link: LinkId,
        packet: u16,
        filters: &[Arc<str>],
        now: Instant,
        fx: &mut Effects,
    ) -> Vec<Arc<str>> {
        let Some(id) = self.session_of(link) else {
            return Vec::new();
        };
        let mut removed = Vec::new();
        let mut codes = Vec::with_capacity(filters.len());
        for filter in filters {
            let was_there = self.drop_filter(filter, id);
            codes.push(if was_there { 0 } else { NOT_FOUND });
            if was_there && let Some(session) = self.sessions.get_mut(id) {
                session.filters.retain(|(other, _)| other != filter);
                removed.push(Arc::clone(filter));
                self.note_filter_gone(id, filter);
            }
        }
        let answer = self.encode(link, |out, version| {
            wire::unsuback(out, version, packet, &codes);
        });
        self.grant(link, answer, Vec::new(), now, fx);
        removed
    }

    pub(super) fn note_filter_gone(&mut self, id: SessionId, filter: &Arc<str>) {
        if let Some(session) = self.sessions.get(id).and_then(|session| session.no) {
            let filter = Arc::clone(filter);
            self.ledger.note(Record::FilterGone { session, filter });
        }
    }

    /// Adds one filter; true if it is new.
    fn add(&mut self, id: SessionId, wanted: &Wanted) -> Result<bool, u8> {
        if let Some(code) = wanted.refused {
            return Err(code);
        }
        let Some(session) = self.sessions.get_mut(id) else {
            return Err(QUOTA);
        };
        let is_full = session.filters.len() >= self.limits.subscriptions_per_session_max;
        let found = session
            .filters
            .iter_mut()
            .find(|(filter, _)| *filter == wanted.filter);
        let is_new = found.is_none();
        match found {
            Some((_, how)) => *how = wanted.subscription,
            None if is_full => return Err(QUOTA),
            None => session
                .filters
                .push((Arc::clone(&wanted.filter), wanted.subscription)),
        }
        if let Some(session) = session.no {
            self.ledger.note(Record::Filter {
                session,
                filter: Arc::clone(&wanted.filter),
                how: wanted.subscription.into(),
            });
        }
        self.put_filter(&wanted.filter, id, wanted.subscription);
        Ok(is_new)
    }

    fn send_retained(&mut self, id: SessionId, wanted: &Wanted, now: Instant, fx: &mut Effects) {
        let messages = self.retained.matching(&wanted.filter, now);
        let Some((session, mut outgoing, mut step)) = self.split(id, now, fx) else {
            return;
        };
        for message in messages {
            let delivery = Delivery {
                qos: message.qos.min(wanted.subscription.qos),
                message,
                retain: true,
                identifiers: wanted.subscription.identifier.into_iter().collect(),
                outcome: None,
                group: None,
            };
            session.deliver(delivery, outgoing.as_deref_mut(), &mut step);
        }
    }
}
