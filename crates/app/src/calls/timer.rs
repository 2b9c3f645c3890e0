//! Deadlines: an in-memory queue as the hint, a sweep of the store as the safety net.
//!
//! A firing is an ordinary input that carries the version it was armed in, so it may come late,
//! early or twice.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::call::{Input, Version};
use engine::id::CallId;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::time::DelayQueue;
use tokio_util::time::delay_queue::Key;

use crate::calls::arm::Arm;
use crate::calls::step::Calls;

const SWEEP: Duration = Duration::from_secs(1);

/// Fires deadlines until stopped.
pub async fn run_timers(calls: Calls, mut armed: mpsc::Receiver<Arm>, stop: CancellationToken) {
    let mut hints = Hints::default();
    let mut sweep = interval(SWEEP);
    let sweeping = Arc::new(AtomicBool::new(false));
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            Some(arm) = armed.recv() => hints.note(arm),
            Some(due) = hints.queue.next(), if !hints.queue.is_empty() => {
                let (call, version) = due.into_inner();
                hints.armed.remove(&call);
                fire(&calls, call, version);
            }
            _ = sweep.tick() => start_sweep(&calls, &sweeping),
        }
    }
}

#[derive(Default)]
struct Hints {
    queue: DelayQueue<(CallId, Version)>,
    armed: HashMap<CallId, (Version, Key)>,
}

impl Hints {
    /// Steps of one call may be spoken about out of order; the newest hint stays.
    fn note(&mut self, arm: Arm) {
        match self.armed.get(&arm.call) {
            Some((version, _)) if *version >= arm.version => return,
            Some((_, key)) => drop(self.queue.remove(key)),
            None => {}
        }
        self.armed.remove(&arm.call);
        if let Some(delay) = arm.delay {
            let key = self.queue.insert((arm.call.clone(), arm.version), delay);
            self.armed.insert(arm.call, (arm.version, key));
        }
    }
}

/// Fires without waiting: a slow store must not hold up the other deadlines.
fn fire(calls: &Calls, call: CallId, version: Version) {
    let firing = calls.clone();
    calls.detach(async move {
        if let Err(failure) = firing.handle(Input::Deadline { call, version }).await {
            tracing::warn!(%failure, "a deadline could not fire; the sweep will try again");
        }
    });
}

/// Sweeps beside the hints, one sweep at a time: a slow store must not hold them up.
fn start_sweep(calls: &Calls, sweeping: &Arc<AtomicBool>) {
    if sweeping.swap(true, Ordering::Relaxed) {
        return;
    }
    let (swept, sweeping) = (calls.clone(), Arc::clone(sweeping));
    calls.detach(async move {
        sweep_store(&swept).await;
        sweeping.store(false, Ordering::Relaxed);
    });
}

async fn sweep_store(calls: &Calls) {
    match calls.store().due(calls.now()).await {
        Ok(due) => due
            .into_iter()
            .for_each(|(call, version)| fire(calls, call, version)),
        Err(failure) => tracing::warn!(%failure, "the sweep for deadlines failed"),
    }
}
