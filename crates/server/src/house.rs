//! Start and stop as a list. The only place that knows all concrete types.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use api::{Api, Streams};
use app::calls::{Calls, CallsPorts, Feed, run_timers};
use app::clients::{Clients, ClientsPorts};
use app::connections::Connections;
use app::key_book::KeyBook;
use app::limit::Limit;
use app::login::{Logins, LoginsPorts};
use app::manage::{Directory, DirectoryPorts, Gate};
use app::media::RoomGuard;
use app::outbox::{Outbox, run_outbox};
use app::port::{Clock, DirectoryStore, Kicker, Passes, Passwords, Random, Speaker};
use app::principal::{EndpointKind, endpoint_kind};
use app::system::Audiences;
use app::task::Tasks;
use axum::Router;
use broker::{Broker, Limits, Subject};
use bus::Bus;
use dialect_ilock::{Ilock, IlockPorts};
use engine::id::EndpointId;
use metrics_exporter_prometheus::PrometheusHandle;
use storage::{FolderLock, SessionStore, Store};
use tokio_util::sync::CancellationToken;

use crate::config::{self, Config};
use crate::edge::{
    BrokerKicker, BrokerLinks, EmbeddedBus, Messaging, MessagingPorts, Roster, Tracer,
    listen_admin, mqtt_routes, ops_routes, recorder, run_upkeep, serve_admin,
};
use crate::listen::Addresses;
use crate::listeners::{Listeners, told_address};
use crate::machine::{
    Argon, JweSealer, Jwt, Rooms, Stopwatch, SystemClock, SystemRandom, Tally, rooms, signer,
};

/// A running server.
pub(crate) struct House {
    pub(crate) directory: Arc<Directory>,
    /// Where it listens.
    pub(crate) at: Addresses,
    /// SHA-256 of its certificate, if it made one itself.
    pub(crate) fingerprint: Option<String>,
    store: Arc<Store>,
    sessions: Arc<SessionStore>,
    tasks: Tasks,
    _lock: FolderLock,
}

impl House {
    /// Starts everything, in this order; returns when all ports are open.
    pub(crate) async fn start(config: &Config, stop: CancellationToken) -> anyhow::Result<Self> {
        let folder = std::path::absolute(&config.data)?;
        let lock = FolderLock::take(&folder).with_context(|| folder.display().to_string())?;
        let tasks = Tasks::new(stop.clone());
        let recorded = record_metrics(&tasks)?;
        let listeners = Listeners::bind(config, &folder)?;
        let (at, fingerprint) = (listeners.addresses()?, listeners.fingerprint.clone());
        let world = World::open(&folder)?;
        let store = Arc::clone(&world.store);
        watch("store", &tasks, async move { store.over().await });
        let directory = Arc::new(world.directory());
        let logins = Arc::new(world.logins(config));

        let (calls, deadlines) =
            Calls::new(world.calls_ports(&tasks, config), config.calls.settings());
        let post = Post::open(&folder, &logins, &world, &tasks).await?;
        let broker = post.broker.clone();
        let gate = world.gate(&logins, &post).await?;
        let bus: Arc<dyn Bus> = Arc::new(EmbeddedBus::new(broker.clone(), Stopwatch));
        let ilock = Ilock::new(IlockPorts {
            calls: calls.clone(),
            log: Arc::clone(&world.store) as _,
            logins: Arc::clone(&logins),
            clients: Arc::new(world.clients(&gate, &calls, config)),
            directory: Arc::clone(&directory),
            audiences: world.audiences(config),
            signer: signer(&config.trtc)?,
            keys: Arc::clone(&gate.keys),
            bus,
            tasks: tasks.clone(),
            broker: told_address(config, &at),
        });
        directory.set_gate(gate);
        tasks.spawn("ilock sweep", ilock.clone().run_sweep(stop.clone()));
        post.messaging.set_dialects(vec![Arc::new(ilock.clone())]);
        let feed = Feed::new(stop.clone());
        calls.set_speakers(speakers(&ilock, &feed));
        let hooks = world.open_rooms(&config.trtc, &calls, &tasks)?;

        let recovered = calls.recover().await?;
        tracing::info!(calls = recovered, folder = %folder.display(), "open");
        tasks.spawn("timers", run_timers(calls.clone(), deadlines, stop.clone()));

        let api = Api {
            logins,
            directory: Arc::clone(&directory),
            calls,
            log: Arc::clone(&world.store) as _,
            feed,
            streams: Streams::default(),
            connections: post.connections(&directory),
            traces: Arc::clone(&post.tracer) as _,
        };
        let router = api::routes(api)
            .merge(dialect_ilock::routes(ilock))
            .merge(mqtt_routes(broker.clone(), stop.clone()))
            .merge(world.ops_routes(&broker, recorded))
            .merge(hooks);
        listeners.serve(&router, &broker, &config.http, &tasks)?;
        open_admin(&folder, &directory, &tasks)?;
        Ok(Self {
            directory,
            at,
            fingerprint,
            store: world.store,
            sessions: post.sessions,
            tasks,
            _lock: lock,
        })
    }

    /// Waits until it is asked to stop, then stops in order; an error if a task or the store's
    /// writer had died.
    pub(crate) async fn stopped(self) -> anyhow::Result<()> {
        self.tasks.stop().cancelled().await;
        let in_order = self.tasks.finished().await;
        let (store, sessions) = (self.store.close(), self.sessions.close());
        store?;
        sessions?;
        anyhow::ensure!(in_order, "a task died; the log says which");
        tracing::info!("stopped");
        Ok(())
    }
}

/// What stands behind the ports.
pub(crate) struct World {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    passwords: Arc<dyn Passwords>,
    passes: Arc<dyn Passes>,
}

impl World {
    fn audiences(&self, config: &Config) -> Audiences {
        let limit = Limit::per_min(config.limits.messages_per_min);
        Audiences::new(Arc::clone(&self.store) as _, limit)
    }

    fn ops_routes(&self, broker: &Broker, recorded: PrometheusHandle) -> Router {
        ops_routes(Arc::clone(&self.store) as _, broker.clone(), recorded)
    }

    /// Opens the data folder, whose lock the caller holds.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let random = SystemRandom::open(folder)?;
        Ok(Self {
            store: Arc::new(Store::open(folder)?),
            clock: Arc::new(SystemClock::default()),
            passes: Arc::new(Jwt::new(&random)),
            random: Arc::new(random),
            passwords: Arc::new(Argon::new()),
        })
    }

    pub(crate) fn directory(&self) -> Directory {
        Directory::new(DirectoryPorts {
            store: Arc::clone(&self.store) as _,
            registry: Arc::clone(&self.store) as _,
            staff: Arc::clone(&self.store) as _,
            passwords: Arc::clone(&self.passwords),
            random: Arc::clone(&self.random),
            clock: Arc::clone(&self.clock),
        })
    }

    fn logins(&self, config: &Config) -> Logins {
        Logins::new(LoginsPorts {
            store: Arc::clone(&self.store) as _,
            staff: Arc::clone(&self.store) as _,
            passwords: Arc::clone(&self.passwords),
            random: Arc::clone(&self.random),
            passes: Arc::clone(&self.passes),
            clock: Arc::clone(&self.clock),
            limit: Limit::per_min(config.limits.logins_per_min),
        })
    }

    fn calls_ports(&self, tasks: &Tasks, config: &Config) -> CallsPorts {
        CallsPorts {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            tasks: tasks.clone(),
            limit: Limit::per_min(config.limits.calls_per_min),
        }
    }

    /// The gate of those who signed in and registered so far.
    async fn gate(&self, logins: &Arc<Logins>, post: &Post) -> anyhow::Result<Gate> {
        let keys = self.store.client_keys(None).await?;
        Ok(Gate {
            logins: Arc::clone(logins),
            kicker: Arc::clone(&post.kicker),
            keys: Arc::new(KeyBook::new(Arc::new(JweSealer), keys)),
        })
    }

    fn clients(&self, gate: &Gate, calls: &Calls, config: &Config) -> Clients {
        Clients::new(ClientsPorts {
            store: Arc::clone(&self.store) as _,
            passes: Arc::clone(&self.passes),
            random: Arc::clone(&self.random),
            clock: Arc::clone(&self.clock),
            logins: Arc::clone(&gate.logins),
            kicker: Arc::clone(&gate.kicker),
            keys: Arc::clone(&gate.keys),
            calls: calls.clone(),
            limit: Limit::per_min(config.limits.registrations_per_min),
        })
    }

    /// Lets a media service keep the rooms, if there is one; the routes of its callbacks.
    fn open_rooms(
        &self,
        trtc: &config::Trtc,
        calls: &Calls,
        tasks: &Tasks,
    ) -> anyhow::Result<Router> {
        let Some(Rooms { service, hook }) = rooms(trtc, &self.clock)? else {
            return Ok(Router::new());
        };
        let outbox = Outbox::new(Arc::clone(&self.store) as _, Arc::clone(&self.clock));
        calls.set_outbox(outbox.clone());
        let running = run_outbox(outbox.clone(), service, tasks.stop().clone());
        tasks.spawn("outbox", running);
        let guard = RoomGuard::new(calls.clone(), outbox);
        let routes = hook.map(|keys| vendors::trtc::routes(keys, Arc::new(guard)));
        Ok(routes.unwrap_or_default())
    }
}

/// Who hears of every step of a call.
fn speakers(ilock: &Ilock, feed: &Feed) -> Vec<Arc<dyn Speaker>> {
    vec![
        Arc::new(ilock.clone()),
        Arc::new(feed.clone()),
        Arc::new(Tally),
    ]
}

/// Stops the server when nothing can be written any more: half a server is worse than a restart.
fn watch(what: &'static str, tasks: &Tasks, over: impl Future<Output = ()> + Send + 'static) {
    let stop = tasks.stop().clone();
    tasks.spawn(what, async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = over => {
                tracing::error!(what, "the store's writer died; stopping");
                stop.cancel();
            }
        }
    });
}

/// The broker and what belongs to it.
struct Post {
    messaging: Arc<Messaging>,
    broker: Broker,
    kicker: Arc<dyn Kicker>,
    sessions: Arc<SessionStore>,
    roster: Arc<Roster>,
    tracer: Arc<Tracer>,
}

impl Post {
    /// Opens `broker.db` and goes on with what was kept there.
    async fn open(
        folder: &Path,
        logins: &Arc<Logins>,
        world: &World,
        tasks: &Tasks,
    ) -> anyhow::Result<Self> {
        let (sessions, kept) = SessionStore::open(folder)?;
        let sessions = Arc::new(sessions);
        let watched = Arc::clone(&sessions);
        watch("sessions", tasks, async move { watched.over().await });
        let roster = Arc::new(Roster::default());
        let tracer = Arc::new(Tracer::new(Arc::clone(&world.clock)));
        let messaging = Arc::new(Messaging::new(MessagingPorts {
            logins: Arc::clone(logins),
            roster: Arc::clone(&roster),
            tracer: Arc::clone(&tracer),
            clock: Arc::clone(&world.clock),
        }));
        let subjects: BTreeSet<Subject> =
            (kept.sessions.iter().map(|one| Arc::clone(&one.subject))).collect();
        let broker = Broker::with_journal(
            Limits::default(),
            Arc::clone(&messaging) as _,
            Arc::clone(&sessions) as _,
            kept,
        );
        forget_removed(&subjects, &broker, world).await?;
        let kicker = Arc::new(BrokerKicker {
            broker: broker.clone(),
            roster: Arc::clone(&roster),
            tracer: Arc::clone(&tracer),
        });
        Ok(Self {
            messaging,
            broker,
            kicker,
            sessions,
            roster,
            tracer,
        })
    }

    fn connections(&self, directory: &Arc<Directory>) -> Arc<Connections> {
        let links = BrokerLinks {
            broker: self.broker.clone(),
            roster: Arc::clone(&self.roster),
        };
        Arc::new(Connections::new(Arc::new(links), Arc::clone(directory)))
    }
}

/// The two databases are written one after the other: a door may have gone without its sessions.
async fn forget_removed(
    subjects: &BTreeSet<Subject>,
    broker: &Broker,
    world: &World,
) -> anyhow::Result<()> {
    for subject in subjects {
        let Some(EndpointKind::Door(door)) = endpoint_kind(&EndpointId::from(&**subject)) else {
            continue;
        };
        if world.store.find_device(door).await?.is_none() {
            broker.forget(subject);
        }
    }
    Ok(())
}

fn record_metrics(tasks: &Tasks) -> anyhow::Result<PrometheusHandle> {
    let recorded = recorder()?;
    let upkeep = run_upkeep(recorded.clone(), tasks.stop().clone());
    tasks.spawn("metrics", upkeep);
    Ok(recorded)
}

fn open_admin(folder: &Path, directory: &Arc<Directory>, tasks: &Tasks) -> anyhow::Result<()> {
    let admin = listen_admin(folder)?;
    let serving = serve_admin(admin, Arc::clone(directory), tasks.stop().clone());
    tasks.spawn("admin", serving);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;
    use std::time::Duration;

    use app::port::CallStore;

    use super::*;

    /// Longer than anything takes that is not broken.
    const SOON: Duration = Duration::from_secs(20);

    /// Kills the thread that it is dropped on, and so one that had survived the panic with it.
    struct Deadly;

    impl Drop for Deadly {
        fn drop(&mut self) {
            panic!("on purpose")
        }
    }

    #[tokio::test]
    async fn a_house_whose_writer_dies_stops_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: folder.path().join("data"),
            ..Config::default()
        };
        config.http.listen = "127.0.0.1:0".parse().unwrap();
        config.mqtt.listen = config.http.listen;
        let house = House::start(&config, CancellationToken::new())
            .await
            .unwrap();

        let killed = house.store.decide(Box::new(|_| panic_any(Deadly))).await;
        let stopped = tokio::time::timeout(SOON, house.stopped()).await;

        assert!(killed.is_err());
        let error = stopped.unwrap().unwrap_err().to_string();
        assert!(error.contains("the store's writer died"), "{error}");
    }
}
