//! By the broker in this process.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::connections::Connections;
use app::manage::Directory;
use app::port::{DirectoryStore, Kicker};
use app::principal::{EndpointKind, endpoint_kind};
use app::task::Tasks;
use axum::Router;
use broker::{Broker, Limits, Subject};
use bus::Bus;
use dialect_ilock::Ilock;
use engine::id::EndpointId;
use storage::{SessionStore, Store};

use crate::edge::{
    BrokerKicker, BrokerLinks, EmbeddedBus, Messaging, MessagingPorts, Roster, Tracer, mqtt_routes,
};
use crate::machine::Stopwatch;
use crate::post::Ground;
use crate::writers::watch;

/// The broker and what belongs to it.
pub(super) struct Embedded {
    messaging: Arc<Messaging>,
    broker: Broker,
    kicker: Arc<dyn Kicker>,
    sessions: Arc<SessionStore>,
    roster: Arc<Roster>,
}

impl Embedded {
    /// Opens `broker.db` and goes on with what was kept there.
    pub(super) async fn open(ground: &Ground<'_>, tracer: &Arc<Tracer>) -> anyhow::Result<Self> {
        let (sessions, kept) = SessionStore::open(ground.folder)?;
        let sessions = Arc::new(sessions);
        let watched = Arc::clone(&sessions);
        watch(
            "sessions",
            ground.tasks,
            async move { watched.over().await },
        );
        let roster = Arc::new(Roster::default());
        let messaging = Arc::new(Messaging::new(MessagingPorts {
            logins: Arc::clone(ground.logins),
            roster: Arc::clone(&roster),
            tracer: Arc::clone(tracer),
            clock: Arc::clone(ground.clock),
        }));
        let subjects: BTreeSet<Subject> =
            (kept.sessions.iter().map(|one| Arc::clone(&one.subject))).collect();
        let broker = Broker::with_journal(
            Limits::default(),
            Arc::clone(&messaging) as _,
            Arc::clone(&sessions) as _,
            kept,
        );
        forget_removed(&subjects, &broker, ground.store).await?;
        let kicker = Arc::new(BrokerKicker {
            broker: broker.clone(),
            roster: Arc::clone(&roster),
            tracer: Arc::clone(tracer),
        });
        Ok(Self {
            messaging,
            broker,
            kicker,
            sessions,
            roster,
        })
    }

    pub(super) fn bus(&self) -> Arc<dyn Bus> {
        Arc::new(EmbeddedBus::new(self.broker.clone(), Stopwatch))
    }

    pub(super) fn kicker(&self) -> Arc<dyn Kicker> {
        Arc::clone(&self.kicker)
    }

    pub(super) fn broker(&self) -> &Broker {
        &self.broker
    }

    pub(super) fn connections(&self, directory: &Arc<Directory>) -> Arc<Connections> {
        let links = BrokerLinks {
            broker: self.broker.clone(),
            roster: Arc::clone(&self.roster),
        };
        Arc::new(Connections::new(Arc::new(links), Arc::clone(directory)))
    }

    pub(super) fn begin(&self, ilock: &Ilock) {
        self.messaging.set_dialects(vec![Arc::new(ilock.clone())]);
    }

    pub(super) fn routes(&self, tasks: &Tasks) -> Router {
        mqtt_routes(self.broker.clone(), tasks.stop().clone())
    }

    pub(super) fn close(&self) -> anyhow::Result<()> {
        Ok(self.sessions.close()?)
    }
}

/// The two databases are written one after the other: a door may have gone without its sessions.
async fn forget_removed(
    subjects: &BTreeSet<Subject>,
    broker: &Broker,
    store: &Store,
) -> anyhow::Result<()> {
    for subject in subjects {
        let Some(EndpointKind::Door(door)) = endpoint_kind(&EndpointId::from(&**subject)) else {
            continue;
        };
        if store.find_device(door).await?.is_none() {
            broker.forget(subject);
        }
    }
    Ok(())
}
