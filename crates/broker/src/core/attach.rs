//! How a link begins: quota, takeover, session found or made, CONNACK, what is owed sent again
//! (MQTT 3.1.1 §3.1.4, §3.2, §4.4; MQTT 5 §3.1.4, §3.2).

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::effects::Effects;
use super::ids::SessionId;
use super::outgoing::Outgoing;
use super::session::Session;
use super::state::{Core, Timer};
use crate::hooks::Refusal;
use crate::journal::Record;
use crate::link::{DisconnectReason, Link, Subject};
use crate::wire::{self, Acceptance, Fault, Will};

/// An authenticated client that asks in.
pub(crate) struct Entry {
    pub(crate) link: Link,
    /// Seconds; longer than allowed is cut.
    pub(crate) life_secs: u32,
    pub(crate) window: u16,
    pub(crate) packet_bytes_max: u32,
    /// Topic aliases the client takes; 0: none.
    pub(crate) aliases_max: u16,
    pub(crate) will: Option<Will>,
    /// The client id is the broker's choice.
    pub(crate) assigned: bool,
    /// Keep-alive the broker wants in place of the client's.
    pub(crate) keep_alive: Option<u16>,
    /// Filters of the earlier session that its owner may not have any more.
    pub(crate) denied: Vec<Arc<str>>,
}

impl Core {
    /// Lets a client in: afterwards its outgoing buffer starts with CONNACK.
    pub(crate) fn attach(
        &mut self,
        entry: Entry,
        now: Instant,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        self.sweep(now, fx);
        let Entry { link, .. } = &entry;
        let key = (link.subject.clone(), link.client.clone());
        self.make_way(&key, now, fx)?;
        let found = self.session_by_client.get(&key).copied();
        let kept = match found {
            Some(id) if link.clean => {
                self.end_session(id, now, fx);
                None
            }
            found => found,
        };
        let life = Duration::from_secs(entry.life_secs.into()).min(self.limits.session_life_max);
        if !life.is_zero() {
            self.make_room(&link.subject.clone(), kept, now, fx);
        }
        let id = kept.unwrap_or_else(|| self.add_session(key, life));
        self.drop_filters(id, &entry.denied);
        let acceptance = self.acceptance(&entry, kept.is_some(), life);
        let version = entry.link.version;
        let aliases_max = entry.aliases_max.min(self.limits.topic_aliases_max);
        let mut outgoing =
            Outgoing::new(entry.link.clone(), id, entry.packet_bytes_max, aliases_max);
        outgoing.will = entry.will;
        outgoing.append(fx, |out| wire::acceptance(out, version, &acceptance));
        self.links.insert(entry.link.id, outgoing);
        self.resume(id, &entry.link, life, entry.window);
        if let Some((session, Some(outgoing), mut step)) = self.split(id, now, fx) {
            session.pump(outgoing, &mut step);
        }
        Ok(())
    }

    /// What the session of this client subscribes to, if there is one to be resumed.
    pub(crate) fn filters_of(&self, link: &Link) -> Vec<Arc<str>> {
        let key = (link.subject.clone(), link.client.clone());
        let found = self.session_by_client.get(&key).filter(|_| !link.clean);
        let session = found.and_then(|id| self.sessions.get(*id));
        let filters = session.into_iter().flat_map(|session| &session.filters);
        filters.map(|(filter, _)| Arc::clone(filter)).collect()
    }

    fn drop_filters(&mut self, id: SessionId, denied: &[Arc<str>]) {
        for filter in denied {
            self.drop_filter(filter, id);
            self.note_filter_gone(id, filter);
        }
        if let Some(session) = self.sessions.get_mut(id) {
            session
                .filters
                .retain(|(filter, _)| !denied.contains(filter));
        }
    }

    /// Ends the link that has the session, or refuses one more link of the subject.
    fn make_way(
        &mut self,
        key: &(Subject, Arc<str>),
        now: Instant,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let found = self.session_by_client.get(key);
        if let Some(link) = found.and_then(|id| self.sessions.get(*id)?.link) {
            self.detach(
                link,
                DisconnectReason::TakenOver,
                Some(Fault::TAKEN_OVER),
                now,
                fx,
            );
        } else if self.links_of(&key.0).len() >= self.limits.connections_per_subject_max {
            return Err(Refusal::Busy);
        }
        Ok(())
    }

    /// Ends the oldest of the subject's lasting sessions until one more is allowed; absent ones
    /// first.
    fn make_room(
        &mut self,
        subject: &Subject,
        kept: Option<SessionId>,
        now: Instant,
        fx: &mut Effects,
    ) {
        loop {
            let lasting: Vec<(bool, SessionId)> = (self.sessions_by_subject.get(subject))
                .into_iter()
                .flatten()
                .filter(|id| Some(**id) != kept)
                .filter_map(|id| Some((self.sessions.get(*id)?, *id)))
                .filter(|(session, _)| !session.life.is_zero())
                .map(|(session, id)| (session.link.is_some(), id))
                .collect();
            if lasting.len() < self.limits.sessions_per_subject_max {
                return;
            }
            let oldest_absent = lasting.iter().find(|(is_live, _)| !is_live);
            let Some((_, id)) = oldest_absent.or(lasting.first()).copied() else {
                return;
            };
            if let Some(link) = self.sessions.get(id).and_then(|session| session.link) {
                self.detach(link, DisconnectReason::Quota, Some(Fault::QUOTA), now, fx);
            }
            self.end_session(id, now, fx);
        }
    }

    /// A new session; one that outlives its link is kept.
    fn add_session(&mut self, key: (Subject, Arc<str>), life: Duration) -> SessionId {
        let mut session = Session::new(key.0.clone(), Arc::clone(&key.1));
        if !life.is_zero()
            && let Some(no) = self.ledger.number_session()
        {
            session.no = Some(no);
            self.ledger.note(Record::Session {
                no,
                subject: key.0.clone(),
                client: Arc::clone(&key.1),
                life,
            });
        }
        self.name_session(key, session)
    }

    pub(super) fn name_session(&mut self, key: (Subject, Arc<str>), session: Session) -> SessionId {
        let id = self.sessions.insert(session);
        self.sessions_by_subject
            .entry(key.0.clone())
            .or_default()
            .push(id);
        self.session_by_client.insert(key, id);
        id
    }

    /// The session is present again.
    fn resume(&mut self, id: SessionId, link: &Link, life: Duration, window: u16) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.link = Some(link.id);
        session.life = life;
        if life.is_zero() {
            session.leave_journal(&mut self.ledger);
        } else if let Some(session) = session.no.filter(|_| session.ends.is_some()) {
            let at_ms = None;
            self.ledger.note(Record::Ends {
                session,
                at_ms,
                life,
            });
        }
        session.window = usize::from(window.min(self.limits.inflight_max));
        if let Some(at) = session.ends.take() {
            self.timers.remove(&(at, Timer::End, id));
        }
        if let Some((due, _, _)) = session.will.take() {
            self.timers.remove(&(due, Timer::Will, id));
        }
    }

    fn acceptance(&self, entry: &Entry, session_present: bool, life: Duration) -> Acceptance {
        let life_secs = u32::try_from(life.as_secs()).unwrap_or(u32::MAX);
        Acceptance {
            session_present,
            life_secs: (life_secs != entry.life_secs).then_some(life_secs),
            receive_max: u16::try_from(self.limits.tickets_max)
                .unwrap_or(u16::MAX)
                .max(1),
            packet_bytes_max: self.limits.packet_bytes_max.max(1),
            assigned_client: entry.assigned.then(|| entry.link.client.to_string()),
            aliases_max: self.limits.topic_aliases_max,
            keep_alive: entry.keep_alive,
        }
    }
}
