//! `koumen bench storm`: the broker is killed and started again, and all its clients come at once.
//!
//! Clients ask for their sessions, which were kept, and subscribe again all the same, as many do.
//! The time runs from when the listener is back to the last SUBACK.

use anyhow::Context;
use clap::Args;
use serde_json::json;
use sim::{Crowd, gather};

use super::idle::{affordable, filters};
use super::pair::{Pair, Rounds, Side, median};
use super::peer::Peer;
use super::report::{as_f64, rounded};
use crate::machine::Stopwatch;

pub(super) const EXAMPLES: &str = "Examples:
  koumen bench storm
  koumen bench storm --json --rounds 1 --clients 500";

/// Handshakes at one time before the kill.
const AT_ONCE: usize = 64;

#[derive(Args)]
pub(in crate::command) struct Storm {
    #[command(flatten)]
    rounds: Rounds,
    /// How many clients; each needs a file descriptor on each side.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    clients: u32,
}

impl Storm {
    pub(super) async fn measure(&self) -> anyhow::Result<()> {
        let clients = affordable(self.clients)?;
        let pair = self.rounds.prepare("storm", &[Side::Ours])?;
        let crowd = Crowd {
            count: usize::try_from(clients)?,
            at_once: AT_ONCE,
            clean: false,
            filters,
        };
        let (mut served, mut retries) = (Vec::new(), Vec::new());
        for round in 0..pair.rounds {
            let (served_s, failed) = round_of(&pair, round, &crowd).await?;
            served.push(served_s);
            retries.push(as_f64(failed));
        }
        let (served, retries) = (rounded(median(served)), median(retries));
        let rows = [
            (
                "all served",
                format!("{served:.3} s after the listener was back"),
            ),
            ("attempts that failed", format!("{retries:.0}")),
            ("sessions", "lasting: kept on disk".to_owned()),
        ];
        let figures = json!({"clients": clients, "all_served_s": served, "retries": retries});
        pair.report(json!({"clients": clients}), &rows, &figures);
        Ok(())
    }
}

/// Seconds until all were served, and attempts that failed.
async fn round_of(pair: &Pair, round: u32, crowd: &Crowd) -> anyhow::Result<(f64, usize)> {
    let clock = || Stopwatch.now();
    let folder = pair.place.path().join(format!("round-{round}"));
    let first = Peer::lasting(0, &folder)?;
    let address = first.address;
    let gathered = gather(address, crowd, clock).await;
    let gathered = gathered.context("before the kill")?;
    first.kill()?;
    drop(gathered);
    let _second = Peer::lasting(address.port(), &folder)?;
    let storm = Crowd {
        at_once: crowd.count,
        ..*crowd
    };
    let back = gather(address, &storm, clock).await;
    let back = back.context("after the kill")?;
    let served_s = back.served.as_secs_f64();
    pair.progress(round, &format!("{} back in {served_s:.3} s", back.count()));
    Ok((served_s, back.retries))
}
