//! `koumen bench`: what this machine can do, measured from outside over real sockets.

mod host;
mod place;
mod meter;
mod child;
mod report;
mod table;
mod calls;

use anyhow::Context;
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Bench {
    /// Whole calls: how many per second, and how fast a phone rings.
    #[command(after_help = calls::EXAMPLES)]
    Calls(calls::Calls),
}

impl Bench {
    /// Runs on one thread, so that the generator takes no more than one core from the server.
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::Calls(calls) = self;
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime")?
            .block_on(calls.run())
    }
}
