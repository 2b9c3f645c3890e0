//! `koumen bench calls`: whole calls against a server of its own, or another one.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use sim::{Clocks, Load, Mark, Operator, ServerAddress, count_records, make_community};

use super::child::{Disk, Server, add_operator, address};
use super::host::Host;
use super::meter::{Busy, Usage};
use super::place::Place;
use super::report::{Inside, Report, RunSettings};
use crate::machine::{Stopwatch, wall_ms};
use crate::say;

pub(super) const EXAMPLES: &str = "Examples:
  koumen bench calls
  koumen bench calls --json --seconds 30 --doors 100
  koumen bench calls --server http://10.0.0.5:8080 --mqtt 10.0.0.5:1883 --operator anna

The password of the operator of another server comes from KOUMEN_BENCH_PASSWORD.";

const WARM_UP: Duration = Duration::from_secs(2);

/// Calls per second of the phase at a fixed rate: a busy district's evening, far below saturation.
const RATE_PER_S: u32 = 300;

/// Connections and registrations that are timed: two beyond a 99th percentile.
const REPEATS: usize = 200;

#[derive(Args)]
pub(in crate::command) struct Calls {
    /// End with one line of JSON.
    #[arg(long)]
    json: bool,
    /// How long each phase measures.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How many doors, each with two phones; a door needs 6 file descriptors on each side.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    doors: u32,
    /// Where to keep the server's data for the time being; must be on a disk.
    #[arg(long, value_name = "FOLDER", conflicts_with = "server")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    other: Other,
}

/// A server that runs already.
#[derive(Args)]
struct Other {
    /// Measure another server, which keeps the made-up community.
    #[arg(long, value_name = "ADDRESS", requires_all = ["mqtt", "operator", "password"])]
    server: Option<String>,
    /// Its MQTT listener.
    #[arg(long, value_name = "HOST:PORT", requires = "server")]
    mqtt: Option<String>,
    /// An operator of it.
    #[arg(long, value_name = "NAME", requires = "server")]
    operator: Option<String>,
    /// The operator's password.
    #[arg(
        long,
        env = "KOUMEN_BENCH_PASSWORD",
        hide = true,
        hide_env_values = true
    )]
    password: Option<String>,
}

/// The server that is measured and, if it is ours, what stands behind it. Fields go in order: the
/// process before its folder.
struct Subject {
    address: ServerAddress,
    operator: Operator,
    child: Option<Server>,
    place: Option<Place>,
}

/// Readings at one edge of the measured window.
#[derive(Clone, Copy)]
struct Reading {
    server: Usage,
    generator: Usage,
    busy: Busy,
}

impl Calls {
    pub(super) async fn measure(&self) -> anyhow::Result<()> {
        let subject = self.subject()?;
        let flush = subject.place.as_ref().map(Place::flush).transpose()?;
        let run = format!("bench{:x}", wall_ms());
        let mut load = self.load(&subject, &run).await?;
        let reconnect = load.reconnect(REPEATS).await?;

        say::line("saturation …");
        let mut readings = Vec::new();
        let mut mark = |_: Mark| readings.extend(subject.read());
        let window = Duration::from_secs(self.seconds);
        let saturated = load.saturate((WARM_UP, window), &mut mark).await;
        say::line(&format!("{RATE_PER_S} calls/s …"));
        let paced = load.pace(RATE_PER_S, window).await;
        let registration = load.register(REPEATS).await?;
        let records = count_records(&subject.address, &subject.operator, &run).await?;
        let completed = saturated.completed_ever + paced.completed;
        ensure!(
            records >= completed,
            "{completed} calls were completed, but only {records} are on record"
        );

        let report = Report {
            settings: self.settings(&subject),
            reconnect,
            registration,
            records,
            saturated,
            paced,
            inside: flush.and_then(|flush| {
                let [before, after] = readings.try_into().ok()?;
                Some(inside(flush, before, after))
            }),
        };
        report.show();
        if self.json {
            say::line(&report.to_json()?);
        }
        Ok(())
    }

    fn subject(&self) -> anyhow::Result<Subject> {
        if let Some(http) = &self.other.server {
            let given = |value: &Option<String>| value.clone().unwrap_or_default();
            let operator = Operator {
                name: given(&self.other.operator),
                password: given(&self.other.password),
            };
            return Ok(Subject {
                address: address(http.clone(), &given(&self.other.mqtt))?,
                operator,
                child: None,
                place: None,
            });
        }
        let operator = Operator {
            name: "bench".to_owned(),
            password: "bench-operator".to_owned(),
        };
        let place = Place::make(self.folder.as_deref())?;
        let data = place.path().join("data");
        let (child, address) = Server::start(&data, Disk::AsItIs)?;
        say::line(&child.at_rest()?);
        add_operator(&data, &operator)?;
        Ok(Subject {
            address,
            operator,
            child: Some(child),
            place: Some(place),
        })
    }

    /// Makes the community and connects it.
    async fn load(&self, subject: &Subject, run: &str) -> anyhow::Result<Load> {
        let doors = usize::try_from(self.doors)?;
        let mut progress = |made: usize| {
            if made.is_multiple_of(64) || made == doors {
                say::line(&format!("{made} of {doors} households made"));
            }
        };
        let (address, operator) = (&subject.address, &subject.operator);
        let community = make_community(address, operator, (run, doors), &mut progress)
            .await
            .context("the community")?;
        let clocks = Clocks {
            monotonic: || Stopwatch.now(),
            wall_ms,
        };
        Load::connect(address, &community, clocks)
            .await
            .context("connecting the community")
    }

    fn settings(&self, subject: &Subject) -> RunSettings {
        let doors = usize::try_from(self.doors).unwrap_or(usize::MAX);
        let place = subject.place.as_ref();
        RunSettings {
            doors,
            phones: doors * 2,
            seconds: self.seconds,
            warm_up_s: WARM_UP.as_secs(),
            rate_per_s: RATE_PER_S,
            server: self.other.server.clone(),
            file_system: place.map(|place| place.file_system.clone()),
            host: Host::look(),
        }
    }
}

impl Subject {
    /// None where the server is another's, or a meter cannot be read.
    fn read(&self) -> Option<Reading> {
        Some(Reading {
            server: Usage::of(self.child.as_ref()?.process()).ok()?,
            generator: Usage::of(std::process::id()).ok()?,
            busy: Busy::look().ok()?,
        })
    }
}

fn inside(flush: sim::Spread, before: Reading, after: Reading) -> Inside {
    Inside {
        flush,
        server: after.server.since(before.server),
        generator: after.generator.since(before.generator),
        busy: after.busy.share_since(before.busy),
    }
}
