//! `koumen bench fan-in` and `fan-out`: as many messages as the brokers take, none lost.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;
use sim::{Flood, Flooded, Mark, Target, flood};

use super::pair::{Load, Manner, Meters, Pair, Rounds, Side, median, ratio};
use super::peer::{Peer, Room};
use crate::machine::Stopwatch;

pub(super) const IN_EXAMPLES: &str = "Examples:
  koumen bench fan-in
  koumen bench fan-in --durable
  koumen bench fan-in --json --tls --rounds 3 --seconds 2 --publishers 10";

pub(super) const OUT_EXAMPLES: &str = "Examples:
  koumen bench fan-out
  koumen bench fan-out --json --rounds 3 --seconds 2 --subscribers 50";

/// Messages of a publisher without PUBACK, as many as the brokers have in flight to a subscriber.
const WINDOW: u16 = 100;

/// A status message of a device.
const PAYLOAD_BYTES: usize = 200;

#[derive(Args)]
pub(in crate::command) struct FanIn {
    /// How many clients publish.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    publishers: u32,
    #[command(flatten)]
    fan: Fan,
}

#[derive(Args)]
pub(in crate::command) struct FanOut {
    /// How many clients subscribe.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    subscribers: u32,
    #[command(flatten)]
    fan: Fan,
}

#[derive(Args)]
struct Fan {
    #[command(flatten)]
    rounds: Rounds,
    /// How long each round sends.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Measure the broker at this address instead of one of our own.
    #[arg(long, value_name = "ADDRESS")]
    server: Option<SocketAddr>,
    #[command(flatten)]
    manner: Manner,
}

/// One round on one side.
#[derive(Clone, Copy)]
struct Measured {
    per_s: f64,
    /// None of another's process.
    load: Option<Load>,
}

impl FanIn {
    pub(super) async fn measure(&self) -> anyhow::Result<()> {
        self.fan.measure("fan-in", (self.publishers, 1)).await
    }
}

impl FanOut {
    pub(super) async fn measure(&self) -> anyhow::Result<()> {
        self.fan.measure("fan-out", (1, self.subscribers)).await
    }
}

impl Fan {
    async fn measure(
        &self,
        name: &'static str,
        (publishers, subscribers): (u32, u32),
    ) -> anyhow::Result<()> {
        let pair = self.rounds.prepare(name, &[Side::Mosquitto], self.manner)?;
        let traffic = Flood {
            publishers: usize::try_from(publishers)?,
            subscribers: usize::try_from(subscribers)?,
            window: WINDOW,
            payload_bytes: PAYLOAD_BYTES,
            length: Duration::from_secs(self.seconds),
            clean: !self.manner.durable,
        };
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..pair.rounds {
            ours.push(self.round(&pair, round, (Side::Ours, &traffic)).await?);
            theirs.push(
                self.round(&pair, round, (Side::Mosquitto, &traffic))
                    .await?,
            );
        }
        let per_s = |measured: &[Measured]| median(measured.iter().map(|one| one.per_s).collect());
        let (ours_per_s, theirs_per_s) = (per_s(&ours), per_s(&theirs));
        let ratio = ratio(ours_per_s, theirs_per_s);
        let settings = json!({
            "publishers": publishers, "subscribers": subscribers, "seconds": self.seconds,
            "window": WINDOW, "payload_bytes": PAYLOAD_BYTES,
            "server": self.server.map(|server| server.to_string()),
        });
        let rows = [
            ("ours", in_words(ours_per_s, &ours)),
            ("mosquitto", in_words(theirs_per_s, &theirs)),
            ("ratio", format!("{ratio:.2} times Mosquitto")),
            ("lost", "0".to_owned()),
        ];
        let figures = json!({
            "ours": ours_per_s.round(), "mosquitto": theirs_per_s.round(), "ratio": ratio,
            "lost": 0,
        });
        pair.report(settings, &rows, &figures);
        Ok(())
    }

    async fn round(
        &self,
        pair: &Pair,
        round: u32,
        (side, traffic): (Side, &Flood),
    ) -> anyhow::Result<Measured> {
        let peer = match (side, self.server) {
            (Side::Ours, Some(_)) => None,
            (side, _) => Some(pair.start(side, Room::Deep).await?),
        };
        let address = peer.as_ref().map(|peer| peer.address).or(self.server);
        let target = pair.target(address.context("an address")?);
        let (flooded, load) = measured_flood(&target, peer.as_ref(), traffic)
            .await
            .with_context(|| side.name())?;
        let per_s = per_s(&flooded);
        pair.progress(round, &format!("{} {per_s:.0} messages/s", side.name()));
        Ok(Measured { per_s, load })
    }
}

/// Fails if a message was lost or came twice.
async fn measured_flood(
    target: &Target,
    peer: Option<&Peer>,
    traffic: &Flood,
) -> anyhow::Result<(Flooded, Option<Load>)> {
    let mut meters = None;
    let mut load = None;
    let mut mark = |edge: Mark| match edge {
        Mark::Start => meters = peer.map(|peer| Meters::start(peer.process())),
        Mark::End => {
            load = meters
                .take()
                .map(|meters| meters.and_then(|meters| meters.stop()));
        }
    };
    let flooded = flood(target, traffic, || Stopwatch.now(), &mut mark).await?;
    let (sent, lost, repeated) = (flooded.sent, flooded.lost, flooded.repeated);
    ensure!(
        lost == 0 && repeated == 0,
        "of {sent} messages sent, {lost} were lost on their way and {repeated} came twice"
    );
    Ok((flooded, load.transpose()?))
}

fn per_s(flooded: &Flooded) -> f64 {
    let heard = f64::from(u32::try_from(flooded.heard).unwrap_or(u32::MAX));
    heard / flooded.length.as_secs_f64().max(f64::EPSILON)
}

/// The rate, and who was busy.
fn in_words(per_s: f64, measured: &[Measured]) -> String {
    let share = |of: fn(&Load) -> f64| {
        median(
            measured
                .iter()
                .filter_map(|one| one.load.as_ref().map(of))
                .collect(),
        )
    };
    let (broker, generator) = (share(|load| load.broker), share(|load| load.generator));
    format!("{per_s:.0} messages/s (cores used: broker {broker:.2}, generator {generator:.2})")
}
