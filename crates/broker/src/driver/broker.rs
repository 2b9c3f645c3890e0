//! The broker as its owner holds it.
//! Each call is one step of the core; nothing is decided here.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::accept;
use super::shared::{Place, Shared};
use crate::core::Publication;
use crate::hooks::{Hooks, TurnedAway};
use crate::journal::{Journal, Kept};
use crate::limits::Limits;
use crate::link::{Connection, Counts, Kick, Link, LinkId};
use crate::message::{Message, OutcomeFn};

/// An MQTT broker inside this process. Cheap to clone; all clones are one broker.
#[derive(Clone)]
pub struct Broker {
    shared: Arc<Shared>,
}

impl Broker {
    /// A broker without listeners. `hooks` may hold a clone of it, set later.
    pub fn new(limits: Limits, hooks: Arc<dyn Hooks>) -> Broker {
        Broker {
            shared: Shared::new(limits, hooks, None),
        }
    }

    /// A broker that goes on with what was `kept`, and has `journal` keep what follows: what it
    /// acknowledges to lasting sessions survives the process.
    pub fn with_journal(
        limits: Limits,
        hooks: Arc<dyn Hooks>,
        journal: Arc<dyn Journal>,
        kept: Kept,
    ) -> Broker {
        Broker {
            shared: Shared::new(limits, hooks, Some((journal, kept))),
        }
    }

    /// Publishes without a socket and without asking the hooks. Never blocks on a client.
    ///
    /// `outcome` is called once per live link reached, or once with `Unrouted`; perhaps before
    /// this returns.
    pub fn publish(&self, message: Message, outcome: Option<OutcomeFn>) {
        self.shared.step(|core, now, fx| {
            core.route(Publication::own(&message), outcome, now, fx);
        });
        if !message.transient {
            // Nobody waits to hear that it is kept; that is no reason for it to wait.
            self.shared.flush();
        }
    }

    /// Closes links (v5: DISCONNECT 0x98). Their wills are published, their sessions stay.
    pub fn kick(&self, which: Kick) {
        self.shared.step(|core, now, fx| core.kick(&which, now, fx));
    }

    /// Closes a subject's links and ends its sessions with all that waits in them. Wills are
    /// published.
    pub fn forget(&self, subject: &str) {
        self.shared
            .step(|core, now, fx| core.forget_subject(subject, now, fx));
        self.shared.flush();
    }

    /// The live links of a subject, oldest session first.
    pub fn links_of(&self, subject: &str) -> Vec<Link> {
        self.shared.look(|core| core.links_of(subject))
    }

    /// One live link, with what its session holds and what passed over it; none once it has ended.
    pub fn connection(&self, link: LinkId) -> Option<Connection> {
        self.shared.look(|core| core.view(link))
    }

    /// What the broker holds and has done. Looks at every session.
    pub fn counts(&self) -> Counts {
        self.shared.look(|core| core.counts())
    }

    /// Accepts until `stop` is cancelled, then sends DISCONNECT 0x8B to v5 clients, closes all and
    /// returns when the tasks of all its connections have ended. Also ends absent sessions and
    /// publishes delayed wills, within a second.
    ///
    /// # Errors
    /// None at present: failing accepts are logged and tried again.
    pub async fn serve(&self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        accept::serve(&self.shared, listener, stop).await
    }

    /// Does once a second what [`Broker::serve`] does beside accepting: for one whose streams all
    /// come by [`Broker::serve_stream`].
    pub async fn sweep_until(&self, stop: CancellationToken) {
        accept::sweep_until(&self.shared, stop).await;
    }

    /// One already accepted byte stream (WebSocket, TLS); returns when it has ended. Above
    /// [`Limits::connections_max`] it ends at once. Without [`Broker::serve`] or
    /// [`Broker::sweep_until`], absent sessions end at the next CONNECT.
    pub async fn serve_stream<S>(&self, stream: S, peer: SocketAddr, stop: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        if let Some(place) = Place::take(&self.shared) {
            accept::converse(&self.shared, stream, peer, &stop, place).await;
        } else {
            self.shared.hooks.on_turned_away(None, TurnedAway::Full);
        }
    }
}
