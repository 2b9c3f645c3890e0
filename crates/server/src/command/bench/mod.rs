//! `koumen bench`: what this machine can do, measured from outside over real sockets.
//!
//! `calls` measures the whole server. The others measure its MQTT broker beside Mosquitto, with the
//! same generator: the broker alone (`open`), because the server gives each client only the topics
//! of its own.

mod host;
mod place;
mod meter;
mod child;
mod report;
mod table;
mod calls;
mod open;
mod peer;
mod pair;
mod fan;
mod latency;
mod idle;
mod storm;

use anyhow::{Context, bail};
use clap::Subcommand;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use crate::command::serve::stop_on_signal;

#[derive(Subcommand)]
pub(super) enum Bench {
    /// Whole calls: how many per second, and how fast a phone rings.
    #[command(after_help = calls::EXAMPLES)]
    Calls(calls::Calls),
    /// Many publishers to one subscriber, beside Mosquitto: messages per second.
    #[command(after_help = fan::IN_EXAMPLES)]
    FanIn(fan::FanIn),
    /// One publisher to many subscribers, beside Mosquitto: messages per second.
    #[command(after_help = fan::OUT_EXAMPLES)]
    FanOut(fan::FanOut),
    /// Clients that say nothing, beside Mosquitto: memory and processor time.
    #[command(after_help = idle::EXAMPLES)]
    Idle(idle::Idle),
    /// One message at a time, beside Mosquitto: from sending to receiving.
    #[command(after_help = latency::EXAMPLES)]
    Latency(latency::Latency),
    /// Everybody comes back at once after the broker was killed: how soon all are served.
    #[command(after_help = storm::EXAMPLES)]
    Storm(storm::Storm),
    /// The broker alone and open to everybody, for the benches.
    #[command(hide = true)]
    Broker(open::Open),
}

impl Bench {
    /// Runs on one thread, so that the generator takes no more than one core from the server; the
    /// broker under test has a runtime like the server's.
    pub(super) fn run(self) -> anyhow::Result<()> {
        if let Self::Broker(open) = self {
            return super::block_on(open.run());
        }
        Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime")?
            .block_on(self.run_until_interrupted())
    }

    /// An interrupt drops the work, and with it the processes and folders it made.
    async fn run_until_interrupted(self) -> anyhow::Result<()> {
        let never = CancellationToken::new();
        tokio::select! {
            biased;
            stopped = stop_on_signal(&never) => {
                stopped?;
                bail!("interrupted")
            }
            done = self.measure() => done,
        }
    }

    async fn measure(self) -> anyhow::Result<()> {
        match self {
            Self::Calls(bench) => bench.measure().await,
            Self::FanIn(bench) => bench.measure().await,
            Self::FanOut(bench) => bench.measure().await,
            Self::Idle(bench) => bench.measure().await,
            Self::Latency(bench) => bench.measure().await,
            Self::Storm(bench) => bench.measure().await,
            Self::Broker(open) => open.run().await,
        }
    }
}
