//! Start and stop as a list. The only place that knows all concrete types.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use api::{Api, Streams};
use app::calls::{Calls, CallsPorts};
use app::clients::{Clients, ClientsPorts};
use app::feed::Feed;
use app::key_book::KeyBook;
use app::limit::Limit;
use app::login::{Logins, LoginsPorts};
use app::manage::{Directory, DirectoryPorts, Gate};
use app::media::RoomGuard;
use app::outbox::{Outbox, RoomDoer, run_outbox};
use app::peer_book::PeerBook;
use app::port::{
    AlarmSpeaker, Clock, DirectoryStore, HookKeys, Kicker, Opener, Passes, Passwords, Random,
    ScreenPasses, Speaker,
};
use app::screens::{Screens, ScreensPorts};
use app::system::Audiences;
use app::task::Tasks;
use app::timers::{Arm, run_timers};
use app::unlock::{Unlocks, UnlocksPorts};
use axum::Router;
use broker::Broker;
use dialect_ilock::{BrokerAddress, Ilock, IlockPorts};
use engine::call::Call;
use engine::id::CallId;
use metrics_exporter_prometheus::PrometheusHandle;
use storage::{FolderLock, Store};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::alarming::{self, Alarming};
use crate::boxes::{BoxPorts, Boxes};
use crate::config::{self, Config};
use crate::edge::{listen_admin, ops_routes, recorder, run_upkeep, serve_admin};
use crate::listen::Addresses;
use crate::listeners::{Listeners, told_address};
use crate::machine::{
    Argon, JweSealer, Jwt, Rooms, SystemClock, SystemRandom, Tally, audit_key, rooms, signer,
};
use crate::post::{Ground, Post};
use crate::writers::watch;

/// The timers' queue.
type Deadlines = mpsc::Receiver<Arm<CallId>>;

/// A running server.
pub(crate) struct House {
    pub(crate) directory: Arc<Directory>,
    /// Where it listens.
    pub(crate) at: Addresses,
    /// Where it listens for the TCP box protocol, each by its name.
    pub(crate) boxes_at: Vec<(&'static str, SocketAddr)>,
    /// SHA-256 of its certificate, if it made one itself.
    pub(crate) fingerprint: Option<String>,
    store: Arc<Store>,
    post: Post,
    tasks: Tasks,
    _lock: FolderLock,
}

impl House {
    /// Starts everything, in this order; returns when all ports are open.
    pub(crate) async fn start(config: &Config, stop: CancellationToken) -> anyhow::Result<Self> {
        let (folder, lock) = take_folder(&config.data)?;
        let tasks = Tasks::new(stop.clone());
        let recorded = record_metrics(&tasks)?;
        let listeners = Listeners::bind(config, &folder)?;
        let (at, fingerprint) = (listeners.addresses()?, listeners.fingerprint.clone());
        let world = World::open(&folder)?;
        world.watch_store(&tasks);
        let core = world.core(&tasks, config);
        let mut post = Post::open(&world.ground(&folder, &core.logins, &tasks), config).await?;
        let gate = world.gate(&core.logins, post.kicker()).await?;
        let ports = world.ilock_ports(&core, &gate, &post, config, told_address(config, &at)?)?;
        let ilock = Ilock::new(ports);
        let boxes = Boxes::open(config, world.box_ports(&core, &gate, config)).await?;
        core.directory.set_gate(gate);
        tasks.spawn("ilock sweep", ilock.clone().run_sweep(stop.clone()));
        post.begin(&ilock, &tasks);
        let hooks = world.open_rooms(&config.trtc, &core.calls, &tasks)?;

        let Core {
            calls,
            deadlines,
            alarming,
            unlocks,
            logins,
            directory,
            ..
        } = core;
        let feed = begin_calls(&calls, deadlines, speakers(&ilock, &boxes), &tasks).await?;
        open_locks(&unlocks, &ilock, &boxes, &tasks).await?;
        let api = Api {
            logins,
            directory: Arc::clone(&directory),
            calls,
            unlocks,
            log: Arc::clone(&world.store) as _,
            feed,
            alarms: alarming.shown(),
            streams: Streams::default(),
            connections: post.connections(&directory),
            traces: post.traces(),
        };
        alarming
            .begin(alarm_speakers(&ilock, &boxes), &tasks)
            .await?;
        let router = api::routes(api)
            .merge(dialect_ilock::routes(ilock))
            .merge(post.routes(&tasks))
            .merge(world.ops_routes(post.broker(), recorded))
            .merge(hooks);
        let (router, boxes_at) = boxes.begin(router).await;
        listeners.serve(&router, post.broker(), &config.http, &tasks)?;
        open_admin(&folder, &directory, &tasks)?;
        Ok(Self {
            directory,
            at,
            boxes_at,
            fingerprint,
            store: world.store,
            post,
            tasks,
            _lock: lock,
        })
    }

    /// Waits until it is asked to stop, then stops in order; an error if a task or the store's
    /// writer had died.
    pub(crate) async fn stopped(self) -> anyhow::Result<()> {
        self.tasks.stop().cancelled().await;
        let in_order = self.tasks.finished().await;
        let (store, post) = (self.store.close(), self.post.close());
        store?;
        post?;
        anyhow::ensure!(in_order, "a task died; the log says which");
        tracing::info!("stopped");
        Ok(())
    }
}

/// The use cases, wired to their ports.
struct Core {
    calls: Calls,
    deadlines: Deadlines,
    alarming: Alarming,
    unlocks: Unlocks,
    logins: Arc<Logins>,
    directory: Arc<Directory>,
    tasks: Tasks,
}

/// What stands behind the ports.
pub(crate) struct World {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    hook_keys: Arc<dyn HookKeys>,
    passwords: Arc<dyn Passwords>,
    passes: Arc<dyn Passes>,
    screen_passes: Arc<dyn ScreenPasses>,
}

impl World {
    fn audiences(&self, config: &Config) -> Audiences {
        let limit = Limit::per_min(config.limits.messages_per_min);
        Audiences::new(Arc::clone(&self.store) as _, limit)
    }

    /// A store whose writer dies ends the process.
    fn watch_store(&self, tasks: &Tasks) {
        let store = Arc::clone(&self.store);
        watch("store", tasks, async move { store.over().await });
    }

    fn ops_routes(&self, broker: Option<&Broker>, recorded: PrometheusHandle) -> Router {
        ops_routes(Arc::clone(&self.store) as _, broker.cloned(), recorded)
    }

    fn ground<'a>(
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

    fn unlocks(&self, calls: &Calls, tasks: &Tasks, config: &Config) -> Unlocks {
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

    fn calls(&self, tasks: &Tasks, config: &Config) -> (Calls, Deadlines) {
        let ports = CallsPorts {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            tasks: tasks.clone(),
            limit: Limit::per_min(config.limits.calls_per_min),
        };
        Calls::new(ports, config.call_settings())
    }

    fn alarming(&self, tasks: &Tasks, config: &Config) -> Alarming {
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
    async fn gate(&self, logins: &Arc<Logins>, kicker: Arc<dyn Kicker>) -> anyhow::Result<Gate> {
        let keys = self.store.client_keys(None).await?;
        Ok(Gate {
            logins: Arc::clone(logins),
            kicker,
            keys: Arc::new(KeyBook::new(Arc::new(JweSealer), keys)),
            peers: Arc::new(PeerBook::new(self.store.boxed_devices().await?)),
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

    /// The use cases.
    fn core(&self, tasks: &Tasks, config: &Config) -> Core {
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

    fn ilock_ports(
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

    fn box_ports(&self, core: &Core, gate: &Gate, config: &Config) -> BoxPorts {
        BoxPorts {
            calls: core.calls.clone(),
            unlocks: core.unlocks.clone(),
            alarms: core.alarming.alarms.clone(),
            screens: Arc::new(self.screens(config, gate)),
            peers: Arc::clone(&gate.peers),
            tasks: core.tasks.clone(),
        }
    }

    fn screens(&self, config: &Config, gate: &Gate) -> Screens {
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

/// Says who moves which locks, and goes on with what a restart left.
async fn open_locks(
    unlocks: &Unlocks,
    ilock: &Ilock,
    boxes: &Boxes,
    tasks: &Tasks,
) -> anyhow::Result<()> {
    let mut openers: Vec<Arc<dyn Opener>> = vec![Arc::new(ilock.clone())];
    openers.extend(boxes.opener());
    unlocks.set_openers(openers);
    let unknown = unlocks.recover().await?;
    if unknown > 0 {
        tracing::warn!(unknown, "what became of these unlocks is not known");
    }
    let sweeping = unlocks.clone().run_sweep(tasks.stop().clone());
    tasks.spawn("unlock sweep", sweeping);
    Ok(())
}

/// Lets the dialects speak of calls, takes up what a restart left, and starts the timers; calls as
/// they change.
async fn begin_calls(
    calls: &Calls,
    deadlines: mpsc::Receiver<Arm<CallId>>,
    mut speakers: Vec<Arc<dyn Speaker>>,
    tasks: &Tasks,
) -> anyhow::Result<Feed<Call>> {
    let feed = Feed::new(tasks.stop().clone());
    speakers.push(Arc::new(feed.clone()));
    calls.set_speakers(speakers);
    let recovered = calls.recover().await?;
    tracing::info!(calls = recovered, "taken up");
    let timers = run_timers(calls.clone(), deadlines, tasks.stop().clone());
    tasks.spawn("timers", timers);
    Ok(feed)
}

/// Who hears of every step of an alarm.
fn alarm_speakers(ilock: &Ilock, boxes: &Boxes) -> Vec<Arc<dyn AlarmSpeaker>> {
    let mut speakers: Vec<Arc<dyn AlarmSpeaker>> = vec![Arc::new(ilock.clone())];
    speakers.extend(boxes.alarm_speaker());
    speakers
}

/// Who hears of every step of a call, but those who watch.
fn speakers(ilock: &Ilock, boxes: &Boxes) -> Vec<Arc<dyn Speaker>> {
    let mut speakers: Vec<Arc<dyn Speaker>> = vec![Arc::new(ilock.clone()), Arc::new(Tally)];
    speakers.extend(boxes.speaker());
    speakers
}

/// The data folder, which is this process's alone from now on.
fn take_folder(data: &Path) -> anyhow::Result<(PathBuf, FolderLock)> {
    let folder = std::path::absolute(data)?;
    let lock = FolderLock::take(&folder).with_context(|| folder.display().to_string())?;
    Ok((folder, lock))
}

fn record_metrics(tasks: &Tasks) -> anyhow::Result<PrometheusHandle> {
    let recorded = recorder()?;
    let upkeep = run_upkeep(recorded.clone(), tasks.stop().clone());
    tasks.spawn("metrics", upkeep);
    Ok(recorded)
}

fn open_admin(folder: &Path, directory: &Arc<Directory>, tasks: &Tasks) -> anyhow::Result<()> {
    let admin = listen_admin(folder)?;
    tracing::info!(folder = %folder.display(), "open");
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
