//! `koumen bench storm`: the broker is ended and started again, and all its clients come at once.
//!
//! Clients ask for their sessions, which were kept, and subscribe again all the same, as many do.
//! The time runs from when the listener is back to the last SUBACK. With `--durable` a message was
//! left in each session before the end, Mosquitto is measured too, and the time runs from the new
//! start to the last message; what a broker reads of its sessions before it listens counts then.

use std::path::Path;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use sim::{Crowd, Crowded, Errand, Target, gather, leave};

use super::idle::{affordable, filters};
use super::pair::{Manner, Pair, Rounds, Side, median, ratio};
use super::peer::{Room, SetUp};
use super::report::{as_f64, rounded};
use crate::machine::Stopwatch;

pub(super) const EXAMPLES: &str = "Examples:
  koumen bench storm
  koumen bench storm --durable
  koumen bench storm --json --rounds 1 --clients 500";

/// Handshakes at one time before the end.
const AT_ONCE: usize = 64;

/// A status message of a device.
const PAYLOAD_BYTES: usize = 200;

#[derive(Args)]
pub(in crate::command) struct Storm {
    #[command(flatten)]
    rounds: Rounds,
    /// How many clients; each needs a file descriptor on each side.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    clients: u32,
    /// A message waits in each session, and Mosquitto, which keeps them when it is asked to end, is
    /// measured beside ours, which is killed.
    #[arg(long)]
    durable: bool,
}

/// Rows for people, figures for programs.
type Told = (Vec<(&'static str, String)>, Value);

/// One round on one side.
#[derive(Clone, Copy)]
struct Measured {
    served_s: f64,
    retries: f64,
}

impl Storm {
    pub(super) async fn measure(&self) -> anyhow::Result<()> {
        let clients = affordable(self.clients)?;
        let manner = Manner {
            durable: true,
            tls: false,
        };
        let sides = if self.durable {
            &[Side::Ours, Side::Mosquitto][..]
        } else {
            &[Side::Ours]
        };
        let pair = self.rounds.prepare("storm", sides, manner)?;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..pair.rounds {
            ours.push(self.round(&pair, round, (Side::Ours, clients)).await?);
            if self.durable {
                let other = (Side::Mosquitto, clients);
                theirs.push(self.round(&pair, round, other).await?);
            }
        }
        let (rows, mut figures) = if self.durable {
            both(&Measured::median(&ours), &Measured::median(&theirs))
        } else {
            alone(&Measured::median(&ours))
        };
        figures["clients"] = json!(clients);
        let settings = json!({"clients": clients, "messages_each": u32::from(self.durable)});
        pair.report(settings, &rows, &figures);
        Ok(())
    }

    async fn round(
        &self,
        pair: &Pair,
        round: u32,
        (side, clients): (Side, u32),
    ) -> anyhow::Result<Measured> {
        let measured = self.end_and_return(pair, side, usize::try_from(clients)?);
        let measured = measured.await.with_context(|| side.name())?;
        let (name, served_s) = (side.name(), measured.served_s);
        pair.progress(round, &format!("{name} {clients} back in {served_s:.3} s"));
        Ok(measured)
    }

    async fn end_and_return(
        &self,
        pair: &Pair,
        side: Side,
        count: usize,
    ) -> anyhow::Result<Measured> {
        let folder = pair.sessions_folder()?;
        let first = side.start(&pair.place, &set_up(&folder, 0)).await?;
        let address = first.address;
        let target = pair.target(address);
        let gathered = self.before_the_end(&target, count).await;
        let gathered = gathered.context("before the end")?;
        match side {
            Side::Ours => first.kill()?,
            Side::Mosquitto => first.end()?,
        }
        drop(gathered);

        let from = Stopwatch.now();
        let second = set_up(&folder, address.port());
        let _second = side.start(&pair.place, &second).await?;
        let storm = Crowd {
            at_once: count,
            errand: if self.durable {
                Errand::Collect
            } else {
                Errand::Subscribe(filters)
            },
            ..crowd(count)
        };
        let back = gather(&target, &storm, || Stopwatch.now()).await;
        let back = back.context("after the end")?;
        let since_start = Stopwatch.now().saturating_duration_since(from);
        let served = if self.durable {
            since_start
        } else {
            back.served
        };
        Ok(Measured {
            served_s: served.as_secs_f64(),
            retries: as_f64(back.retries),
        })
    }

    /// All come once. With messages to leave they go again, otherwise they stay.
    async fn before_the_end(
        &self,
        target: &Target,
        count: usize,
    ) -> anyhow::Result<Option<Crowded>> {
        let gathered = gather(target, &crowd(count), || Stopwatch.now()).await?;
        if !self.durable {
            return Ok(Some(gathered));
        }
        drop(gathered);
        let topics: Vec<String> = (0..count).flat_map(filters).collect();
        leave(target, &topics, PAYLOAD_BYTES).await?;
        Ok(None)
    }
}

impl Measured {
    fn median(rounds: &[Self]) -> Self {
        Self {
            served_s: rounded(median(rounds.iter().map(|one| one.served_s).collect())),
            retries: median(rounds.iter().map(|one| one.retries).collect()),
        }
    }
}

fn crowd(count: usize) -> Crowd {
    Crowd {
        count,
        at_once: AT_ONCE,
        clean: false,
        errand: Errand::Subscribe(filters),
    }
}

fn set_up(sessions: &Path, port: u16) -> SetUp<'_> {
    SetUp {
        port,
        room: Room::Usual,
        sessions: Some(sessions),
        certificate: None,
    }
}

/// Rows and figures of ours.
fn alone(ours: &Measured) -> Told {
    let Measured { served_s, retries } = *ours;
    let rows = vec![
        (
            "all served",
            format!("{served_s:.3} s after the listener was back"),
        ),
        ("attempts that failed", format!("{retries:.0}")),
        ("sessions", "lasting: kept on disk".to_owned()),
    ];
    (rows, json!({"all_served_s": served_s, "retries": retries}))
}

/// Rows and figures beside Mosquitto.
fn both(ours: &Measured, theirs: &Measured) -> Told {
    let words = |one: &Measured, ended: &str| {
        let Measured { served_s, retries } = *one;
        format!(
            "all have their message {served_s:.3} s after the start, {retries:.0} attempts failed; {ended}"
        )
    };
    let times = ratio(ours.served_s, theirs.served_s);
    let rows = vec![
        ("ours", words(ours, "was killed")),
        ("mosquitto", words(theirs, "was asked to end and wrote all")),
        ("ratio", format!("{times:.2} times Mosquitto")),
        ("lost", "0".to_owned()),
    ];
    let figures = json!({
        "all_served_s": ours.served_s, "retries": ours.retries,
        "mosquitto_all_served_s": theirs.served_s, "mosquitto_retries": theirs.retries,
        "ratio": times, "lost": 0,
    });
    (rows, figures)
}
