//! What was measured: a table for people, one line of JSON for programs.

use serde::Serialize;
use sim::{Paced, Saturated, Spread};

use super::host::Host;
use super::meter::Usage;
use super::place::ms;
use crate::say;

/// Above this share of all cores, the processors are what limits.
const BUSY_LIMIT: f64 = 0.9;

/// How the run was set up.
#[derive(Serialize)]
pub(super) struct RunSettings {
    pub(super) doors: usize,
    pub(super) phones: usize,
    pub(super) seconds: u64,
    pub(super) warm_up_s: u64,
    pub(super) rate_per_s: u32,
    /// Of another server, where there is no child.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_system: Option<String>,
    #[serde(flatten)]
    pub(super) host: Host,
}

/// What only a server of our own lets us see.
pub(super) struct Inside {
    pub(super) flush: Spread,
    pub(super) server: Usage,
    pub(super) generator: Usage,
    /// Share of all cores in use, by whomever.
    pub(super) busy: f64,
}

pub(super) struct Report {
    pub(super) settings: RunSettings,
    pub(super) reconnect: Spread,
    pub(super) saturated: Saturated,
    pub(super) paced: Paced,
    pub(super) inside: Option<Inside>,
}

#[derive(Serialize)]
struct Line<'a> {
    bench: &'static str,
    settings: &'a RunSettings,
    figures: Figures,
}

#[derive(Serialize)]
struct Figures {
    completed_per_s: f64,
    success: f64,
    press_to_incoming_ms: Delay,
    answer_to_door_ms: Delay,
    answer_to_losers_ms: Delay,
    #[serde(skip_serializing_if = "Option::is_none")]
    fsync_ms: Option<Delay>,
    reconnect_ms: Tail,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_written_per_call: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_cpu_ms_per_call: Option<f64>,
}

#[derive(Serialize)]
struct Delay {
    p50: f64,
    p99: f64,
}

#[derive(Serialize)]
struct Tail {
    p99: f64,
}

impl From<Spread> for Delay {
    fn from(spread: Spread) -> Self {
        Self {
            p50: ms(spread.p50),
            p99: ms(spread.p99),
        }
    }
}

impl Report {
    /// The line for programs.
    pub(super) fn to_json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(&Line {
            bench: "calls",
            settings: &self.settings,
            figures: self.figures(),
        })?)
    }

    fn figures(&self) -> Figures {
        let per_call = |used: f64| used / self.completed_in_window().max(1.0);
        let inside = self.inside.as_ref();
        Figures {
            completed_per_s: rounded(self.completed_per_s()),
            success: self.success(),
            press_to_incoming_ms: self.paced.press_to_incoming.into(),
            answer_to_door_ms: self.paced.answer_to_door.into(),
            answer_to_losers_ms: self.paced.answer_to_losers.into(),
            fsync_ms: inside.map(|inside| inside.flush.into()),
            reconnect_ms: Tail {
                p99: ms(self.reconnect.p99),
            },
            bytes_written_per_call: inside
                .map(|inside| rounded(per_call(inside.server.written)).round()),
            server_cpu_ms_per_call: inside
                .map(|inside| rounded(per_call(inside.server.cpu_s * 1e3))),
        }
    }

    fn completed_in_window(&self) -> f64 {
        as_f64(self.saturated.completed_in_window)
    }

    fn completed_per_s(&self) -> f64 {
        self.completed_in_window() / self.saturated.window.as_secs_f64().max(f64::EPSILON)
    }

    /// Of both phases.
    fn success(&self) -> f64 {
        let (saturated, paced) = (&self.saturated, &self.paced);
        let started = saturated.started + paced.started;
        as_f64(saturated.completed + paced.completed) / as_f64(started.max(1))
    }

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
        row("registration", "not served yet");
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
        let cores = |usage: Usage| usage.cpu_s / window;
        let shares = format!(
            "server {:.2}, generator {:.2} of {} cores, machine {:.0} % busy",
            cores(inside.server),
            cores(inside.generator),
            self.settings.host.cores,
            inside.busy * 100.0
        );
        if inside.busy > BUSY_LIMIT {
            format!("the processors ({shares})")
        } else {
            format!("waiting, for flushes or for too few doors ({shares})")
        }
    }
}

fn row(name: &str, value: &str) {
    say::line(&format!("{name:<20} {value}"));
}

fn spread(spread: Spread) -> String {
    format!("p50 {:.2} ms, p99 {:.2} ms", ms(spread.p50), ms(spread.p99))
}

fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
