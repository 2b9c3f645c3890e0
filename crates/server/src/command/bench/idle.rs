//! `koumen bench idle`: clients that subscribe once and then say nothing.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use sim::{Crowd, Errand, Target, gather};

use super::meter::{Usage, resident_mb};
use super::pair::{Manner, Pair, Rounds, Side, median, ratio};
use super::peer::Room;
use super::report::rounded;
use crate::machine::{Stopwatch, raise_files};

pub(super) const EXAMPLES: &str = "Examples:
  koumen bench idle
  koumen bench idle --json --rounds 1 --seconds 2 --clients 500";

/// Handshakes at one time.
const AT_ONCE: usize = 64;

#[derive(Args)]
pub(in crate::command) struct Idle {
    #[command(flatten)]
    rounds: Rounds,
    /// How long the clients say nothing.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How many clients; each needs a file descriptor on each side.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    clients: u32,
}

/// One round on one side.
#[derive(Clone, Copy)]
struct Measured {
    bytes_each: f64,
    cpu_s: f64,
}

impl Idle {
    pub(super) async fn measure(&self) -> anyhow::Result<()> {
        let clients = affordable(self.clients)?;
        let manner = Manner::default();
        let pair = self.rounds.prepare("idle", &[Side::Mosquitto], manner)?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..pair.rounds {
            ours.push(self.round(&pair, round, (Side::Ours, clients)).await?);
            theirs.push(self.round(&pair, round, (Side::Mosquitto, clients)).await?);
        }
        let (ours, theirs) = (Measured::median(&ours), Measured::median(&theirs));
        let settings = json!({"clients": clients, "seconds": self.seconds});
        let times = ratio(ours.bytes_each, theirs.bytes_each);
        let rows = [
            ("ours", ours.words()),
            ("mosquitto", theirs.words()),
            ("ratio", format!("{times:.2} times Mosquitto's memory")),
        ];
        let figures = json!({
            "bytes_per_connection": ours.bytes_each.round(),
            "mosquitto_bytes_per_connection": theirs.bytes_each.round(),
            "cpu_s": rounded(ours.cpu_s), "mosquitto_cpu_s": rounded(theirs.cpu_s),
        });
        pair.report(settings, &rows, &figures);
        Ok(())
    }

    async fn round(
        &self,
        pair: &Pair,
        round: u32,
        (side, clients): (Side, u32),
    ) -> anyhow::Result<Measured> {
        let peer = pair.start(side, Room::Usual).await?;
        let target = Target::plain(peer.address);
        let crowd = Crowd {
            count: usize::try_from(clients)?,
            at_once: AT_ONCE,
            clean: true,
            errand: Errand::Subscribe(filters),
        };
        let clock = || Stopwatch.now();
        // The first client pays for what all share: code and tables that were not touched yet.
        drop(gather(&target, &Crowd { count: 1, ..crowd }, clock).await?);
        let before = resident_mb(peer.process())?;
        let gathered = gather(&target, &crowd, clock).await;
        let gathered = gathered.with_context(|| side.name())?;
        let from = Usage::of(peer.process())?;
        tokio::time::sleep(Duration::from_secs(self.seconds)).await;
        let used = Usage::of(peer.process())?.since(from);
        let grown = (resident_mb(peer.process())? - before) * 1e6;
        drop(gathered);
        let measured = Measured {
            bytes_each: grown / f64::from(clients),
            cpu_s: used.cpu_s,
        };
        pair.progress(round, &format!("{} {}", side.name(), measured.words()));
        Ok(measured)
    }
}

/// A topic of its own for each client.
pub(super) fn filters(client: usize) -> Vec<String> {
    vec![format!("bench/crowd/{client}")]
}

/// As many clients as there are file descriptors for; says so if they are fewer than wanted.
pub(super) fn affordable(wanted: u32) -> anyhow::Result<u32> {
    /// What a process needs besides.
    const OTHERS: u64 = 64;
    let files = raise_files()?.saturating_sub(OTHERS);
    let clients = u32::try_from(files).unwrap_or(u32::MAX).min(wanted);
    if clients < wanted {
        crate::say::line(&format!(
            "{clients} clients, not {wanted}: the hard limit on open files is too low"
        ));
    }
    Ok(clients)
}

impl Measured {
    fn median(rounds: &[Self]) -> Self {
        Self {
            bytes_each: median(rounds.iter().map(|one| one.bytes_each).collect()),
            cpu_s: median(rounds.iter().map(|one| one.cpu_s).collect()),
        }
    }

    fn words(&self) -> String {
        format!(
            "{:.0} bytes per connection, {:.2} s of a core while idle",
            self.bytes_each, self.cpu_s
        )
    }
}
