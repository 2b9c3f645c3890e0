//! Handing deadlines to the timers: a hint that may be lost, never a wait.

use std::time::Duration;

use engine::call::{Call, Version};
use engine::id::CallId;
use engine::time::Instant;
use tokio::sync::mpsc;

/// Armings that may wait for the timer task; more are left to the sweep.
const QUEUE_MAX: usize = 65_536;

/// The longest delay that is hinted at; a deadline that is further away fires early, comes to
/// nothing, and is left to the sweep. The queue of delays cannot reach further than two years.
const DELAY_MAX: Duration = Duration::from_secs(24 * 3600);

/// A deadline to remember, or none to forget.
pub struct Arm {
    pub(super) call: CallId,
    pub(super) version: Version,
    pub(super) delay: Option<Duration>,
}

pub(super) struct Timers {
    queue: mpsc::Sender<Arm>,
}

impl Timers {
    pub(super) fn new() -> (Self, mpsc::Receiver<Arm>) {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        (Self { queue: sender }, receiver)
    }

    pub(super) fn arm(&self, call: &Call, now: Instant) {
        let delay = call
            .deadline()
            .map(|deadline| deadline.since(now).min(DELAY_MAX));
        let arm = Arm {
            call: call.id.clone(),
            version: call.version,
            delay,
        };
        if self.queue.try_send(arm).is_err() {
            tracing::warn!("the timer queue is full; the sweep will find the deadline");
        }
    }
}
