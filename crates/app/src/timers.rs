//! Deadlines: an in-memory queue as the hint, a sweep of the store as the safety net.
//!
//! A firing is an ordinary input that carries the version it was armed in, so it may come late,
//! early or twice. What has deadlines, calls and alarms, is [`Timed`].

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::call::Version;
use engine::time::Instant;
use futures_util::StreamExt;
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::time::DelayQueue;
use tokio_util::time::delay_queue::Key;

use crate::failure::Failure;
use crate::task::Tasks;

const SWEEP: Duration = Duration::from_secs(1);

/// Armings that may wait for the timer task; more are left to the sweep.
const QUEUE_MAX: usize = 65_536;

/// The longest delay that is hinted at; a deadline that is further away fires early, comes to
/// nothing, and is left to the sweep. The queue of delays cannot reach further than two years.
const DELAY_MAX: Duration = Duration::from_secs(24 * 3600);

/// What has deadlines.
pub trait Timed: Clone + Send + Sync + 'static {
    /// Names one thing that has a deadline.
    type Key: Clone + Eq + Hash + Send + Sync + 'static;

    /// Fires a deadline that was armed in this version.
    fn fire(
        &self,
        key: Self::Key,
        version: Version,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// What the store says is due.
    fn due(&self) -> impl Future<Output = Result<Vec<(Self::Key, Version)>, Failure>> + Send;

    /// What firings run on.
    fn tasks(&self) -> &Tasks;
}

/// A deadline to remember, or none to forget.
pub struct Arm<K> {
    key: K,
    version: Version,
    delay: Option<Duration>,
}

/// Hands deadlines to the timers: a hint that may be lost, never a wait.
pub(crate) struct Timers<K> {
    queue: mpsc::Sender<Arm<K>>,
}

impl<K> Timers<K> {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Arm<K>>) {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        (Self { queue: sender }, receiver)
    }

    pub(crate) fn arm(&self, key: K, version: Version, deadline: Option<Instant>, now: Instant) {
        let delay = deadline.map(|deadline| deadline.since(now).min(DELAY_MAX));
        let arm = Arm {
            key,
            version,
            delay,
        };
        if self.queue.try_send(arm).is_err() {
            tracing::warn!("the timer queue is full; the sweep will find the deadline");
        }
    }
}

/// Fires deadlines until stopped.
pub async fn run_timers<T: Timed>(
    timed: T,
    mut armed: mpsc::Receiver<Arm<T::Key>>,
    stop: CancellationToken,
) {
    let mut hints = Hints::new();
    let mut sweep = interval(SWEEP);
    let sweeping = Arc::new(AtomicBool::new(false));
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(arm) = armed.recv() => hints.note(arm),
            Some(due) = hints.queue.next(), if !hints.queue.is_empty() => {
                let (key, version) = due.into_inner();
                hints.armed.remove(&key);
                drop(fire(&timed, key, version));
            }
            _ = sweep.tick() => start_sweep(&timed, &sweeping),
        }
    }
}

struct Hints<K> {
    queue: DelayQueue<(K, Version)>,
    armed: HashMap<K, (Version, Key)>,
}

impl<K: Clone + Eq + Hash> Hints<K> {
    fn new() -> Self {
        Self {
            queue: DelayQueue::new(),
            armed: HashMap::new(),
        }
    }

    /// Steps of one thing may be spoken about out of order; the newest hint stays.
    fn note(&mut self, arm: Arm<K>) {
        match self.armed.get(&arm.key) {
            Some((version, _)) if *version >= arm.version => return,
            Some((_, key)) => drop(self.queue.remove(key)),
            None => {}
        }
        self.armed.remove(&arm.key);
        if let Some(delay) = arm.delay {
            let key = self.queue.insert((arm.key.clone(), arm.version), delay);
            self.armed.insert(arm.key, (arm.version, key));
        }
    }
}

/// Fires without waiting: a slow store must not hold up the other deadlines.
fn fire<T: Timed>(timed: &T, key: T::Key, version: Version) -> JoinHandle<()> {
    let firing = timed.clone();
    let fired = async move {
        if let Err(failure) = firing.fire(key, version).await {
            tracing::warn!(%failure, "a deadline could not fire; the sweep will try again");
        }
    };
    timed.tasks().detach(fired)
}

/// Sweeps beside the hints, one sweep at a time: a slow store must not hold them up.
fn start_sweep<T: Timed>(timed: &T, sweeping: &Arc<AtomicBool>) {
    if sweeping.swap(true, Ordering::Relaxed) {
        return;
    }
    let (swept, sweeping) = (timed.clone(), Arc::clone(sweeping));
    drop(timed.tasks().detach(async move {
        sweep_store(&swept).await;
        sweeping.store(false, Ordering::Relaxed);
    }));
}

async fn sweep_store<T: Timed>(timed: &T) {
    match timed.due().await {
        Ok(due) => {
            // A store that stalls must not find the same deadlines fired once more each second.
            let firings = due
                .into_iter()
                .map(|(key, version)| fire(timed, key, version));
            join_all(firings).await;
        }
        Err(failure) => tracing::warn!(%failure, "the sweep for deadlines failed"),
    }
}
