//! Doing what is owed to outside services, apart from the calls that caused it.
//!
//! Errands are kept by the store, so they survive a crash. They are tried until they succeed, a few
//! at once; a slow or absent service holds up nothing but its own errands.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use engine::time::Instant;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::port::{
    BoxFuture, Clock, DueErrand, Errand, ErrandFailure, Lane, OutboxStore, RoomService, RoomTask,
    StoreFailure, Task,
};

/// Errands in hand at once. At the usual 200 ms these are the 20 requests a second that the service
/// allows; what it refuses beyond that waits like any other failure.
const AT_ONCE: usize = 4;

/// How often due errands are looked for where nobody rang the bell.
const SWEEP: Duration = Duration::from_secs(1);

/// The wait after the first try in vain; doubles up to [`WAIT_MAX`].
const WAIT_MIN: Duration = Duration::from_secs(2);

/// A service that comes back is found within this time.
const WAIT_MAX: Duration = Duration::from_secs(300);

/// After a day nobody sits in the room any more, and the service has cleaned it up itself. An alarm
/// of yesterday is owed to nobody outside.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// How long errands in hand may finish when the server stops; the others are tried at the next
/// start.
const STOP_WAIT: Duration = Duration::from_secs(3);

/// Does errands of one lane. Each attempt ends within a bounded time.
pub trait Doer: Send + Sync {
    /// Whose errands it does.
    fn lane(&self) -> Lane;

    /// Tries one of them once.
    fn attempt(&self, errand: Errand) -> BoxFuture<'_, Result<(), ErrandFailure>>;
}

/// Does the errands of media rooms.
pub struct RoomDoer(pub Arc<dyn RoomService>);

impl Doer for RoomDoer {
    fn lane(&self) -> Lane {
        Lane::Rooms
    }

    fn attempt(&self, errand: Errand) -> BoxFuture<'_, Result<(), ErrandFailure>> {
        match errand.task {
            Task::Room(RoomTask::Release(room)) => self.0.release(room),
            Task::Room(RoomTask::Remove { room, users }) => self.0.remove(room, users),
            Task::Hook(_) => Box::pin(async { Err(ErrandFailure::Refused("no room".into())) }),
        }
    }
}

/// What is owed to outside services in one lane. A handle, cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    store: Arc<dyn OutboxStore>,
    clock: Arc<dyn Clock>,
    bell: Notify,
}

impl Outbox {
    /// Wires the outbox to its ports.
    pub fn new(store: Arc<dyn OutboxStore>, clock: Arc<dyn Clock>) -> Self {
        let bell = Notify::new();
        Self(Arc::new(Inner { store, clock, bell }))
    }

    /// Keeps one more errand; kept when this returns.
    pub async fn add(&self, errand: Errand) -> Result<(), Failure> {
        self.0.store.add_errand(errand).await?;
        self.ring();
        Ok(())
    }

    /// Says that errands were committed. Never blocks; may be called when there are none.
    pub fn ring(&self) {
        self.0.bell.notify_one();
    }
}

/// Runs errands of one lane until stopped.
pub async fn run_outbox(outbox: Outbox, doer: Arc<dyn Doer>, stop: CancellationToken) {
    let mut hands = Hands::new(outbox, doer);
    let mut sweep = interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = hands.outbox.0.bell.notified() => {}
            _ = sweep.tick() => {}
            Some(id) = hands.working.next(), if !hands.working.is_empty() => {
                hands.held.remove(&id);
            }
        }
        hands.take_due().await;
    }
    let finishing = async { while hands.working.next().await.is_some() {} };
    if timeout(STOP_WAIT, finishing).await.is_err() {
        tracing::info!("errands were put down at the stop; the next start takes them up");
    }
}

struct Hands {
    outbox: Outbox,
    doer: Arc<dyn Doer>,
    working: FuturesUnordered<BoxFuture<'static, String>>,
    /// The ids of the errands in `working`.
    held: BTreeSet<String>,
}

impl Hands {
    fn new(outbox: Outbox, doer: Arc<dyn Doer>) -> Self {
        Self {
            outbox,
            doer,
            working: FuturesUnordered::new(),
            held: BTreeSet::new(),
        }
    }

    async fn take_due(&mut self) {
        if self.held.len() == AT_ONCE {
            return;
        }
        let now = self.outbox.0.clock.now();
        // Those in hand are still due: with them, at most half of what is read is new.
        let store = &self.outbox.0.store;
        let due = match store.due_errands(self.doer.lane(), now, 2 * AT_ONCE).await {
            Ok(due) => due,
            Err(failure) => {
                tracing::warn!(%failure, "cannot look for errands; the sweep will try again");
                return;
            }
        };
        for due in due {
            if self.held.len() < AT_ONCE && self.held.insert(due.errand.id.clone()) {
                let trying = attempt(self.outbox.clone(), Arc::clone(&self.doer), due);
                self.working.push(Box::pin(trying));
            }
        }
    }
}

/// Tries once and notes how it went; returns the errand's id.
async fn attempt(outbox: Outbox, doer: Arc<dyn Doer>, due: DueErrand) -> String {
    let DueErrand { errand, tries } = due;
    let (id, since) = (errand.id.clone(), errand.since);
    let done = doer.attempt(errand).await;
    let now = outbox.0.clock.now();
    if let Err(failure) = note(&outbox, &id, done, tries, since, now).await {
        tracing::warn!(%failure, errand = id, "an errand could not be noted; it will be repeated");
        sleep(SWEEP).await;
    }
    id
}

async fn note(
    outbox: &Outbox,
    id: &str,
    done: Result<(), ErrandFailure>,
    tries: u32,
    since: Instant,
    now: Instant,
) -> Result<(), StoreFailure> {
    let store = &outbox.0.store;
    match done {
        Ok(()) => store.forget_errand(id.to_owned()).await,
        Err(ErrandFailure::Unavailable(why)) if now.since(since) < LIFE => {
            tracing::warn!(
                errand = id,
                tries,
                why,
                "an errand failed; it will be tried again"
            );
            store.put_errand_off(id.to_owned(), now + wait(tries)).await
        }
        Err(failure) => {
            tracing::warn!(errand = id, tries, %failure, "an errand is given up");
            store.forget_errand(id.to_owned()).await
        }
    }
}

/// The wait after a try in vain that `tries` others came before.
fn wait(tries: u32) -> Duration {
    let doubled = 2_u32.checked_pow(tries).unwrap_or(u32::MAX);
    WAIT_MIN.saturating_mul(doubled).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        let waits: Vec<u64> = (0..9).map(|tries| wait(tries).as_secs()).collect();

        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(wait(u32::MAX), WAIT_MAX);
    }
}
