//! `koumen bench latency`: one message at a time from one client to another, and on our side the
//! same beside many distinct wildcard filters.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::{Value, json};
use sim::{Crowd, Errand, Pace, Spread, gather, measure_delays};

use super::pair::{Manner, Pair, Rounds, Side, median, ratio};
use super::peer::Room;
use crate::machine::Stopwatch;

pub(super) const EXAMPLES: &str = "Examples:
  koumen bench latency
  koumen bench latency --durable
  koumen bench latency --json --tls --rounds 3 --seconds 2 --filters 1000";

const RATE_PER_S: u32 = 200;

/// A status message of a device.
const PAYLOAD_BYTES: usize = 200;

/// Filters of one session, as many as the server allows by default.
const FILTERS_EACH: usize = 64;

/// Handshakes at one time while the filters come.
const AT_ONCE: usize = 64;

#[derive(Args)]
pub(in crate::command) struct Latency {
    #[command(flatten)]
    rounds: Rounds,
    /// How long each round sends.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// How many distinct wildcard filters; each session has 64.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    filters: u32,
    /// Measure the broker at this address instead of one of our own.
    #[arg(long, value_name = "ADDRESS")]
    server: Option<SocketAddr>,
    #[command(flatten)]
    manner: Manner,
}

/// What is measured in each round.
#[derive(Clone, Copy)]
struct Course {
    side: Side,
    has_filters: bool,
    name: &'static str,
}

const COURSES: [Course; 3] = [
    Course {
        side: Side::Ours,
        has_filters: false,
        name: "ours",
    },
    Course {
        side: Side::Mosquitto,
        has_filters: false,
        name: "mosquitto",
    },
    Course {
        side: Side::Ours,
        has_filters: true,
        name: "ours with filters",
    },
];

/// Medians of the rounds, in microseconds.
#[derive(Clone, Copy)]
struct Delay {
    p50: f64,
    p99: f64,
}

impl Latency {
    pub(super) async fn measure(&self) -> anyhow::Result<()> {
        let pair = self
            .rounds
            .prepare("latency", &[Side::Mosquitto], self.manner)?;
        let mut spreads = [const { Vec::new() }; 3];
        for round in 0..pair.rounds {
            for (course, spreads) in COURSES.iter().zip(&mut spreads) {
                let spread = self.round(&pair, course).await;
                let delay = Delay::of(spread.with_context(|| course.name)?);
                pair.progress(round, &format!("{} {}", course.name, delay.words()));
                spreads.push(delay);
            }
        }
        let [ours, theirs, crowded] = spreads.map(|delays| Delay::median(&delays));
        self.report(&pair, &ours, &theirs, &crowded);
        Ok(())
    }

    fn report(&self, pair: &Pair, ours: &Delay, theirs: &Delay, crowded: &Delay) {
        let (p50, p99) = (ratio(ours.p50, theirs.p50), ratio(ours.p99, theirs.p99));
        let with_filters = ratio(crowded.p50, ours.p50);
        let settings = json!({
            "per_s": RATE_PER_S, "seconds": self.seconds, "payload_bytes": PAYLOAD_BYTES,
            "filters": self.filters, "server": self.server.map(|server| server.to_string()),
        });
        let times = format!("p50 {p50:.2}, p99 {p99:.2} times Mosquitto");
        let beside = format!("{}, p50 {with_filters:.2} times without", crowded.words());
        let rows = [
            ("ours", ours.words()),
            ("mosquitto", theirs.words()),
            ("ratio", times),
            ("ours with filters", beside),
            ("lost", "0".to_owned()),
        ];
        let figures = json!({
            "ours_us": ours.to_json(), "mosquitto_us": theirs.to_json(),
            "ratio_p50": p50, "ratio_p99": p99,
            "with_filters_us": crowded.to_json(), "with_filters_ratio": with_filters,
        });
        pair.report(settings, &rows, &figures);
    }

    async fn round(&self, pair: &Pair, course: &Course) -> anyhow::Result<Spread> {
        let peer = match (course.side, self.server) {
            (Side::Ours, Some(_)) => None,
            (side, _) => Some(pair.start(side, Room::Usual).await?),
        };
        let address = peer.as_ref().map(|peer| peer.address).or(self.server);
        let target = pair.target(address.context("an address")?);
        let crowd = Crowd {
            count: usize::try_from(self.filters)?.div_ceil(FILTERS_EACH),
            at_once: AT_ONCE,
            clean: true,
            errand: Errand::Subscribe(filters),
        };
        let _others = if course.has_filters {
            Some(gather(&target, &crowd, || Stopwatch.now()).await?)
        } else {
            None
        };
        let pace = Pace {
            per_s: RATE_PER_S,
            count: self.seconds.saturating_mul(RATE_PER_S),
            payload_bytes: PAYLOAD_BYTES,
            clean: !self.manner.durable,
        };
        let delays = measure_delays(&target, &pace, || Stopwatch.now()).await?;
        let lost = delays.lost;
        ensure!(lost == 0, "{lost} messages were lost");
        Ok(delays.spread)
    }
}

/// Distinct ones that share their first level with each other and with every topic, the case that a
/// scan over all of them, or a bad tree, would pay for.
fn filters(session: usize) -> Vec<String> {
    let first = session * FILTERS_EACH;
    (first..first + FILTERS_EACH)
        .map(|number| format!("+/room{number}/+/state"))
        .collect()
}

impl Delay {
    fn of(spread: Spread) -> Self {
        let us = |delay: Duration| (delay.as_secs_f64() * 1e7).round() / 10.0;
        Self {
            p50: us(spread.p50),
            p99: us(spread.p99),
        }
    }

    fn median(rounds: &[Self]) -> Self {
        Self {
            p50: median(rounds.iter().map(|one| one.p50).collect()),
            p99: median(rounds.iter().map(|one| one.p99).collect()),
        }
    }

    fn words(&self) -> String {
        format!("p50 {:.1} us, p99 {:.1} us", self.p50, self.p99)
    }

    fn to_json(self) -> Value {
        json!({"p50": self.p50, "p99": self.p99})
    }
}
