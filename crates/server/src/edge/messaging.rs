//! The bridge between the embedded broker, which knows MQTT, and the dialects, which know calls.
//!
//! An MQTT user is a device id with its secret, or a resident id with a login token; a certificate
//! that names a device signs it in too. Which topics a principal may use is the dialects' to say;
//! retained messages are nobody's.

use std::sync::{Arc, OnceLock};

use app::login::Logins;
use app::port::Clock;
use app::principal::Principal;
use app::secret::Secret;
use broker::{Connect, DisconnectReason, Hooks, Incoming, Refusal, Stranger, TurnedAway, Verdict};
use bus::{Inbound, Link, Participant, Ticket};
use futures_util::future::BoxFuture;
use metrics::counter;

use crate::edge::denial::{Denial, end_name, turned_away_name};
use crate::edge::roster::Roster;
use crate::edge::sign_in::{busy, by_password};
use crate::edge::tls::shown;
use crate::edge::trace::{Happening, Tracer};

type Dialect = Arc<dyn Participant<Principal>>;

/// How often a client is checked anew because somebody's rights changed meanwhile.
const CHECKS_MAX: usize = 4;

/// What the bridge needs.
pub(crate) struct MessagingPorts {
    /// Who is who.
    pub(crate) logins: Arc<Logins>,
    /// Who is here.
    pub(crate) roster: Arc<Roster>,
    /// Who is watched.
    pub(crate) tracer: Arc<Tracer>,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
}

/// The broker's hooks.
pub(crate) struct Messaging {
    ports: MessagingPorts,
    dialects: OnceLock<Vec<Dialect>>,
}

impl Messaging {
    pub(crate) fn new(ports: MessagingPorts) -> Self {
        Self {
            ports,
            dialects: OnceLock::new(),
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
        self.ports.roster.find(link)
    }

    /// A certificate that names a device is that device, and then nothing shown beside it may say
    /// otherwise. One that names none leaves the word to the password.
    async fn principal(&self, connect: &Connect<'_>) -> Result<Principal, Denial> {
        let Some(subject) = shown() else {
            return self.by_password(connect).await;
        };
        let found = self.ports.logins.by_vouched(&subject).await;
        let Some(door) = found.map_err(busy)? else {
            return self.by_password(connect).await;
        };
        if connect.username.is_some_and(|user| user != &*subject) {
            return Err(Denial::OtherCertificate);
        }
        if connect.password.is_some() {
            let shown = Secret::new(password(connect)?);
            let right = self.ports.logins.by_device(&subject, &shown).await;
            right.map_err(busy)?.ok_or(Denial::UnknownSecret)?;
        }
        Ok(Principal::Door(door))
    }

    async fn by_password(&self, connect: &Connect<'_>) -> Result<Principal, Denial> {
        let user = connect.username.ok_or(Denial::NoUser)?;
        let shown = Secret::new(password(connect)?);
        by_password(&self.ports.logins, user, &shown, connect.client_id).await
    }

    /// A kick strikes whoever is on the roster, so only rights that were looked up before they
    /// changed and written there afterwards could slip through: those are looked up again.
    async fn admit(&self, connect: &Connect<'_>) -> Result<broker::Principal, Denial> {
        for _ in 0..CHECKS_MAX {
            let asked = self.ports.logins.revocations();
            let principal = self.principal(connect).await?;
            let subject = subject(&principal);
            let tag = self.ports.roster.expect(principal);
            if self.ports.logins.revocations() == asked {
                return Ok(broker::Principal { subject, tag });
            }
            self.ports.roster.forget(tag);
        }
        Err(Denial::Busy)
    }

    /// Counts a CONNECT that is refused for who it is.
    fn refuse(&self, connect: &Connect<'_>, denial: Denial) -> Refusal {
        count_refused(denial.name());
        let happening = Happening {
            client_id: connect.client_id,
            event: "sign_in_refused",
            reason: Some(denial.name()),
            topic: None,
        };
        self.note_stranger(connect.username, happening);
        denial.refusal()
    }

    /// Tells those who watch whom a CONNECT named.
    fn note_stranger(&self, username: Option<&str>, happening: Happening<'_>) {
        let certified = shown().filter(|subject| username != Some(&**subject));
        for name in username.into_iter().chain(certified.as_deref()) {
            self.ports.tracer.note_name(name, happening);
        }
    }

    /// Counts what was denied on a link, and tells those who watch it. A will is denied before its
    /// link is open, and its CONNECT refused with it.
    fn deny(&self, link: &broker::Link, event: &'static str, denied: Denied<'_>) {
        counter!("koumen_mqtt_denied_total", "event" => event).increment(1);
        if self.ports.tracer.runs()
            && let Some(known) = self.link(link)
        {
            let happening = Happening {
                client_id: &link.client,
                event,
                reason: denied.reason,
                topic: Some(denied.topic),
            };
            self.ports.tracer.note(&known.principal, happening);
        }
    }

    fn may_publish(&self, link: &broker::Link, topic: &str) -> bool {
        let Some(link) = self.link(link) else {
            return false;
        };
        self.dialects()
            .iter()
            .any(|dialect| dialect.may_publish(&link, topic))
    }

    fn may_subscribe(&self, link: &broker::Link, filter: &str) -> bool {
        let Some(link) = self.link(link) else {
            return false;
        };
        self.dialects()
            .iter()
            .any(|dialect| dialect.may_subscribe(&link, filter))
    }
}

/// What was denied, and why if there is more than one reason.
struct Denied<'a> {
    topic: &'a str,
    reason: Option<&'static str>,
}

fn count_refused(reason: &'static str) {
    counter!("koumen_mqtt_refused_connects_total", "reason" => reason).increment(1);
}

fn password(connect: &Connect<'_>) -> Result<String, Denial> {
    let shown = connect.password.ok_or(Denial::NoPassword)?;
    let shown = std::str::from_utf8(shown).map_err(|_| Denial::NoPassword)?;
    Ok(shown.to_owned())
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
            let admitted = self.admit(&connect).await;
            admitted.map_err(|denial| self.refuse(&connect, denial))
        })
    }

    fn allow_subscribe(&self, link: &broker::Link, filter: &str) -> bool {
        let allowed = self.may_subscribe(link, filter);
        if !allowed {
            let denied = Denied {
                topic: filter,
                reason: None,
            };
            self.deny(link, "subscribe_refused", denied);
        }
        allowed
    }

    fn allow_publish(&self, link: &broker::Link, topic: &str, retain: bool) -> bool {
        let reason = if !self.may_publish(link, topic) {
            "topic"
        } else if retain {
            "retain"
        } else {
            return true;
        };
        let event = if self.ports.roster.is_open(link.id) {
            "publish_refused"
        } else {
            count_refused("will");
            "will_refused"
        };
        let reason = Some(reason);
        self.deny(link, event, Denied { topic, reason });
        false
    }

    fn on_publish(&self, sender: &broker::Link, publish: Incoming) -> Verdict {
        let Some(link) = self.link(sender) else {
            return Verdict::Drop;
        };
        let takes = |dialect: &&Dialect| dialect.may_publish(&link, &publish.topic);
        let Some(dialect) = self.dialects().iter().find(takes) else {
            let denied = Denied {
                topic: &publish.topic,
                reason: None,
            };
            self.deny(sender, "publish_dropped", denied);
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
        let connected = self.ports.clock.now();
        let Some(known) = self.ports.roster.open(link, connected) else {
            return false;
        };
        let happening = Happening {
            client_id: &link.client,
            event: "connected",
            ..Happening::default()
        };
        self.ports.tracer.note(&known.principal, happening);
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

    fn on_turned_away(&self, who: Option<Stranger<'_>>, why: TurnedAway) {
        let reason = turned_away_name(why);
        count_refused(reason);
        if let Some(who) = who {
            let happening = Happening {
                client_id: who.client_id,
                event: "turned_away",
                reason: Some(reason),
                topic: None,
            };
            self.note_stranger(who.username, happening);
        }
    }

    fn on_disconnected(&self, link: &broker::Link, reason: DisconnectReason) {
        tracing::debug!(client = %link.client, ?reason, "an MQTT client is gone");
        let reason = end_name(reason);
        counter!("koumen_mqtt_disconnects_total", "reason" => reason).increment(1);
        if let Some(known) = self.ports.roster.close(link.id) {
            let happening = Happening {
                client_id: &link.client,
                event: "disconnected",
                reason: Some(reason),
                topic: None,
            };
            self.ports.tracer.note(&known.principal, happening);
            self.dialects()
                .iter()
                .for_each(|dialect| dialect.closed(&known));
        }
    }
}
