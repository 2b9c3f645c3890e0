//! Long-lived tasks: named, tracked, and never silently dead.
//!
//! A panic in one of them stops the process in order: a half-dead intercom server is worse than a
//! restart.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts tasks and waits for their end.
#[derive(Clone)]
pub struct Tasks {
    /// Where they run, whoever asks: the broker's thread has better to do.
    runtime: Handle,
    tracker: TaskTracker,
    stop: CancellationToken,
    died: Arc<AtomicBool>,
}

impl Tasks {
    /// Tasks of the present runtime that `stop` asks to end.
    pub fn new(stop: CancellationToken) -> Self {
        Self {
            runtime: Handle::current(),
            tracker: TaskTracker::new(),
            stop,
            died: Arc::default(),
        }
    }

    /// Asks every task to end; also what a dead task raises.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Starts a task that is expected to run until stopped. Its panic stops the process.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let running = self.tracker.spawn_on(task, &self.runtime);
        let (stop, died) = (self.stop.clone(), Arc::clone(&self.died));
        let watching = async move {
            if running.await.is_err() {
                tracing::error!(task = name, "a task died; stopping");
                died.store(true, Ordering::Relaxed);
                stop.cancel();
            }
        };
        self.tracker.spawn_on(watching, &self.runtime);
    }

    /// Stops the process because something that it cannot do without has failed; it ends as if a
    /// task had died.
    pub fn fail(&self) {
        self.died.store(true, Ordering::Relaxed);
        self.stop.cancel();
    }

    /// Runs something to its end even if whoever waits for it goes away.
    pub fn detach<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.tracker.spawn_on(work, &self.runtime)
    }

    /// Waits until every task has ended; whether all of them ended by themselves.
    pub async fn finished(&self) -> bool {
        self.tracker.close();
        self.tracker.wait().await;
        !self.died.load(Ordering::Relaxed)
    }
}
