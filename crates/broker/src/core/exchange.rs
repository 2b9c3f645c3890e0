//! What a connection's task exchanges with its link: bytes to write, whether to read, when to come
//! back; and the small packets that need no file of their own.

use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::acks::Owed;
use super::effects::Effects;
use super::outgoing::Outgoing;
use super::session::{Receipt, Session, Step};
use super::state::Core;
use crate::link::{DisconnectReason, LinkId};
use crate::wire::{self, Answer, Fault};

const NOT_FOUND: u8 = 0x92;

/// What the task shall do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Turn {
    /// The link has ended: write what is left and go.
    pub(crate) closing: Option<DisconnectReason>,
    /// False: read nothing until woken.
    pub(crate) reading: bool,
    /// True: once all is written, exchange again before sleeping: there is more, or somebody waits
    /// to hear that it was written.
    pub(crate) confirm: bool,
    /// The hooks have filters to hear of: see [`Core::take_granted`].
    pub(crate) granted: bool,
    /// Call [`Core::expire`] then.
    pub(crate) deadline: Option<Instant>,
}

impl Turn {
    const GONE: Turn = Turn {
        closing: Some(DisconnectReason::Closed),
        reading: false,
        confirm: false,
        granted: false,
        deadline: None,
    };
}

impl Core {
    /// The socket took `wrote` more bytes; the next ones are put into `into` if that is empty.
    /// `waker` is called when there is something new.
    pub(crate) fn exchange(
        &mut self,
        link: LinkId,
        wrote: usize,
        into: &mut BytesMut,
        waker: &Waker,
        now: Instant,
        fx: &mut Effects,
    ) -> Turn {
        let Some(outgoing) = self.links.get_mut(&link) else {
            return Turn::GONE;
        };
        // The task is running: it needs no wake for what follows.
        let mut kept = outgoing.waker.take();
        outgoing.confirm(wrote, fx);
        let mut expiry = None;
        let mut is_queueing = false;
        if let Some(id) = outgoing.session
            && let Some((session, Some(outgoing), mut step)) = self.split(id, now, fx)
        {
            session.pump(outgoing, &mut step);
            (expiry, is_queueing) = (session.expiry(), session.queued().0 > 0);
        }
        let Some(outgoing) = self.links.get_mut(&link) else {
            return Turn::GONE;
        };
        if into.is_empty() {
            *into = std::mem::take(&mut outgoing.out);
        }
        if kept.as_ref().is_none_or(|old| !old.will_wake(waker)) {
            kept = Some(waker.clone());
        }
        outgoing.waker = kept;
        let bound = self.limits.outgoing_bytes_max;
        let ticket = outgoing.acks.deadline(&self.limits);
        Turn {
            closing: outgoing.closing,
            reading: outgoing.may_read(&self.limits),
            confirm: is_queueing
                || !outgoing.watched.is_empty()
                || !outgoing.out.is_empty()
                || outgoing.unsent() >= bound / 4,
            granted: !outgoing.granted.is_empty(),
            deadline: [ticket, expiry].into_iter().flatten().min(),
        }
    }

    /// Drops what has expired; ends the link if a ticket is too old.
    pub(crate) fn expire(&mut self, link: LinkId, now: Instant, fx: &mut Effects) {
        let Some(outgoing) = self.links.get_mut(&link) else {
            return;
        };
        if outgoing.acks.expire(&self.limits, now) {
            let fault = Some(Fault::NOT_STORED);
            self.detach(link, DisconnectReason::Ticket, fault, now, fx);
            return;
        }
        self.with_session(link, now, fx, |session, outgoing, step| {
            session.expire(step);
            session.pump(outgoing, step);
        });
    }

    /// PUBACK came.
    pub(crate) fn acknowledge(
        &mut self,
        link: LinkId,
        packet: u16,
        taken: bool,
        now: Instant,
        fx: &mut Effects,
    ) {
        self.with_session(link, now, fx, |session, outgoing, step| {
            session.acknowledge(packet, taken, step);
            session.pump(outgoing, step);
        });
    }

    /// PUBREC came.
    pub(crate) fn receive(
        &mut self,
        link: LinkId,
        packet: u16,
        taken: bool,
        now: Instant,
        fx: &mut Effects,
    ) {
        let mut receipt = Receipt::Refused;
        self.with_session(link, now, fx, |session, outgoing, step| {
            receipt = session.receive(packet, taken, step);
            match receipt {
                Receipt::Release(Some(_)) => {}
                Receipt::Release(None) => outgoing.release(packet, 0, step.fx),
                Receipt::Unknown => outgoing.release(packet, NOT_FOUND, step.fx),
                Receipt::Refused => session.pump(outgoing, step),
            }
        });
        if let Receipt::Release(held @ Some(_)) = receipt {
            let answer = Answer::Rel;
            self.owe(link, Owed { answer, packet }, 0, held, now, fx);
        }
    }

    /// PUBCOMP came.
    pub(crate) fn complete(&mut self, link: LinkId, packet: u16, now: Instant, fx: &mut Effects) {
        self.with_session(link, now, fx, |session, outgoing, step| {
            session.complete(packet, step);
            session.pump(outgoing, step);
        });
    }

    /// PINGREQ came.
    pub(crate) fn ping(&mut self, link: LinkId, fx: &mut Effects) {
        if let Some(outgoing) = self.links.get_mut(&link) {
            outgoing.append(fx, wire::ping);
        }
    }

    /// DISCONNECT came, perhaps with another session life. A session that had none cannot get one:
    /// that is a protocol error (MQTT 5 §3.14.2.2.2).
    pub(crate) fn leave(
        &mut self,
        link: LinkId,
        reason: DisconnectReason,
        life_secs: Option<u32>,
        now: Instant,
        fx: &mut Effects,
    ) {
        let life_max = self.limits.session_life_max;
        let id = self.session_of(link);
        if let Some(session) = id.and_then(|id| self.sessions.get_mut(id))
            && let Some(secs) = life_secs
        {
            if session.life.is_zero() && secs > 0 {
                let fault = Some(Fault::PROTOCOL);
                self.detach(link, DisconnectReason::Protocol, fault, now, fx);
                return;
            }
            session.life = Duration::from_secs(secs.into()).min(life_max);
        }
        self.detach(link, reason, None, now, fx);
    }

    fn with_session(
        &mut self,
        link: LinkId,
        now: Instant,
        fx: &mut Effects,
        act: impl FnOnce(&mut Session, &mut Outgoing, &mut Step<'_>),
    ) {
        if let Some(id) = self.session_of(link)
            && let Some((session, Some(outgoing), mut step)) = self.split(id, now, fx)
        {
            act(session, outgoing, &mut step);
        }
    }
}
