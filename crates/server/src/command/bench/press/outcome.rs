//! What was measured in each situation, for people and for programs.

use serde_json::{Value, json};
use sim::{Paced, Wave};

use crate::command::bench::pair::{Load, median};
use crate::command::bench::place::ms;
use crate::command::bench::report::{as_f64, rounded};
use crate::command::bench::table::row;

/// One situation.
pub(super) struct Measured {
    pub(super) paced: Paced,
    pub(super) cores: Load,
}

/// All three, and what came of the storm.
pub(super) struct Outcome {
    pub(super) quiet: Measured,
    pub(super) storm: Measured,
    pub(super) waves: Vec<Wave>,
    pub(super) slow: Measured,
}

impl Outcome {
    /// The lines of the table that hold figures.
    pub(super) fn show(&self, clients: u32, fsync_ms: u64) {
        self.quiet.show("quiet");
        self.storm.show("reconnect storm");
        let presses = self.storm.paced.started;
        let waves = in_words(clients, &self.waves);
        row("", &format!("{presses} presses fell in it; {waves}"));
        self.slow.show(&format!("fsync + {fsync_ms} ms"));
        let (least, most) = (fsync_ms, fsync_ms * 2);
        row(
            "",
            &format!(
                "expected: a press waits for its own commit and what is left of the one before, \
                 {least} to {most} ms and some; a checkpoint's own syncs are not delayed"
            ),
        );
    }

    pub(super) fn to_json(&self) -> Value {
        let (served, retries) = medians(&self.waves);
        json!({
            "quiet": self.quiet.to_json(),
            "storm": self.storm.to_json(),
            "slow_fsync": self.slow.to_json(),
            "waves": self.waves.len(), "all_served_s": served, "retries": retries,
        })
    }
}

impl Measured {
    fn show(&self, name: &str) {
        let spread = self.paced.press_to_incoming;
        let (p50, p99, max) = (ms(spread.p50), ms(spread.p99), ms(spread.max));
        let Load { broker, generator } = self.cores;
        row(
            name,
            &format!(
                "p50 {p50:.2} ms, p99 {p99:.2} ms, max {max:.2} ms; {} of {} calls, {} skipped \
                 (cores used: server {broker:.2}, generator {generator:.2})",
                self.paced.completed, self.paced.started, self.paced.skipped
            ),
        );
        for reason in &self.paced.reasons {
            row("  failed", reason);
        }
    }

    fn to_json(&self) -> Value {
        let spread = self.paced.press_to_incoming;
        json!({
            "press_to_incoming_ms": {
                "p50": ms(spread.p50), "p99": ms(spread.p99), "max": ms(spread.max),
            },
            "presses": self.paced.started, "completed": self.paced.completed,
            "skipped": self.paced.skipped,
            "server_cores": rounded(self.cores.broker),
        })
    }
}

fn in_words(clients: u32, waves: &[Wave]) -> String {
    let (served, retries) = medians(waves);
    match waves.len() {
        0 => format!("the first wave of {clients} was not all back by its end"),
        count => format!(
            "{count} waves of {clients}, all back after {served:.2} s with {retries:.0} attempts \
             that failed (median)"
        ),
    }
}

/// Seconds until all were back, and attempts that failed.
fn medians(waves: &[Wave]) -> (f64, f64) {
    let served = waves.iter().map(|wave| wave.served.as_secs_f64());
    let retries = waves.iter().map(|wave| as_f64(wave.retries));
    (rounded(median(served.collect())), median(retries.collect()))
}
