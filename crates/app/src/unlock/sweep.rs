//! Orders whose time is over without a word: nobody knows what became of them.

use std::time::Duration;

use engine::unlock::Input;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::unlock::step::Unlocks;

const SWEEP: Duration = Duration::from_secs(1);

impl Unlocks {
    /// Ends overdue orders until stopped.
    pub async fn run_sweep(self, stop: CancellationToken) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = sweep.tick() => {
                    if let Err(failure) = self.sweep().await {
                        tracing::warn!(%failure, "the sweep for overdue unlocks failed");
                    }
                }
            }
        }
    }

    async fn sweep(&self) -> Result<(), Failure> {
        for id in self.store().overdue_unlocks(self.now()).await? {
            // One door's broken audit must not keep the others' orders open.
            if let Err(failure) = self.happen(id.clone(), None, Input::Deadline).await {
                tracing::error!(%failure, unlock = %id, "an overdue unlock could not be ended");
            }
        }
        Ok(())
    }
}
