//! Asking for changes of accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Errands that may wait; one too many is made up for by comparing everything.
const ERRANDS_MAX: usize = 1024;

/// How long somebody waits for an account to be there.
const OPEN_WAIT: Duration = Duration::from_secs(2);

pub(super) enum Errand {
    /// Of this owner.
    Open(String, oneshot::Sender<()>),
    /// Of this owner.
    Renew(String),
    /// With this name.
    Close(String),
}

/// Asks for changes of single accounts. A handle, cheap to clone; nothing it does waits for the
/// broker but [`Keeper::open`], and that only a moment.
#[derive(Clone)]
pub struct Keeper {
    errands: mpsc::Sender<Errand>,
    is_behind: Arc<AtomicBool>,
}

/// Whether an account is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opened {
    /// It is.
    Now,
    /// It will be once the broker can be reached.
    Later,
}

/// What is to be done.
pub(super) struct Errands {
    pub(super) queue: mpsc::Receiver<Errand>,
    is_behind: Arc<AtomicBool>,
}

impl Errands {
    /// Whether an errand found no place since this was last asked.
    pub(super) fn missed_any(&self) -> bool {
        self.is_behind.swap(false, Ordering::Relaxed)
    }
}

impl Keeper {
    pub(super) fn new() -> (Self, Errands) {
        let (errands, queue) = mpsc::channel(ERRANDS_MAX);
        let is_behind = Arc::<AtomicBool>::default();
        let keeper = Self {
            errands,
            is_behind: Arc::clone(&is_behind),
        };
        (keeper, Errands { queue, is_behind })
    }

    /// Sees to it that the owner's accounts are there, as the list has them by then.
    pub async fn open(&self, owner: String) -> Opened {
        let (done, is_done) = oneshot::channel();
        self.send(Errand::Open(owner, done));
        match timeout(OPEN_WAIT, is_done).await {
            Ok(Ok(())) => Opened::Now,
            Ok(Err(_)) | Err(_) => Opened::Later,
        }
    }

    /// Leaves the owner the accounts that the list has by then, and ends all its connections.
    pub fn renew(&self, owner: String) {
        self.send(Errand::Renew(owner));
    }

    /// Removes the account with this name and ends its connections.
    pub fn close(&self, username: String) {
        self.send(Errand::Close(username));
    }

    fn send(&self, errand: Errand) {
        if self.errands.try_send(errand).is_err() {
            tracing::warn!("too many accounts change at once; all will be compared");
            self.is_behind.store(true, Ordering::Relaxed);
        }
    }
}
