//! The figures as a table for people, with what limits them.

use sim::Spread;

use super::place::ms;
use super::report::{Report, RunSettings, as_f64};
use crate::say;

/// Above this share of all cores, the processors are what limits.
const BUSY_LIMIT: f64 = 0.85;

/// Above this share of all cores, others spoil the figures; the kernel's own threads stay below.
const OTHERS_LIMIT: f64 = 0.1;

impl Report {
    /// The table for people.
    pub(super) fn show(&self) {
        self.show_settings();
        self.show_figures();
        for reason in self.saturated.reasons.iter().chain(&self.paced.reasons) {
            row("failed", reason);
        }
        row("limit", &self.limit());
    }

    fn show_settings(&self) {
        let RunSettings {
            doors,
            phones,
            seconds,
            rate_per_s,
            server,
            file_system,
            host,
            ..
        } = &self.settings;
        let disk = file_system.as_deref().unwrap_or("another machine's disk");
        let (cores, memory) = (host.cores, host.memory_mb);
        say::line("");
        row(
            "machine",
            &format!("{cores} cores, {memory} MB, Linux {}, {disk}", host.kernel),
        );
        row(
            "settings",
            &format!(
                "{doors} doors, {phones} phones; {seconds} s in a closed loop, then {seconds} s at {rate_per_s} calls/s"
            ),
        );
        row(
            "server",
            server.as_deref().unwrap_or("a child process of this one"),
        );
    }

    fn show_figures(&self) {
        let Self {
            saturated, paced, ..
        } = self;
        let figures = self.figures();
        row(
            "saturation",
            &format!(
                "{:.0} complete calls/s; {} of {} started; press to incoming {}",
                figures.completed_per_s,
                saturated.completed,
                saturated.started,
                spread(saturated.press_to_incoming)
            ),
        );
        row(
            "fixed rate",
            &format!(
                "{} of {} calls, {} skipped for want of a free door",
                paced.completed, paced.started, paced.skipped
            ),
        );
        row("  press to incoming", &spread(paced.press_to_incoming));
        row("  answer to door", &spread(paced.answer_to_door));
        row("  answer to losers", &spread(paced.answer_to_losers));
        row("reconnect", &spread(self.reconnect));
        let registration = self.registration.map(spread);
        row(
            "registration",
            registration.as_deref().unwrap_or("not served yet"),
        );
        row("on record", &format!("{} calls", self.records));
        if let Some(inside) = &self.inside {
            row("flush of 4 KiB", &spread(inside.flush));
            let written = figures.bytes_written_per_call.unwrap_or_default();
            let cpu = figures.server_cpu_ms_per_call.unwrap_or_default();
            row(
                "server per call",
                &format!("{cpu:.3} ms of a core, {written:.0} bytes written"),
            );
        }
    }

    fn limit(&self) -> String {
        let Some(inside) = &self.inside else {
            return "unknown: the server is not a child of this process".to_owned();
        };
        let window = self.saturated.window.as_secs_f64();
        let all = as_f64(self.settings.host.cores);
        let server = inside.server.cpu_s / window;
        let generator = inside.generator.cpu_s / window;
        let others = (inside.busy * all - server - generator).max(0.0);
        let limit = if inside.busy < BUSY_LIMIT {
            "waiting, for flushes or for too few doors"
        } else if others > OTHERS_LIMIT * all {
            "other programs on this machine: measure again when it is quiet"
        } else {
            "the processors"
        };
        format!(
            "{limit} (of {all} cores: server {server:.2}, generator {generator:.2}, \
             others and kernel {others:.2})"
        )
    }
}

/// A line of a table.
pub(super) fn row(name: &str, value: &str) {
    say::line(&format!("{name:<20} {value}"));
}

fn spread(spread: Spread) -> String {
    format!("p50 {:.2} ms, p99 {:.2} ms", ms(spread.p50), ms(spread.p99))
}
