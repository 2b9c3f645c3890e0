//! Waiting for the result of an order.

use std::time::Duration;

use engine::id::UnlockId;
use engine::unlock::Unlock;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::timeout;

/// Results that a waiting request may be behind; a slower one waits until its time is over.
const BEHIND_MAX: usize = 1024;

/// Passes every committed change of an order on to those who wait.
pub(super) struct Watch(Sender<Unlock>);

impl Watch {
    pub(super) fn new() -> Self {
        Self(channel(BEHIND_MAX).0)
    }

    pub(super) fn tell(&self, unlock: &Unlock) {
        // Nobody may be waiting.
        drop(self.0.send(unlock.clone()));
    }

    /// Hears of changes from now on.
    pub(super) fn listen(&self) -> Receiver<Unlock> {
        self.0.subscribe()
    }
}

/// The order once it has a result, or none if it has none after `wait`.
pub(super) async fn result(
    mut changes: Receiver<Unlock>,
    id: &UnlockId,
    wait: Duration,
) -> Option<Unlock> {
    let waiting = async {
        loop {
            match changes.recv().await {
                Ok(unlock) if unlock.id == *id && unlock.phase.is_final() => return Some(unlock),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    };
    timeout(wait, waiting).await.ok().flatten()
}
