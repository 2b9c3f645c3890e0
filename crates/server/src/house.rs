//! Start and stop as a list. The only place that knows all concrete types.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use api::Api;
use app::calls::{Calls, CallsPorts, run_timers};
use app::login::Logins;
use app::manage::Directory;
use app::port::{Clock, Passwords, Random};
use app::task::Tasks;
use axum::Router;
use broker::{Broker, Limits};
use bus::Bus;
use dialect_ilock::{Ilock, IlockPorts};
use storage::{FolderLock, Store};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::edge::{EmbeddedBus, Messaging, serve_admin, serve_http};
use crate::machine::{Argon, Stopwatch, SystemClock, SystemRandom, signer};

/// A running server.
pub(crate) struct House {
    pub(crate) directory: Arc<Directory>,
    pub(crate) http: SocketAddr,
    pub(crate) mqtt: SocketAddr,
    tasks: Tasks,
    _lock: FolderLock,
}

impl House {
    /// Starts everything, in this order; returns when both ports are open.
    pub(crate) async fn start(config: &Config, stop: CancellationToken) -> anyhow::Result<Self> {
        let folder = std::path::absolute(&config.data)?;
        let lock = FolderLock::take(&folder).with_context(|| folder.display().to_string())?;
        let tasks = Tasks::new(stop.clone());
        let world = World::open(&folder)?;
        let directory = Arc::new(world.directory());
        let logins = Arc::new(world.logins());

        let ports = CallsPorts {
            store: Arc::clone(&world.store) as _,
            clock: Arc::clone(&world.clock),
            random: Arc::clone(&world.random),
            tasks: tasks.clone(),
        };
        let (calls, deadlines) = Calls::new(ports, config.calls.settings());

        let messaging = Arc::new(Messaging::new(Arc::clone(&logins)));
        let broker = Broker::new(Limits::default(), Arc::clone(&messaging) as _);
        let bus: Arc<dyn Bus> = Arc::new(EmbeddedBus::new(broker.clone(), Stopwatch));
        let ilock = Ilock::new(IlockPorts {
            calls: calls.clone(),
            logins: Arc::clone(&logins),
            signer: signer(&config.trtc)?,
            bus,
            tasks: tasks.clone(),
        });
        messaging.set_dialects(vec![Arc::new(ilock.clone())]);
        calls.set_speakers(vec![Arc::new(ilock.clone())]);

        let recovered = calls.recover().await?;
        tracing::info!(calls = recovered, folder = %folder.display(), "the store is open");
        tasks.spawn("timers", run_timers(calls, deadlines, stop.clone()));

        let api = Api {
            logins,
            directory: Arc::clone(&directory),
            calls: Arc::clone(&world.store) as _,
            clock: Arc::clone(&world.clock),
        };
        let router = api::routes(api).merge(dialect_ilock::routes(ilock));
        let mqtt = open_mqtt(config.mqtt.listen, broker, &tasks)?;
        let http = open_http(config.http.listen, router, &tasks)?;
        open_admin(&folder, &directory, &tasks);
        Ok(Self {
            directory,
            http,
            mqtt,
            tasks,
            _lock: lock,
        })
    }

    /// Asked to stop or broken: true once everything has ended.
    pub(crate) async fn stopped(self) {
        self.tasks.stop().cancelled().await;
        self.tasks.finished().await;
        tracing::info!("stopped");
    }
}

/// What stands behind the ports.
pub(crate) struct World {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    passwords: Arc<dyn Passwords>,
}

impl World {
    /// Opens the data folder, whose lock the caller holds.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            store: Arc::new(Store::open(folder)?),
            clock: Arc::new(SystemClock::default()),
            random: Arc::new(SystemRandom::open(folder)?),
            passwords: Arc::new(Argon::new()),
        })
    }

    pub(crate) fn directory(&self) -> Directory {
        let Self {
            store,
            clock,
            random,
            passwords,
        } = self;
        Directory::new(
            store.clone() as _,
            passwords.clone(),
            random.clone(),
            clock.clone(),
        )
    }

    fn logins(&self) -> Logins {
        let Self {
            store,
            clock,
            random,
            passwords,
        } = self;
        Logins::new(
            store.clone() as _,
            passwords.clone(),
            random.clone(),
            clock.clone(),
        )
    }
}

fn open_mqtt(address: SocketAddr, broker: Broker, tasks: &Tasks) -> anyhow::Result<SocketAddr> {
    let listener = broker::listen(address).with_context(|| format!("MQTT on {address}"))?;
    let bound = listener.local_addr()?;
    let stop = tasks.stop().clone();
    tasks.spawn("mqtt", async move {
        if let Err(error) = broker.serve(listener, stop.clone()).await {
            tracing::error!(%error, "MQTT failed; stopping");
            stop.cancel();
        }
    });
    Ok(bound)
}

fn open_http(address: SocketAddr, router: Router, tasks: &Tasks) -> anyhow::Result<SocketAddr> {
    let listener = broker::listen(address).with_context(|| format!("HTTP on {address}"))?;
    let bound = listener.local_addr()?;
    tasks.spawn("http", serve_http(listener, router, tasks.stop().clone()));
    Ok(bound)
}

fn open_admin(folder: &Path, directory: &Arc<Directory>, tasks: &Tasks) {
    let serving = serve_admin(
        folder.to_owned(),
        Arc::clone(directory),
        tasks.stop().clone(),
    );
    tasks.spawn("admin", async move {
        if let Err(error) = serving.await {
            tracing::warn!(%error, "no local administration while running");
        }
    });
}
