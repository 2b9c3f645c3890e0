//! The bridge between the embedded broker, which knows MQTT, and the dialects, which know calls.
//!
//! An MQTT user is a device id with its secret, or a resident id with a login token; a certificate
//! that names a device signs it in too. Which topics a principal may use is the dialects' to say;
//! retained messages are nobody's.

use std::sync::{Arc, OnceLock};

use app::login::Logins;
use app::principal::Principal;
use app::secret::Secret;
use broker::{Connect, DisconnectReason, Hooks, Incoming, Refusal, Verdict};
use bus::{Inbound, Link, Participant, Ticket};
use futures_util::future::BoxFuture;

use crate::edge::roster::Roster;
use crate::edge::tls::shown;

type Dialect = Arc<dyn Participant<Principal>>;

/// How often a client is checked anew because somebody's rights changed meanwhile.
const CHECKS_MAX: usize = 4;

/// The broker's hooks.
pub(crate) struct Messaging {
    logins: Arc<Logins>,
    dialects: OnceLock<Vec<Dialect>>,
    roster: Arc<Roster>,
}

impl Messaging {
    pub(crate) fn new(logins: Arc<Logins>, roster: Arc<Roster>) -> Self {
        Self {
            logins,
            dialects: OnceLock::new(),
            roster,
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
        self.roster.find(link)
    }

    /// A certificate that names a device is that device, and then nothing shown beside it may say
    /// otherwise. One that names none leaves the word to the password.
    async fn principal(&self, connect: &Connect<'_>) -> Result<Principal, Refusal> {
        let Some(subject) = shown() else {
            return self.by_password(connect).await;
        };
        let found = self.logins.by_certificate(&subject).await;
        let Some(door) = found.map_err(busy)? else {
            return self.by_password(connect).await;
        };
        if connect.username.is_some_and(|user| user != &*subject) {
            return Err(Refusal::BadCredentials);
        }
        if connect.password.is_some() {
            let shown = Secret::new(password(connect)?);
            let right = self.logins.by_device(&subject, &shown).await;
            right.map_err(busy)?.ok_or(Refusal::BadCredentials)?;
        }
        Ok(Principal::Door(door))
    }

    async fn by_password(&self, connect: &Connect<'_>) -> Result<Principal, Refusal> {
        let user = connect.username.ok_or(Refusal::BadCredentials)?;
        let shown = Secret::new(password(connect)?);
        if let Some(door) = self.logins.by_device(user, &shown).await.map_err(busy)? {
            return Ok(Principal::Door(door));
        }
        let resident = self.logins.by_mqtt(user, &shown, connect.client_id).await;
        let resident = resident.map_err(busy)?.ok_or(Refusal::BadCredentials)?;
        Ok(Principal::Resident(resident))
    }

    /// A kick strikes whoever is on the roster, so only rights that were looked up before they
    /// changed and written there afterwards could slip through: those are looked up again.
    async fn admit(&self, connect: &Connect<'_>) -> Result<broker::Principal, Refusal> {
        for _ in 0..CHECKS_MAX {
            let asked = self.logins.revocations();
            let principal = self.principal(connect).await?;
            let subject = subject(&principal);
            let tag = self.roster.expect(principal);
            if self.logins.revocations() == asked {
                return Ok(broker::Principal { subject, tag });
            }
            self.roster.forget(tag);
        }
        Err(Refusal::Busy)
    }
}

fn password(connect: &Connect<'_>) -> Result<String, Refusal> {
    let shown = connect.password.ok_or(Refusal::BadCredentials)?;
    let shown = std::str::from_utf8(shown).map_err(|_| Refusal::BadCredentials)?;
    Ok(shown.to_owned())
}

fn busy(failure: app::Failure) -> Refusal {
    tracing::warn!(%failure, "an MQTT client could not be checked");
    Refusal::Busy
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
        Box::pin(async move { self.admit(&connect).await })
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

    fn on_connected(&self, link: &broker::Link) -> bool {
        let Some(known) = self.roster.open(link) else {
            return false;
        };
        self.dialects()
            .iter()
            .for_each(|dialect| dialect.opened(&known));
        true
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
        if let Some(known) = self.roster.close(link.id) {
            self.dialects()
                .iter()
                .for_each(|dialect| dialect.closed(&known));
        }
    }
}
