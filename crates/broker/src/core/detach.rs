//! How a link and a session end: will, what is kept, what is forgotten
//! (MQTT 3.1.1 §3.1.2.5, §4.1; MQTT 5 §3.1.2.5, §4.13).

use std::time::{Duration, Instant};

use super::effects::Effects;
use super::ids::SessionId;
use super::session::Session;
use super::state::{Core, Timer};
use crate::journal::Record;
use crate::link::{DisconnectReason, Kick, LinkId};
use crate::message::Outcome;
use crate::wire::{self, Fault, Will};

impl Core {
    /// Ends a link: its task is told to write what is left and go. Repeating it does nothing.
    /// `fault` is what a v5 client is told; None if it left by itself.
    pub(crate) fn detach(
        &mut self,
        link: LinkId,
        reason: DisconnectReason,
        fault: Option<Fault>,
        now: Instant,
        fx: &mut Effects,
    ) {
        let Some(outgoing) = self.links.get_mut(&link) else {
            return;
        };
        let Some(session) = outgoing.session.take() else {
            return;
        };
        outgoing.closing = Some(reason);
        for (_, outcome) in outgoing.watched.drain(..) {
            fx.outcomes.push((outcome, Outcome::Lost(link)));
        }
        let version = outgoing.link.version;
        if let Some(fault) = fault {
            outgoing.append(fx, |out| wire::disconnect(out, version, fault));
        }
        outgoing.wake(fx);
        let will = outgoing.will.take().filter(|_| reason.leaves_will());
        let whose = outgoing.link.clone();
        let Some((parted, _, mut step)) = self.split(session, now, fx) else {
            return;
        };
        parted.part(&mut step);
        let life = parted.life;
        match will {
            Some(will) if will_delay(&will, life) > Duration::ZERO => {
                let due = now + will_delay(&will, life);
                parted.will = Some((due, whose, will));
                self.timers.insert((due, Timer::Will, session));
            }
            Some(will) => fx.wills.push((whose, will)),
            None => {}
        }
        self.start_absence(session, life, now, fx);
    }

    /// The task of a link has ended.
    pub(crate) fn forget(&mut self, link: LinkId) {
        self.links.remove(&link);
    }

    /// Ends the links that `which` names.
    pub(crate) fn kick(&mut self, which: &Kick, now: Instant, fx: &mut Effects) {
        let links = match which {
            Kick::Link(link) => vec![*link],
            Kick::Subject(subject) => self.links_of(subject).iter().map(|link| link.id).collect(),
            Kick::Client { subject, client } => {
                let key = (subject.clone(), client.clone());
                let session = self.session_by_client.get(&key);
                let link = session.and_then(|id| self.sessions.get(*id)?.link);
                link.into_iter().collect()
            }
        };
        for link in links {
            self.detach(link, DisconnectReason::Kicked, Some(Fault::KICKED), now, fx);
        }
    }

    /// Ends a subject's links and sessions.
    pub(crate) fn forget_subject(&mut self, subject: &str, now: Instant, fx: &mut Effects) {
        let sessions = self.sessions_by_subject.get(subject).cloned();
        for id in sessions.unwrap_or_default() {
            if let Some(link) = self.sessions.get(id).and_then(|session| session.link) {
                self.detach(link, DisconnectReason::Kicked, Some(Fault::KICKED), now, fx);
            }
            self.end_session(id, now, fx);
        }
    }

    /// Ends sessions and publishes wills that fell due. Cheap if nothing did.
    pub(crate) fn sweep(&mut self, now: Instant, fx: &mut Effects) {
        while let Some((at, timer, id)) = self.timers.first().copied()
            && at <= now
        {
            self.timers.pop_first();
            match timer {
                Timer::End => self.end_session(id, now, fx),
                Timer::Will => {
                    let session = self.sessions.get_mut(id);
                    if let Some((_, link, will)) = session.and_then(|session| session.will.take()) {
                        fx.wills.push((link, will));
                    }
                }
            }
        }
    }

    /// Removes a session without a link, and all that names it. What it was owed as a member of a
    /// group goes to the others, as far as they are there.
    pub(super) fn end_session(&mut self, id: SessionId, now: Instant, fx: &mut Effects) {
        let Some(mut session) = self.sessions.remove(id) else {
            return;
        };
        session.leave_journal(&mut self.ledger);
        for (filter, _) in &session.filters {
            self.drop_filter(filter, id);
        }
        self.forget_names(id, &session);
        if let Some((due, link, will)) = session.will.take() {
            self.timers.remove(&(due, Timer::Will, id));
            fx.wills.push((link, will));
        }
        for delivery in session.into_shared() {
            self.pass_on(&delivery, now, fx);
        }
    }

    fn forget_names(&mut self, id: SessionId, session: &Session) {
        if let Some(at) = session.ends {
            self.timers.remove(&(at, Timer::End, id));
        }
        self.session_by_client
            .remove(&(session.subject.clone(), session.client.clone()));
        if let Some(siblings) = self.sessions_by_subject.get_mut(&session.subject) {
            siblings.retain(|sibling| *sibling != id);
            if siblings.is_empty() {
                self.sessions_by_subject.remove(&session.subject);
            }
        }
    }

    fn start_absence(&mut self, id: SessionId, life: Duration, now: Instant, fx: &mut Effects) {
        if life.is_zero() {
            self.end_session(id, now, fx);
        } else if let Some(session) = self.sessions.get_mut(id) {
            let at = now + life;
            session.ends = Some(at);
            self.timers.insert((at, Timer::End, id));
            if let Some(session) = session.no {
                let at_ms = Some(self.ledger.wall_ms(at));
                self.ledger.note(Record::Ends {
                    session,
                    at_ms,
                    life,
                });
            }
        }
    }
}

/// Never longer than the session (MQTT 5 §3.1.3.2.2).
fn will_delay(will: &Will, life: Duration) -> Duration {
    Duration::from_secs(will.delay_secs.into()).min(life)
}
