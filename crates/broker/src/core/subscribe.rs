//! SUBSCRIBE and UNSUBSCRIBE (MQTT 3.1.1 §3.8-3.11, MQTT 5 §3.8-3.11).
//! Filters were checked and allowed before; here they are counted, stored and answered.

use std::sync::Arc;
use std::time::Instant;

use super::effects::Effects;
use super::ids::SessionId;
use super::publication::Delivery;
use super::state::Core;
use super::trie::Subscription;
use crate::link::LinkId;
use crate::topic;
use crate::wire::{self, RetainHandling};

const QUOTA: u8 = 0x97;
const NOT_FOUND: u8 = 0x11;

/// One filter of a SUBSCRIBE after the checks that need no session.
pub(crate) struct Wanted {
    pub(crate) filter: Arc<str>,
    pub(crate) subscription: Subscription,
    pub(crate) retain: RetainHandling,
    /// The v5 reason code if it is refused already.
    pub(crate) refused: Option<u8>,
}

impl Core {
    /// Queues SUBACK, then the retained messages. Returns the granted filters.
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
        if let Some(outgoing) = self.links.get_mut(&link) {
            let version = outgoing.link.version;
            outgoing.append(fx, |out| wire::suback(out, version, packet, &codes));
        }
        let mut granted = Vec::new();
        for (answer, one) in answers.iter().zip(wanted) {
            let Ok(is_new) = answer else { continue };
            granted.push(Arc::clone(&one.filter));
            let is_wanted = match one.retain {
                RetainHandling::Always => true,
                RetainHandling::IfNew => *is_new,
                RetainHandling::Never => false,
            };
            // A group gets no retained messages (MQTT 5 §4.8.2).
            if is_wanted && !topic::is_shared(&one.filter) {
                self.send_retained(id, one, now, fx);
            }
        }
        granted
    }

    /// Queues UNSUBACK. Returns the filters that were subscribed.
    pub(crate) fn unsubscribe(
        &mut self,
        link: LinkId,
        packet: u16,
        filters: &[Arc<str>],
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
            }
        }
        if let Some(outgoing) = self.links.get_mut(&link) {
            let version = outgoing.link.version;
            outgoing.append(fx, |out| wire::unsuback(out, version, packet, &codes));
        }
        removed
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
