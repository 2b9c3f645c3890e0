//! What stands behind the ports, and the use cases wired to them.

use std::path::Path;
use std::sync::Arc;

use app::calls::{Calls, CallsPorts};
use app::clients::{Clients, ClientsPorts};
use app::key_book::KeyBook;
use app::limit::Limit;
use app::login::{Logins, LoginsPorts};
use app::manage::{Directory, DirectoryPorts, Gate};
use app::media::RoomGuard;
use app::outbox::{Outbox, RoomDoer, run_outbox};
use app::peer_book::PeerBook;
use app::port::{Clock, DirectoryStore, HookKeys, Kicker, Passes, Passwords, Random, ScreenPasses};
use app::screens::{Screens, ScreensPorts};
use app::system::Audiences;
use app::task::Tasks;
use app::timers::Arm;
use app::unlock::{Unlocks, UnlocksPorts};
use axum::Router;
use broker::Broker;
use dialect_ilock::{BrokerAddress, IlockPorts};
use engine::id::CallId;
use metrics_exporter_prometheus::PrometheusHandle;
use storage::Store;
use tokio::sync::mpsc;

use crate::alarming::{self, Alarming};
use crate::boxes::BoxPorts;
use crate::config::{self, Config};
use crate::edge::ops_routes;
use crate::machine::{
    Argon, JweSealer, Jwt, Rooms, SystemClock, SystemRandom, audit_key, rooms, signer,
};
use crate::post::{Ground, Post};
use crate::writers::watch;

/// The timers' queue.
pub(crate) type Deadlines = mpsc::Receiver<Arm<CallId>>;

/// The use cases, wired to their ports.
pub(crate) struct Core {
    pub(crate) calls: Calls,
    pub(crate) deadlines: Deadlines,
    pub(crate) alarming: Alarming,
    pub(crate) unlocks: Unlocks,
    pub(crate) logins: Arc<Logins>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) tasks: Tasks,
}

/// What stands behind the ports.
pub(crate) struct World {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) hook_keys: Arc<dyn HookKeys>,
    pub(crate) passwords: Arc<dyn Passwords>,
    pub(crate) passes: Arc<dyn Passes>,
    pub(crate) screen_passes: Arc<dyn ScreenPasses>,
}

impl World {
    pub(crate) fn audiences(&self, config: &Config) -> Audiences {
        let limit = Limit::per_min(config.limits.messages_per_min);
        Audiences::new(Arc::clone(&self.store) as _, limit)
    }

    /// A store whose writer dies ends the process.
    pub(crate) fn watch_store(&self, tasks: &Tasks) {
        let store = Arc::clone(&self.store);
        watch("store", tasks, async move { store.over().await });
    }

    pub(crate) fn ops_routes(&self, broker: Option<&Broker>, recorded: PrometheusHandle) -> Router {
        ops_routes(Arc::clone(&self.store) as _, broker.cloned(), recorded)
    }

    pub(crate) fn ground<'a>(
        &'a self,
        folder: &'a Path,
        logins: &'a Arc<Logins>,
        tasks: &'a Tasks,
    ) -> Ground<'a> {
        Ground {
            folder,
            store: &self.store,
            clock: &self.clock,
            random: &self.random,
            logins,
            tasks,
        }
    }

    pub(crate) fn unlocks(&self, calls: &Calls, tasks: &Tasks, config: &Config) -> Unlocks {
        Unlocks::new(UnlocksPorts {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            tasks: tasks.clone(),
            calls: calls.clone(),
            limit: Limit::per_min(config.limits.unlocks_per_min),
        })
    }

    /// Opens the data folder, whose lock the caller holds.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let random = Arc::new(SystemRandom::open(folder)?);
        let passes = Arc::new(Jwt::new(&random));
        let store = Store::open(folder)?;
        store.set_audit_key(audit_key(&random));
        Ok(Self {
            store: Arc::new(store),
            clock: Arc::new(SystemClock::default()),
            screen_passes: Arc::clone(&passes) as _,
            passes,
            hook_keys: Arc::clone(&random) as _,
            random,
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

    pub(crate) fn logins(&self, config: &Config) -> Logins {
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

    pub(crate) fn calls(&self, tasks: &Tasks, config: &Config) -> (Calls, Deadlines) {
        let ports = CallsPorts {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            tasks: tasks.clone(),
            limit: Limit::per_min(config.limits.calls_per_min),
        };
        Calls::new(ports, config.call_settings())
    }

    pub(crate) fn alarming(&self, tasks: &Tasks, config: &Config) -> Alarming {
        let ground = alarming::Ground {
            store: &self.store,
            clock: &self.clock,
            random: &self.random,
            keys: &self.hook_keys,
            tasks,
        };
        Alarming::new(&ground, config)
    }

    /// The gate of those who signed in and registered so far.
    pub(crate) async fn gate(
        &self,
        logins: &Arc<Logins>,
        kicker: Arc<dyn Kicker>,
    ) -> anyhow::Result<Gate> {
        let keys = self.store.client_keys(None).await?;
        Ok(Gate {
            logins: Arc::clone(logins),
            kicker,
            keys: Arc::new(KeyBook::new(Arc::new(JweSealer), keys)),
            peers: Arc::new(PeerBook::new(self.store.boxed_devices().await?)),
        })
    }

    pub(crate) fn clients(&self, gate: &Gate, calls: &Calls, config: &Config) -> Clients {
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

    /// The use cases.
    pub(crate) fn core(&self, tasks: &Tasks, config: &Config) -> Core {
        let (calls, deadlines) = self.calls(tasks, config);
        Core {
            directory: Arc::new(self.directory()),
            logins: Arc::new(self.logins(config)),
            alarming: self.alarming(tasks, config),
            unlocks: self.unlocks(&calls, tasks, config),
            calls,
            deadlines,
            tasks: tasks.clone(),
        }
    }

    pub(crate) fn ilock_ports(
        &self,
        core: &Core,
        gate: &Gate,
        post: &Post,
        config: &Config,
        broker: BrokerAddress,
    ) -> anyhow::Result<IlockPorts> {
        Ok(IlockPorts {
            calls: core.calls.clone(),
            alarms: core.alarming.alarms.clone(),
            unlocks: core.unlocks.clone(),
            log: Arc::clone(&self.store) as _,
            logins: Arc::clone(&core.logins),
            clients: Arc::new(self.clients(gate, &core.calls, config)),
            directory: Arc::clone(&core.directory),
            audiences: self.audiences(config),
            signer: signer(&config.trtc)?,
            keys: Arc::clone(&gate.keys),
            bus: post.bus(),
            reach: post.reach(),
            accounts: post.accounts(),
            tasks: core.tasks.clone(),
            broker,
        })
    }

    pub(crate) fn box_ports(&self, core: &Core, gate: &Gate, config: &Config) -> BoxPorts {
        BoxPorts {
            calls: core.calls.clone(),
            unlocks: core.unlocks.clone(),
            alarms: core.alarming.alarms.clone(),
            screens: Arc::new(self.screens(config, gate)),
            peers: Arc::clone(&gate.peers),
            tasks: core.tasks.clone(),
        }
    }

    pub(crate) fn screens(&self, config: &Config, gate: &Gate) -> Screens {
        Screens::new(ScreensPorts {
            store: Arc::clone(&self.store) as _,
            random: Arc::clone(&self.random),
            passes: Arc::clone(&self.screen_passes),
            clock: Arc::clone(&self.clock),
            peers: Arc::clone(&gate.peers),
            limit: Limit::per_min(config.limits.logins_per_min),
        })
    }

    /// Lets a media service keep the rooms, if there is one; the routes of its callbacks.
    pub(crate) fn open_rooms(
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
        let running = run_outbox(
            outbox.clone(),
            Arc::new(RoomDoer(service)),
            tasks.stop().clone(),
        );
        tasks.spawn("outbox", running);
        let guard = RoomGuard::new(calls.clone(), outbox);
        let routes = hook.map(|keys| vendors::trtc::routes(keys, Arc::new(guard)));
        Ok(routes.unwrap_or_default())
    }
}
