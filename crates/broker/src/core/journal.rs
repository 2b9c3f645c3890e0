//! Between the core and the journal: what a step leaves to be kept, what goes on when it is, and how
//! the core begins with what was kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::effects::Effects;
use super::ledger::{Anchor, Batch, Entry, Waiter};
use super::publication::{Delivery, Publication};
use super::session::Session;
use super::state::{Core, Timer};
use super::trie::Subscription;
use crate::journal::{Kept, KeptFilter, KeptMessage, KeptSession, MessageNo, SessionNo};
use crate::link::DisconnectReason;
use crate::wire::Fault;

type Messages = BTreeMap<MessageNo, Arc<Publication>>;

impl Core {
    /// What the journal must learn of the step that ends.
    pub(crate) fn take_entry(&mut self) -> Option<Entry> {
        self.ledger.take()
    }

    /// The last batch, if nobody has asked for it to be on disk.
    pub(crate) fn take_idle(&mut self) -> Option<Batch> {
        self.ledger.take_idle()
    }

    /// A batch is on disk: who waited for it goes on. Or it could not be written: clients that wait
    /// to hear that it was are cut off instead, and the rest waits for the next attempt.
    pub(crate) fn settle_batch(
        &mut self,
        batch: Batch,
        is_kept: bool,
        now: Instant,
        fx: &mut Effects,
    ) {
        if !is_kept {
            for link in self.ledger.miss(batch) {
                let fault = Some(Fault::NOT_STORED);
                self.detach(link, DisconnectReason::Ticket, fault, now, fx);
            }
            return;
        }
        for waiter in self.ledger.settle(batch) {
            match waiter {
                Waiter::Link(link) => {
                    self.settle(link, now, fx);
                    self.answer_pending(link, now, fx);
                }
                Waiter::Session(id) => {
                    if let Some((session, Some(outgoing), mut step)) = self.split(id, now, fx) {
                        session.pump(outgoing, &mut step);
                    }
                }
            }
        }
    }

    /// Begins with what was kept, and keeps from now on.
    pub(crate) fn restore(&mut self, kept: Kept, anchor: Anchor, now: Instant) {
        let last_message = kept.messages.keys().next_back().copied();
        let last_session = kept.sessions.iter().map(|session| session.no).max();
        self.ledger.start(
            anchor,
            last_session.unwrap_or(SessionNo(0)),
            last_message.unwrap_or(MessageNo(0)),
        );
        let messages: Messages = kept
            .messages
            .into_iter()
            .map(|(no, message)| (no, Arc::new(self.publication(no, message, now))))
            .collect();
        for no in kept.retained {
            if let Some(message) = messages.get(&no) {
                message.kept.hold();
                self.retained.put(message);
            }
        }
        for session in kept.sessions {
            self.restore_session(session, &messages, now);
        }
        for message in messages.values() {
            // The first hold was this table's.
            self.ledger.release(message);
        }
    }

    fn publication(&self, no: MessageNo, message: KeptMessage, now: Instant) -> Publication {
        let expires = message.expires_ms.map(|ms| self.ledger.instant(ms, now));
        let publication = Publication::received(
            message.topic,
            message.payload,
            message.qos,
            false,
            message.properties,
            expires,
        );
        publication.kept.number(no);
        publication
    }

    fn restore_session(&mut self, kept: KeptSession, messages: &Messages, now: Instant) {
        let mut session = Session::new(kept.subject.clone(), Arc::clone(&kept.client));
        session.no = Some(kept.no);
        session.life = kept.life;
        session.filters = (kept.filters.iter())
            .map(|(filter, how)| (Arc::clone(filter), (*how).into()))
            .collect();
        for packet in &kept.taken {
            session.taken.restore(*packet);
        }
        let flying = flying(&kept, usize::from(self.limits.inflight_max));
        for (at, waiting) in kept.waiting.into_iter().enumerate() {
            let Some(message) = messages.get(&waiting.message) else {
                continue;
            };
            message.kept.hold();
            let delivery = Delivery {
                message: Arc::clone(message),
                qos: waiting.qos,
                retain: waiting.retain,
                identifiers: waiting.identifiers,
                outcome: None,
                group: None,
            };
            session.restore(waiting.seq, at < flying, waiting.received, delivery, now);
        }
        let ends = kept.ends_ms.map(|ms| self.ledger.instant(ms, now));
        let ends = ends.unwrap_or(now + kept.life);
        session.ends = Some(ends);
        let id = self.name_session((kept.subject, kept.client), session);
        self.timers.insert((ends, Timer::End, id));
        for (filter, how) in kept.filters {
            self.put_filter(&filter, id, how.into());
        }
    }
}

/// How many, from the first, may have been on their way: all up to the last one that was received,
/// and as many as a window holds.
fn flying(kept: &KeptSession, window: usize) -> usize {
    let received = kept.waiting.iter().rposition(|waiting| waiting.received);
    received.map_or(0, |at| at + 1).max(window)
}

impl From<Subscription> for KeptFilter {
    fn from(how: Subscription) -> Self {
        Self {
            qos: how.qos,
            no_local: how.no_local,
            as_published: how.as_published,
            identifier: how.identifier,
        }
    }
}

impl From<KeptFilter> for Subscription {
    fn from(how: KeptFilter) -> Self {
        Self {
            qos: how.qos,
            no_local: how.no_local,
            as_published: how.as_published,
            identifier: how.identifier,
        }
    }
}

/// The wall clock now, for moments that outlive the process.
pub(crate) fn anchor(at: Instant, since_epoch: Duration) -> Anchor {
    Anchor {
        at,
        wall_ms: i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX),
    }
}
