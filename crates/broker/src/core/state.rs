//! The state of the broker and the tables that find things in it.
//! Decides nothing; the steps are in the files below.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasherDefault;
use std::sync::Arc;
use std::time::Instant;

use super::effects::Effects;
use super::groups::Groups;
use super::ids::{IdHasher, SessionId};
use super::ledger::Ledger;
use super::outgoing::Outgoing;
use super::retained::Retained;
use super::session::{Session, Step, Tally};
use super::trie::{Subscription, Trie};
use crate::limits::Limits;
use crate::link::{Counts, Link, LinkId, Subject};
use crate::topic;

/// The broker without its sockets.
pub(crate) struct Core {
    pub(super) limits: Limits,
    pub(super) sessions: Sessions,
    pub(super) links: Links,
    /// Repeats what sessions say of themselves, as do the two below.
    pub(super) session_by_client: HashMap<(Subject, Arc<str>), SessionId>,
    /// Oldest first.
    pub(super) sessions_by_subject: HashMap<Subject, Vec<SessionId>>,
    /// Ends of absent sessions and delayed wills, soonest first.
    pub(super) timers: BTreeSet<(Instant, Timer, SessionId)>,
    pub(super) trie: Trie<SessionId, Subscription>,
    pub(super) groups: Groups,
    pub(super) retained: Retained,
    pub(super) tally: Tally,
    pub(super) ledger: Ledger,
}

/// What falls due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    Will,
    End,
}

/// Links by id, which the broker itself counts up: no hostile keys, so a cheap hash.
pub(super) type Links = HashMap<LinkId, Outgoing, BuildHasherDefault<IdHasher>>;

/// Sessions by place; places are given again.
#[derive(Default)]
pub(super) struct Sessions {
    places: Vec<Option<Box<Session>>>,
    free: Vec<SessionId>,
}

impl Sessions {
    pub(super) fn insert(&mut self, session: Session) -> SessionId {
        let session = Some(Box::new(session));
        if let Some(id) = self.free.pop() {
            self.places[id.0 as usize] = session;
            return id;
        }
        self.places.push(session);
        SessionId(u32::try_from(self.places.len() - 1).expect("fewer than 2^32 sessions fit"))
    }

    pub(super) fn remove(&mut self, id: SessionId) -> Option<Box<Session>> {
        let session = self.places.get_mut(id.0 as usize)?.take()?;
        self.free.push(id);
        Some(session)
    }

    pub(super) fn get(&self, id: SessionId) -> Option<&Session> {
        self.places.get(id.0 as usize)?.as_deref()
    }

    pub(super) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.places.get_mut(id.0 as usize)?.as_deref_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Session> {
        self.places.iter().flatten().map(|session| &**session)
    }
}

impl Core {
    pub(crate) fn new(limits: Limits) -> Core {
        Core {
            limits,
            sessions: Sessions::default(),
            links: Links::default(),
            session_by_client: HashMap::new(),
            sessions_by_subject: HashMap::new(),
            timers: BTreeSet::new(),
            trie: Trie::default(),
            groups: Groups::default(),
            retained: Retained::default(),
            tally: Tally::default(),
            ledger: Ledger::default(),
        }
    }

    /// The live links of a subject, oldest session first.
    pub(crate) fn links_of(&self, subject: &str) -> Vec<Link> {
        let sessions = self.sessions_by_subject.get(subject).into_iter().flatten();
        let links = sessions.filter_map(|id| self.sessions.get(*id)?.link);
        links
            .filter_map(|id| Some(self.links.get(&id)?.link.clone()))
            .collect()
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts {
            subscriptions: self.trie.count() + self.groups.count(),
            retained: self.retained.count(),
            received: self.tally.received,
            delivered: self.tally.delivered,
            dropped: self.tally.dropped,
            ..Counts::default()
        };
        for session in self.sessions.iter() {
            let (messages, bytes) = session.queued();
            counts.sessions += 1;
            counts.connections += usize::from(session.link.is_some());
            counts.queued_messages += messages;
            counts.queued_bytes += bytes;
        }
        counts
    }

    #[cfg(test)]
    pub(super) fn has_timers(&self) -> bool {
        !self.timers.is_empty()
    }

    /// A session with its link, if it has one, and what a step on them needs.
    pub(super) fn split<'a>(
        &'a mut self,
        id: SessionId,
        now: Instant,
        fx: &'a mut Effects,
    ) -> Option<(&'a mut Session, Option<&'a mut Outgoing>, Step<'a>)> {
        let session = self.sessions.get_mut(id)?;
        let outgoing = session.link.and_then(|link| self.links.get_mut(&link));
        Some((
            session,
            outgoing,
            Step {
                id,
                ledger: &mut self.ledger,
                limits: &self.limits,
                tally: &mut self.tally,
                now,
                fx,
            },
        ))
    }

    /// Adds or replaces a filter where messages look for it.
    pub(super) fn put_filter(&mut self, filter: &Arc<str>, who: SessionId, how: Subscription) {
        if topic::is_shared(filter) {
            self.groups.insert(filter, who, how);
        } else {
            self.trie.insert(filter, who, how);
        }
    }

    /// Takes a filter away from there; returns true if it was there.
    pub(super) fn drop_filter(&mut self, filter: &str, who: SessionId) -> bool {
        if topic::is_shared(filter) {
            self.groups.remove(filter, who)
        } else {
            self.trie.remove(filter, who)
        }
    }

    /// The session of a live link.
    pub(super) fn session_of(&self, link: LinkId) -> Option<SessionId> {
        self.links.get(&link)?.session
    }
}
