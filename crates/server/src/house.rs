//! Start and stop as a list. The only place that knows all concrete types.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use api::Api;
use app::calls::{Calls, CallsPorts, run_timers};
use app::clients::{Clients, ClientsPorts};
use app::login::{Logins, LoginsPorts};
use app::manage::Directory;
use app::port::{Clock, Passes, Passwords, Random};
use app::system::Audiences;
use app::task::Tasks;
use broker::{Broker, Limits};
use bus::Bus;
use dialect_ilock::{BrokerAddress, Ilock, IlockPorts};
use storage::{FolderLock, Store};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::edge::{EmbeddedBus, Messaging, serve_admin, serve_http};
use crate::machine::{Argon, Jwt, Stopwatch, SystemClock, SystemRandom, signer};

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
        let mqtt = listen(config.mqtt.listen, "MQTT")?;
        let http = listen(config.http.listen, "HTTP")?;
        let (mqtt_at, http_at) = (mqtt.local_addr()?, http.local_addr()?);
        let world = World::open(&folder)?;
        let directory = Arc::new(world.directory());
        let logins = Arc::new(world.logins());

        let (calls, deadlines) = Calls::new(world.calls_ports(&tasks), config.calls.settings());
        let messaging = Arc::new(Messaging::new(Arc::clone(&logins)));
        let broker = Broker::new(Limits::default(), Arc::clone(&messaging) as _);
        let bus: Arc<dyn Bus> = Arc::new(EmbeddedBus::new(broker.clone(), Stopwatch));
        let ilock = Ilock::new(IlockPorts {
            calls: calls.clone(),
            logins: Arc::clone(&logins),
            clients: Arc::new(world.clients(&logins, &calls)),
            directory: Arc::clone(&directory),
            audiences: Audiences::new(Arc::clone(&world.store) as _),
            signer: signer(&config.trtc)?,
            bus,
            tasks: tasks.clone(),
            broker: BrokerAddress {
                url: config.mqtt.public_url.clone(),
                port: mqtt_at.port(),
            },
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
        };
        let router = api::routes(api).merge(dialect_ilock::routes(ilock));
        serve_mqtt(mqtt, broker, &tasks);
        tasks.spawn("http", serve_http(http, router, stop));
        open_admin(&folder, &directory, &tasks);
        Ok(Self {
            directory,
            http: http_at,
            mqtt: mqtt_at,
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
    passes: Arc<dyn Passes>,
}

impl World {
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
        Directory::new(
            Arc::clone(&self.store) as _,
            Arc::clone(&self.passwords),
            Arc::clone(&self.random),
            Arc::clone(&self.clock),
        )
    }

    fn logins(&self) -> Logins {
        Logins::new(LoginsPorts {
            store: Arc::clone(&self.store) as _,
            passwords: Arc::clone(&self.passwords),
            random: Arc::clone(&self.random),
            passes: Arc::clone(&self.passes),
            clock: Arc::clone(&self.clock),
        })
    }

    fn calls_ports(&self, tasks: &Tasks) -> CallsPorts {
        CallsPorts {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            tasks: tasks.clone(),
        }
    }

    fn clients(&self, logins: &Arc<Logins>, calls: &Calls) -> Clients {
        Clients::new(ClientsPorts {
            store: Arc::clone(&self.store) as _,
            passes: Arc::clone(&self.passes),
            random: Arc::clone(&self.random),
            clock: Arc::clone(&self.clock),
            logins: Arc::clone(logins),
            calls: calls.clone(),
        })
    }
}

fn listen(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
    broker::listen(address).with_context(|| format!("{what} on {address}"))
}

fn serve_mqtt(listener: TcpListener, broker: Broker, tasks: &Tasks) {
    let stop = tasks.stop().clone();
    tasks.spawn("mqtt", async move {
        if let Err(error) = broker.serve(listener, stop.clone()).await {
            tracing::error!(%error, "MQTT failed; stopping");
            stop.cancel();
        }
    });
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
