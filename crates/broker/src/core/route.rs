//! A message to all who subscribed to it: matching, audience, overlapping filters, retain
//! (MQTT 3.1.1 §3.3, MQTT 5 §3.3, §4.8.2). A shared subscription's messages go to one of its group.

use std::sync::Arc;
use std::time::Instant;

use super::effects::Effects;
use super::ids::{GroupId, SessionId};
use super::publication::{Delivery, Publication};
use super::session::Session;
use super::state::Core;
use super::trie::Subscription;
use crate::message::{Audience, Outcome, OutcomeFn};
use crate::topic;

/// All matching filters of one session.
struct Match {
    session: SessionId,
    qos: u8,
    as_published: bool,
    identifiers: Vec<u32>,
    /// Some if it is the group's choice.
    group: Option<GroupId>,
}

impl Match {
    fn new(session: SessionId, how: &Subscription, group: Option<GroupId>) -> Match {
        Match {
            session,
            qos: how.qos,
            as_published: how.as_published,
            identifiers: how.identifier.into_iter().collect(),
            group,
        }
    }
}

impl Core {
    /// The owner's message, or a will.
    pub(crate) fn route(
        &mut self,
        message: Publication,
        outcome: Option<OutcomeFn>,
        now: Instant,
        fx: &mut Effects,
    ) {
        self.tally.received += 1;
        if topic::is_name(&message.topic) {
            self.spread(&Arc::new(message), None, outcome, now, fx);
        } else {
            fx.report(outcome, Outcome::Unrouted);
        }
    }

    /// To everybody who subscribed, and to one of each group. `origin` sent it.
    pub(super) fn spread(
        &mut self,
        message: &Arc<Publication>,
        origin: Option<SessionId>,
        outcome: Option<OutcomeFn>,
        now: Instant,
        fx: &mut Effects,
    ) {
        if message.retain && matches!(message.audience, Audience::Everyone) {
            let bounds = (self.limits.retained_max, self.limits.retained_bytes_max);
            let is_kept = self.retained.set(message, bounds, now, &mut self.ledger);
            self.tally.dropped += u64::from(!is_kept);
        }
        let mut found = self.find_matches(&message.topic, origin, &message.audience);
        for group in self.groups.matching(&message.topic) {
            found.extend(self.choose(group, message));
        }
        let mut reached = 0;
        for one in found {
            let is_live = self.hand_over(one, message, outcome.as_ref(), now, fx);
            reached += usize::from(is_live);
        }
        if reached == 0 {
            fx.report(outcome, Outcome::Unrouted);
        }
    }

    /// A message whose receiver's session has ended goes to another of its group, if there is one.
    pub(super) fn pass_on(&mut self, delivery: &Delivery, now: Instant, fx: &mut Effects) {
        let message = &delivery.message;
        if let Some(group) = delivery.group
            && !message.is_expired(now)
            && let Some(one) = self.choose(group, message)
        {
            self.hand_over(one, message, None, now, fx);
        }
    }

    /// Returns true if the session is connected.
    fn hand_over(
        &mut self,
        to: Match,
        message: &Arc<Publication>,
        outcome: Option<&OutcomeFn>,
        now: Instant,
        fx: &mut Effects,
    ) -> bool {
        let Some((session, outgoing, mut step)) = self.split(to.session, now, fx) else {
            return false;
        };
        let is_live = outgoing.is_some();
        let delivery = Delivery {
            message: Arc::clone(message),
            qos: message.qos.min(to.qos),
            retain: to.as_published && message.retain,
            identifiers: to.identifiers,
            outcome: outcome.filter(|_| is_live).cloned(),
            group: to.group,
        };
        session.deliver(delivery, outgoing, &mut step);
        is_live
    }

    /// The member of a group that gets this message: the next of those who can take it at once,
    /// else of those connected, else of those who are absent and for whom it may wait.
    fn choose(&mut self, group: GroupId, message: &Publication) -> Option<Match> {
        let (sessions, links, limits) = (&self.sessions, &self.links, &self.limits);
        let rank = |id: SessionId, how: &Subscription| {
            let session = sessions.get(id)?;
            if !is_meant(&message.audience, session) {
                return None;
            }
            let Some(outgoing) = session.link.and_then(|link| links.get(&link)) else {
                let may_wait = message.qos.min(how.qos) > 0 && !message.transient;
                return may_wait.then_some(2);
            };
            let is_flowing = outgoing.unsent() < limits.outgoing_bytes_max;
            Some(u8::from(!(is_flowing && session.takes_now())))
        };
        let (session, how) = self.groups.choose(group, rank)?;
        Some(Match::new(session, &how, Some(group)))
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
                found.push(Match::new(session, how, None));
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
            if !topic::is_shared(filter) && topic::matches(filter, name) {
                add(id, how);
            }
        }
    }
}

fn is_meant(audience: &Audience, session: &Session) -> bool {
    match audience {
        Audience::Everyone => true,
        Audience::Subjects(subjects) => subjects.contains(&session.subject),
        Audience::Links(links) => session.link.is_some_and(|link| links.contains(&link)),
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
