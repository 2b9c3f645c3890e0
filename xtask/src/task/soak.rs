//! `cargo xtask soak`: the crash proofs with many more rounds than `test` has time for.
//!
//! Optimised, because a faster server meets each kill in the middle of more steps.

use crate::program::{self, command};
use crate::say;
use crate::workspace::root;
use anyhow::Result;
use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  cargo xtask soak                         a thousand kills, two hundred at another broker, a
                                           thousand alarms, five thousand power cuts
  cargo xtask soak --kills 50 --cuts 200   a short one
  cargo xtask soak --seed 4711             the moments of a run that failed";

/// How long to soak.
#[derive(Args)]
pub(super) struct Soak {
    /// Times the server is killed; a thousand take about ten minutes
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    kills: u64,
    /// Times another broker or the server at it is killed; a hundred take about two minutes
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    broker_kills: u64,
    /// Alarms that are raised while the server is killed a tenth as often; a thousand take about two
    /// minutes
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    alarms: u64,
    /// Times the power is cut under the store; a thousand take about a minute
    #[arg(long, value_name = "NUMBER", default_value_t = 5000)]
    cuts: u64,
    /// Chooses the moments as the failed run did that printed it
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

/// Cuts first: they fail sooner.
pub(super) fn run(soak: &Soak) -> Result<()> {
    let Soak {
        kills,
        broker_kills,
        alarms,
        cuts,
        seed,
    } = soak;
    let store = ["-p", "storage", "--test", "power"];
    step(&store, &[("CUTS", *cuts)], *seed)?;
    // Those at another broker and those of alarms are in rooms of their own with the same name.
    let server = ["-p", "server", "--test", "it", "kills::"];
    let rounds = [
        ("KILLS", *kills),
        ("EXTERNAL_KILLS", *broker_kills),
        ("ALARMS", *alarms),
        ("ALARM_KILLS", alarms.div_ceil(10)),
    ];
    step(&server, &rounds, *seed)?;
    say::step("soak passed");
    Ok(())
}

fn step(what: &[&str], rounds: &[(&str, u64)], seed: Option<u64>) -> Result<()> {
    let mut test = command(&root(), "cargo", ["test", "--release"]);
    test.args(what).args(["--", "--nocapture"]);
    for (name, count) in rounds {
        test.env(format!("KOUMEN_TEST_{name}"), count.to_string());
    }
    if let Some(seed) = seed {
        test.env("KOUMEN_TEST_SEED", seed.to_string());
    }
    program::step(test)
}
