//! The bridge between the embedded broker, which knows MQTT, and the dialects, which know calls.
//!
//! An MQTT user is a device id with its secret, or a resident id with a login token. Which topics
//! a principal may use is the dialects' to say; retained messages are nobody's.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use app::login::Logins;
use app::principal::Principal;
use app::secret::Secret;
use broker::{
    Broker, Connect, DisconnectReason, Hooks, Incoming, LinkId, Message, Outcome, Refusal, Verdict,
};
use bus::{Audience, Bus, Inbound, Link, Participant, Ticket};
use futures_util::future::BoxFuture;

use crate::machine::Stopwatch;

type Dialect = Arc<dyn Participant<Principal>>;

/// Principals that authenticated but never connected are forgotten above this many.
const WAITING_MAX: usize = 1024;

/// Links remembered for their delayed wills; the will of an older one is dropped.
const GONE_MAX: usize = 256;

/// The broker's hooks.
pub(crate) struct Messaging {
    logins: Arc<Logins>,
    dialects: OnceLock<Vec<Dialect>>,
    next_tag: AtomicU64,
    waiting: Mutex<HashMap<u64, Principal>>,
    links: Mutex<HashMap<LinkId, Arc<Link<Principal>>>>,
    /// Links that are gone, newest last: a delayed will still speaks for one.
    gone: Mutex<VecDeque<(LinkId, Arc<Link<Principal>>)>>,
}

impl Messaging {
    pub(crate) fn new(logins: Arc<Logins>) -> Self {
        Self {
            logins,
            dialects: OnceLock::new(),
            next_tag: AtomicU64::new(1),
            waiting: Mutex::default(),
            links: Mutex::default(),
            gone: Mutex::default(),
        }
    }

    /// Says who takes part. Once, before the first connection.
    pub(crate) fn set_dialects(&self, dialects: Vec<Dialect>) {
        if self.dialects.set(dialects).is_err() {
            tracing::error!("dialects were set twice; the first ones stay");
        }
    }

    fn dialects(&self) -> &[Dialect] {
        self.dialects.get().map_or(&[], Vec::as_slice)
    }

    fn link(&self, link: &broker::Link) -> Option<Arc<Link<Principal>>> {
        if let Some(known) = lock(&self.links).get(&link.id) {
            return Some(Arc::clone(known));
        }
        if let Some((_, gone)) = lock(&self.gone).iter().find(|(id, _)| *id == link.id) {
            return Some(Arc::clone(gone));
        }
        let principal = lock(&self.waiting).get(&link.tag).cloned()?;
        let client = Arc::clone(&link.client);
        Some(Arc::new(Link {
            id: bus::LinkId(link.id.0),
            client,
            principal,
        }))
    }

    async fn principal(&self, connect: &Connect<'_>) -> Result<Principal, Refusal> {
        let user = connect.username.ok_or(Refusal::BadCredentials)?;
        let password = connect
            .password
            .and_then(|bytes| std::str::from_utf8(bytes).ok());
        let shown = Secret::new(password.ok_or(Refusal::BadCredentials)?.to_owned());
        let busy = |failure: app::Failure| {
            tracing::warn!(%failure, "an MQTT client could not be checked");
            Refusal::Busy
        };
        if let Some(door) = self.logins.by_device(user, &shown).await.map_err(busy)? {
            return Ok(Principal::Door(door));
        }
        let resident = self.logins.by_mqtt(user, &shown, connect.client_id).await;
        let resident = resident.map_err(busy)?.ok_or(Refusal::BadCredentials)?;
        Ok(Principal::Resident(resident))
    }

    fn remember(&self, principal: Principal) -> u64 {
        let tag = self.next_tag.fetch_add(1, Ordering::Relaxed);
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= WAITING_MAX
            && let Some(oldest) = waiting.keys().min().copied()
        {
            waiting.remove(&oldest);
        }
        waiting.insert(tag, principal);
        tag
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sessions, limits and audiences are kept per endpoint, never per name that a client could choose.
fn subject(principal: &Principal) -> Arc<str> {
    match (principal, principal.actor()) {
        (_, Some(actor)) => Arc::from(actor.endpoint.as_str()),
        (Principal::Operator(one), None) => Arc::from(format!("operator:{}", one.operator)),
        (Principal::Door(_) | Principal::Resident(_), None) => Arc::from(""),
    }
}

impl Hooks for Messaging {
    fn authenticate<'a>(
        &'a self,
        connect: Connect<'a>,
    ) -> BoxFuture<'a, Result<broker::Principal, Refusal>> {
        Box::pin(async move {
            let principal = self.principal(&connect).await?;
            let subject = subject(&principal);
            Ok(broker::Principal {
                subject,
                tag: self.remember(principal),
            })
        })
    }

    fn allow_subscribe(&self, link: &broker::Link, filter: &str) -> bool {
        let Some(link) = self.link(link) else {
            return false;
        };
        self.dialects()
            .iter()
            .any(|dialect| dialect.may_subscribe(&link, filter))
    }

    fn allow_publish(&self, link: &broker::Link, topic: &str, retain: bool) -> bool {
        let Some(link) = self.link(link) else {
            return false;
        };
        !retain
            && self
                .dialects()
                .iter()
                .any(|dialect| dialect.may_publish(&link, topic))
    }

    fn on_publish(&self, link: &broker::Link, publish: Incoming) -> Verdict {
        let Some(link) = self.link(link) else {
            return Verdict::Drop;
        };
        let takes = |dialect: &&Dialect| dialect.may_publish(&link, &publish.topic);
        let Some(dialect) = self.dialects().iter().find(takes) else {
            return Verdict::Drop;
        };
        let ticket = publish.ticket;
        let message = Inbound {
            topic: publish.topic,
            payload: publish.payload,
            ticket: Ticket::new(move |stored| ticket.settle(stored)),
        };
        dialect.published(&link, message);
        Verdict::Consume
    }

    fn on_connected(&self, link: &broker::Link) {
        let Some(known) = self.link(link) else { return };
        lock(&self.waiting).remove(&link.tag);
        lock(&self.links).insert(link.id, Arc::clone(&known));
        self.dialects()
            .iter()
            .for_each(|dialect| dialect.opened(&known));
    }

    fn on_subscribed(&self, link: &broker::Link, filters: &[Arc<str>]) {
        if let Some(link) = self.link(link) {
            self.dialects()
                .iter()
                .for_each(|dialect| dialect.subscribed(&link, filters));
        }
    }

    fn on_unsubscribed(&self, link: &broker::Link, filters: &[Arc<str>]) {
        if let Some(link) = self.link(link) {
            self.dialects()
                .iter()
                .for_each(|dialect| dialect.unsubscribed(&link, filters));
        }
    }

    fn on_disconnected(&self, link: &broker::Link, reason: DisconnectReason) {
        tracing::debug!(client = %link.client, ?reason, "an MQTT client is gone");
        if let Some(known) = lock(&self.links).remove(&link.id) {
            let mut gone = lock(&self.gone);
            if gone.len() >= GONE_MAX {
                gone.pop_front();
            }
            gone.push_back((link.id, Arc::clone(&known)));
            drop(gone);
            self.dialects()
                .iter()
                .for_each(|dialect| dialect.closed(&known));
        }
    }
}

/// The bus of the dialects on the embedded broker.
pub(crate) struct EmbeddedBus {
    broker: Broker,
    stopwatch: Stopwatch,
}

impl EmbeddedBus {
    pub(crate) fn new(broker: Broker, stopwatch: Stopwatch) -> Self {
        Self { broker, stopwatch }
    }
}

impl Bus for EmbeddedBus {
    fn publish(&self, message: bus::Message, outcome: Option<bus::OnOutcome>) {
        let bus::Message {
            topic,
            payload,
            qos,
            life,
            offline,
            audience,
        } = message;
        let audience = match audience {
            Audience::Everyone => broker::Audience::Everyone,
            Audience::Subjects(subjects) => broker::Audience::Subjects(Arc::from(subjects)),
            Audience::Links(links) => {
                broker::Audience::Links(links.into_iter().map(|link| LinkId(link.0)).collect())
            }
        };
        let expires = Some(self.stopwatch.now() + life);
        let message = Message {
            topic,
            payload,
            qos,
            retain: false,
            transient: !offline,
            expires,
            audience,
        };
        let outcome = outcome.map(|told| -> broker::OutcomeFn {
            Arc::new(move |outcome| match outcome {
                Outcome::Acknowledged(_) => told(bus::Outcome::Acknowledged),
                Outcome::Lost(_) | Outcome::Unrouted => told(bus::Outcome::Lost),
            })
        });
        self.broker.publish(message, outcome);
    }
}
