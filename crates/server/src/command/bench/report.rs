//! What was measured, and the figures that programs read.

use serde::Serialize;
use sim::{Paced, Saturated, Spread};

use super::host::Host;
use super::meter::Usage;
use super::place::ms;

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
    /// None where the server does not serve it.
    pub(super) registration: Option<Spread>,
    /// Calls on record at the end.
    pub(super) records: usize,
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
pub(super) struct Figures {
    pub(super) completed_per_s: f64,
    success: f64,
    press_to_incoming_ms: Delay,
    answer_to_door_ms: Delay,
    answer_to_losers_ms: Delay,
    #[serde(skip_serializing_if = "Option::is_none")]
    fsync_ms: Option<Delay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_ms: Option<Tail>,
    reconnect_ms: Tail,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bytes_written_per_call: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) server_cpu_ms_per_call: Option<f64>,
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

impl From<Spread> for Tail {
    fn from(spread: Spread) -> Self {
        Self {
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

    pub(super) fn figures(&self) -> Figures {
        let per_call = |used: f64| used / self.completed_in_window().max(1.0);
        let inside = self.inside.as_ref();
        Figures {
            completed_per_s: rounded(self.completed_per_s()),
            success: self.success(),
            press_to_incoming_ms: self.paced.press_to_incoming.into(),
            answer_to_door_ms: self.paced.answer_to_door.into(),
            answer_to_losers_ms: self.paced.answer_to_losers.into(),
            fsync_ms: inside.map(|inside| inside.flush.into()),
            registration_ms: self.registration.map(Tail::from),
            reconnect_ms: self.reconnect.into(),
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
}

/// Three digits after the point.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// A count as a number to reckon with.
pub(super) fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
