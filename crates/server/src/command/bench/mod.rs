//! `koumen bench`: what this machine can do, measured from outside over real sockets.
//!
//! `calls`, `press` and `boxes` measure the whole server. The others measure its MQTT broker beside Mosquitto,
//! with the same generator: the broker alone (`open`), because the server gives each client only the
//! topics of its own.

mod host;
mod place;
mod meter;
mod child;
mod report;
mod table;
mod calls;
mod certificate;
mod open;
mod peer;
mod pair;
mod fan;
mod latency;
mod idle;
mod storm;
mod press;
mod boxes;

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
    /// A ringing phone: when it is quiet, in a storm of reconnects, on a slow disk.
    #[command(after_help = press::EXAMPLES)]
    Press(press::Press),
    /// Calls through hosted boxes to flats full of screens: how fast the losers fall silent.
    #[command(after_help = boxes::EXAMPLES)]
    Boxes(boxes::Boxes),
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
    /// The server on a slow disk, for the benches.
    #[command(hide = true)]
    SlowServe(press::SlowServe),
}

impl Bench {
    /// Runs on one thread, so that the generator takes no more than one core from the server; what
    /// is under test has a runtime like the server's.
    pub(super) fn run(self) -> anyhow::Result<()> {
        if matches!(self, Self::Broker(_) | Self::SlowServe(_)) {
            return super::block_on(self.measure());
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
            Self::Press(bench) => bench.measure().await,
            Self::Boxes(bench) => bench.measure().await,
            Self::FanIn(bench) => bench.measure().await,
            Self::FanOut(bench) => bench.measure().await,
            Self::Idle(bench) => bench.measure().await,
            Self::Latency(bench) => bench.measure().await,
            Self::Storm(bench) => bench.measure().await,
            Self::Broker(open) => open.run().await,
            Self::SlowServe(serve) => serve.run().await,
        }
    }
}
