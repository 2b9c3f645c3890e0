//! `koumen bench boxes`: calls through hosted boxes to flats whose screens are all joined.
//!
//! The server runs with this dialect alone, so that its memory at rest is that of a house without
//! MQTT. Each call rings every screen of one flat; in one call of a few all of them answer at once.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;
use sim::{BoxLoad, BoxRounds, BoxSizes, BoxTally, BoxTarget, Operator, Spread, make_boxes};

use super::child::{BoxAddress, Server, add_operator};
use super::host::Host;
use super::idle::affordable;
use super::meter::resident_mb;
use super::place::{Place, ms};
use super::report::{as_f64, rounded};
use super::table::row;
use crate::machine::Stopwatch;
use crate::say;

pub(super) const EXAMPLES: &str = "Examples:
  koumen bench boxes
  koumen bench boxes --json --flats 20 --calls 10 --rounds 2";

/// In one call of so many, all screens answer at the same moment.
const CONTESTED_EVERY: usize = 4;

#[derive(Args)]
pub(in crate::command) struct Boxes {
    /// End with one line of JSON.
    #[arg(long)]
    json: bool,
    /// How many flats.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    flats: u32,
    /// How many screens each has; a screen needs a file descriptor on each side.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=7))]
    screens: u32,
    /// How many flats are called at once, each by a unit of its own.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=500))]
    calls: u16,
    /// How often.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// Where to keep the server's data for the time being; must be on a disk.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// What the server holds in memory, in MB.
struct Memory {
    at_rest: f64,
    joined: f64,
}

impl Boxes {
    pub(super) async fn measure(&self) -> anyhow::Result<()> {
        let screens = self.flats * self.screens;
        let wanted = screens + u32::from(self.calls);
        ensure!(
            affordable(wanted)? == wanted,
            "fewer --flats or --screens are needed"
        );
        let place = Place::make(self.folder.as_deref())?;
        let flush = place.flush()?;
        let data = place.path().join("data");
        let (server, address) = Server::start_boxes(&data)?;
        say::line(&server.at_rest()?);
        let at_rest = resident_mb(server.process())?;
        let operator = Operator {
            name: "bench".to_owned(),
            password: "bench-operator".to_owned(),
        };
        add_operator(&data, &operator)?;

        let load = self.load(&address, &operator).await?;
        let memory = Memory {
            at_rest,
            joined: resident_mb(server.process())?,
        };
        let (calls, rounds) = (self.calls, self.rounds);
        say::line(&format!("{calls} calls at once, {rounds} times …"));
        let tally = load.run(self.rounds()?).await;
        self.report(&place, (flush, memory), &tally)?;
        let wrong = tally.two_winners + tally.missing_ends + tally.strangers_rung;
        ensure!(wrong == 0, "{wrong} calls or screens went as none may");
        Ok(())
    }

    /// Makes the community and joins its screens.
    async fn load(&self, address: &BoxAddress, operator: &Operator) -> anyhow::Result<BoxLoad> {
        let sizes = BoxSizes {
            flats: usize::try_from(self.flats)?,
            screens: usize::try_from(self.screens)?,
            units: self.calls,
        };
        let mut progress = |made: usize| {
            if made.is_multiple_of(64) || made == sizes.flats {
                say::line(&format!("{made} of {} flats made", sizes.flats));
            }
        };
        let server = &address.server;
        let community = make_boxes(server, operator, ("bench", sizes), &mut progress)
            .await
            .context("the community")?;
        let target = BoxTarget {
            home: address.home,
            community: address.community,
        };
        let everybody = (community.flats.as_slice(), community.units.as_slice());
        BoxLoad::join(target, everybody, || Stopwatch.now())
            .await
            .context("joining the screens")
    }

    fn rounds(&self) -> anyhow::Result<BoxRounds> {
        Ok(BoxRounds {
            rounds: usize::try_from(self.rounds)?,
            at_once: usize::from(self.calls),
            contested_every: CONTESTED_EVERY,
        })
    }

    fn report(
        &self,
        place: &Place,
        (flush, memory): (Spread, Memory),
        tally: &BoxTally,
    ) -> anyhow::Result<()> {
        let Host {
            cores,
            memory_mb,
            kernel,
        } = Host::look();
        let (disk, flush) = (&place.file_system, ms(flush.p50));
        let Self {
            flats,
            screens,
            calls,
            rounds,
            ..
        } = self;
        say::line("");
        row(
            "machine",
            &format!(
                "{cores} cores, {memory_mb} MB, Linux {kernel}, {disk}, {flush:.2} ms per flush"
            ),
        );
        row(
            "settings",
            &format!(
                "{flats} flats with {screens} screens, {calls} calls at once, {rounds} rounds"
            ),
        );
        show(&memory, tally);
        if self.json {
            let settings = json!({
                "flats": flats, "screens": screens, "calls": calls, "rounds": rounds,
                "file_system": disk, "flush_ms": flush, "cores": cores, "memory_mb": memory_mb,
                "kernel": kernel,
            });
            let line = json!({
                "bench": "boxes", "settings": settings, "figures": self.figures(&memory, tally),
            });
            say::line(&line.to_string());
        }
        Ok(())
    }

    fn figures(&self, memory: &Memory, tally: &BoxTally) -> serde_json::Value {
        json!({
            "accept_to_call_end_ms": delay(tally.accept_to_call_end()),
            "press_to_ring_ms": delay(tally.press_to_ring()),
            "flats": self.flats, "screens": self.flats * self.screens,
            "success": rounded(success(tally)),
            "two_winners": tally.two_winners, "missing_ends": tally.missing_ends,
            "strangers_rung": tally.strangers_rung,
            "idle_rss_mb": rounded(memory.at_rest), "joined_rss_mb": rounded(memory.joined),
        })
    }
}

fn show(memory: &Memory, tally: &BoxTally) {
    let Memory { at_rest, joined } = memory;
    row(
        "memory",
        &format!("{at_rest:.1} MB at rest, {joined:.1} MB with every screen joined"),
    );
    row(
        "calls",
        &format!("{} of {} went as they must", tally.completed, tally.started),
    );
    row("  press to ring", &words(tally.press_to_ring()));
    row("  accept to call_end", &words(tally.accept_to_call_end()));
    row(
        "  wrong",
        &format!(
            "{} with two winners, {} with an end missing, {} screens of other flats rung",
            tally.two_winners, tally.missing_ends, tally.strangers_rung
        ),
    );
    for reason in &tally.reasons {
        row("  failed", reason);
    }
}

fn words(spread: Spread) -> String {
    let Spread { p50, p99, max, .. } = spread;
    let (p50, p99, max) = (ms(p50), ms(p99), ms(max));
    format!("p50 {p50:.2} ms, p99 {p99:.2} ms, max {max:.2} ms")
}

fn delay(spread: Spread) -> serde_json::Value {
    json!({"p50": ms(spread.p50), "p99": ms(spread.p99), "max": ms(spread.max)})
}

fn success(tally: &BoxTally) -> f64 {
    as_f64(tally.completed) / as_f64(tally.started.max(1))
}
