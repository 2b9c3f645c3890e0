//! The dialect as the wiring sees it: a speaker for `app`, a participant on the bus.

use std::sync::Arc;

use app::calls::Calls;
use app::login::Logins;
use app::port::{RtcSigner, Speaker};
use app::principal::Principal;
use app::task::Tasks;
use bus::{Bus, Inbound, Link, Participant};
use engine::call::Call;
use engine::id::EndpointId;

use crate::inbound::publish_to_command;
use crate::media::Media;
use crate::outbound::Links;
use crate::topics;

/// What the dialect needs.
pub struct IlockPorts {
    /// The calls.
    pub calls: Calls,
    /// Who is who.
    pub logins: Arc<Logins>,
    /// Signs media credentials.
    pub signer: Arc<dyn RtcSigner>,
    /// Speaks.
    pub bus: Arc<dyn Bus>,
    /// Runs what a published message asks for.
    pub tasks: Tasks,
}

/// The iLock dialect. A handle, cheap to clone.
#[derive(Clone)]
pub struct Ilock(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) calls: Calls,
    pub(crate) logins: Arc<Logins>,
    pub(crate) media: Media,
    links: Links,
    tasks: Tasks,
}

impl Ilock {
    /// Wires the dialect to its ports.
    pub fn new(ports: IlockPorts) -> Self {
        let media = Media::new(ports.signer);
        let links = Links::new(ports.calls.clone(), media.clone(), ports.bus);
        let IlockPorts {
            calls,
            logins,
            tasks,
            ..
        } = ports;
        Self(Arc::new(Parts {
            calls,
            logins,
            media,
            links,
            tasks,
        }))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }
}

impl Speaker for Ilock {
    fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        self.0.links.wake(endpoint, call);
    }
}

impl Participant<Principal> for Ilock {
    fn may_subscribe(&self, link: &Link<Principal>, filter: &str) -> bool {
        topics::may_subscribe(&link.principal, filter)
    }

    fn may_publish(&self, link: &Link<Principal>, topic: &str) -> bool {
        topics::may_publish(&link.principal, topic)
    }

    fn published(&self, link: &Arc<Link<Principal>>, message: Inbound) {
        let calls = self.0.calls.clone();
        let Inbound {
            payload, ticket, ..
        } = message;
        match publish_to_command(&link.principal, &payload) {
            Ok(input) => drop(self.0.tasks.detach(async move {
                let done = calls.handle(input).await;
                if let Err(failure) = &done {
                    tracing::warn!(%failure, "a published command could not be carried out");
                }
                ticket.settle(done.is_ok());
            })),
            Err(said) => {
                let why = said.text(crate::words::Language::English);
                tracing::debug!(client = %link.client, why, "a published command was dropped");
                ticket.settle(true);
            }
        }
    }

    fn opened(&self, link: &Arc<Link<Principal>>) {
        if let Some(endpoint) = endpoint_of(&link.principal) {
            self.0.links.open(link.id, endpoint);
        }
    }

    fn subscribed(&self, link: &Arc<Link<Principal>>, filters: &[Arc<str>]) {
        if let Some(endpoint) = endpoint_of(&link.principal) {
            self.0.links.listen(link.id, &endpoint, filters);
        }
    }

    fn unsubscribed(&self, link: &Arc<Link<Principal>>, filters: &[Arc<str>]) {
        if let Some(endpoint) = endpoint_of(&link.principal) {
            self.0.links.ignore(link.id, &endpoint, filters);
        }
    }

    fn closed(&self, link: &Arc<Link<Principal>>) {
        if let Some(endpoint) = endpoint_of(&link.principal) {
            self.0.links.close(link.id, &endpoint);
        }
    }
}

fn endpoint_of(principal: &Principal) -> Option<EndpointId> {
    match principal {
        Principal::Door(door) => Some(door.actor().endpoint),
        Principal::Resident(resident) => Some(resident.actor().endpoint),
        Principal::Operator(_) => None,
    }
}
