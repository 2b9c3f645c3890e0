//! The server on a disk whose syncs are slow: a process that `press` measures. Hidden, because
//! nobody wants one otherwise.

use std::time::Duration;

use clap::Args;
use storage::slow_commits;

use crate::command::serve::Serve;

#[derive(Args)]
pub(in crate::command) struct SlowServe {
    /// What each commit takes longer.
    #[arg(long, value_name = "MS")]
    fsync_ms: u64,
    #[command(flatten)]
    serve: Serve,
}

impl SlowServe {
    pub(in crate::command::bench) async fn run(self) -> anyhow::Result<()> {
        slow_commits(Duration::from_millis(self.fsync_ms));
        self.serve.run().await
    }
}
