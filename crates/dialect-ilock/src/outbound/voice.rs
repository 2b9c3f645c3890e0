//! Speaking to parties, whichever broker carries it.

use std::sync::Arc;

use app::calls::Calls;
use app::port::{Handed, OpenOrder};
use app::principal::Principal;
use bus::{Bus, Link};
use engine::call::Call;
use engine::id::EndpointId;

use crate::media::Media;
use crate::outbound::blind::Blind;
use crate::outbound::links::Links;

/// How parties are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By the links that are seen to come and go.
    Links,
    /// By topics alone, through a broker that is not ours.
    Topics {
        /// Whether everyone is woken on the fixed topics too, which S0 needs.
        has_fixed: bool,
    },
}

pub(crate) enum Voice {
    Links(Links),
    Blind(Blind),
}

impl Voice {
    pub(crate) fn new(reach: Reach, calls: Calls, media: Media, bus: Arc<dyn Bus>) -> Self {
        match reach {
            Reach::Links => Self::Links(Links::new(calls, media, bus)),
            Reach::Topics { has_fixed } => Self::Blind(Blind::new(calls, media, bus, has_fixed)),
        }
    }

    /// Says what the endpoint must hear of the call.
    pub(crate) fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        match self {
            Self::Links(links) => links.wake(endpoint, call),
            Self::Blind(blind) => blind.wake(endpoint, call),
        }
    }

    /// Hands an order to a living connection of its door. A broker that is not ours tells neither who
    /// is connected nor who publishes, and may keep what it is given: over it locks are not moved.
    pub(crate) fn open_lock(&self, order: &OpenOrder) -> Handed {
        match self {
            Self::Links(links) => links.open_lock(order),
            Self::Blind(_) => Handed::NotSupported,
        }
    }

    /// Says again what did not arrive.
    pub(crate) fn sweep(&self) {
        match self {
            Self::Links(links) => links.sweep(),
            Self::Blind(blind) => blind.sweep(),
        }
    }

    /// Says everything current again.
    pub(crate) fn renew(&self) {
        if let Self::Blind(blind) = self {
            blind.renew();
        }
    }

    pub(crate) fn open(&self, link: &Arc<Link<Principal>>) {
        if let Self::Links(links) = self {
            links.open(link);
        }
    }

    pub(crate) fn close(&self, link: &Link<Principal>) {
        if let Self::Links(links) = self {
            links.close(link);
        }
    }

    pub(crate) fn listen(&self, link: &Link<Principal>, topics: &[Arc<str>]) {
        if let Self::Links(links) = self {
            links.listen(link, topics);
        }
    }

    pub(crate) fn ignore(&self, link: &Link<Principal>, topics: &[Arc<str>]) {
        if let Self::Links(links) = self {
            links.ignore(link, topics);
        }
    }
}
