//! Start and stop as a list. The only place that knows all concrete types.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use api::{Api, Streams};
use app::calls::Calls;
use app::feed::Feed;
use app::manage::Directory;
use app::port::{AlarmSpeaker, Opener, Speaker};
use app::task::Tasks;
use app::timers::run_timers;
use app::unlock::Unlocks;
use dialect_ilock::Ilock;
use engine::call::Call;
use metrics_exporter_prometheus::PrometheusHandle;
use storage::{FolderLock, Store};
use tokio_util::sync::CancellationToken;

use crate::boxes::Boxes;
use crate::config::Config;
use crate::edge::{listen_admin, recorder, run_upkeep, serve_admin};
use crate::listen::Addresses;
use crate::listeners::{Listeners, told_address};
use crate::machine::Tally;
use crate::post::Post;
use crate::world::{Core, Deadlines, World};

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
    deadlines: Deadlines,
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
