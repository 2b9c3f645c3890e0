//! What the benches beside Mosquitto share: their options, the rounds in turn, medians, the table
//! and the line for programs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use sim::Target;

use super::certificate::Certificate;
use super::host::Host;
use super::meter::Usage;
use super::peer::{Peer, Room, SetUp, mosquitto_version};
use super::place::Place;
use super::report::rounded;
use super::table::row;
use crate::machine::{Stopwatch, raise_files};
use crate::say;

#[derive(Args)]
pub(super) struct Rounds {
    /// End with one line of JSON.
    #[arg(long)]
    json: bool,
    /// How often each broker is measured, in turn with the other; the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// Where to keep files for the time being; must be on a disk.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// What the two mean by it, which no ratio tells.
const DURABLE: &str = "ours: synced to disk before PUBACK; mosquitto: in memory, written and synced \
                       every half hour and when it ends, not before PUBACK";

/// How both brokers are spoken to.
#[derive(Args, Clone, Copy, Default)]
pub(super) struct Manner {
    /// Lasting sessions: ours syncs their messages to disk before PUBACK; Mosquitto keeps them in
    /// memory and writes them every half hour.
    #[arg(long, conflicts_with = "server")]
    pub(super) durable: bool,
    /// TLS, both with one self-signed certificate.
    #[arg(long, conflicts_with = "server")]
    pub(super) tls: bool,
}

/// Which broker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Mosquitto,
}

/// One bench while it runs.
pub(super) struct Pair {
    name: &'static str,
    json: bool,
    pub(super) rounds: u32,
    pub(super) place: Place,
    mosquitto: Option<String>,
    manner: Manner,
    certificate: Option<Certificate>,
}

impl Rounds {
    /// Fails early if Mosquitto is to be measured and is not there.
    pub(super) fn prepare(
        &self,
        name: &'static str,
        sides: &[Side],
        manner: Manner,
    ) -> anyhow::Result<Pair> {
        raise_files()?;
        let is_wanted = sides.contains(&Side::Mosquitto);
        let place = Place::make(self.folder.as_deref())?;
        let certificate = manner.tls.then(|| Certificate::make(place.path()));
        Ok(Pair {
            name,
            json: self.json,
            rounds: self.rounds,
            place,
            mosquitto: is_wanted.then(mosquitto_version).transpose()?,
            manner,
            certificate: certificate.transpose()?,
        })
    }
}

impl Side {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Mosquitto => "mosquitto",
        }
    }

    /// A process of it.
    pub(super) async fn start(self, place: &Place, set_up: &SetUp<'_>) -> anyhow::Result<Peer> {
        match self {
            Self::Ours => Peer::ours(set_up),
            Self::Mosquitto => Peer::mosquitto(place.path(), set_up).await,
        }
    }
}

impl Pair {
    /// A fresh process of that broker, spoken to in this bench's manner.
    pub(super) async fn start(&self, side: Side, room: Room) -> anyhow::Result<Peer> {
        let sessions = self.manner.durable.then(|| self.sessions_folder());
        let sessions = sessions.transpose()?;
        let certificate = self.certificate.as_ref();
        let set_up = SetUp {
            port: 0,
            room,
            sessions: sessions.as_deref(),
            certificate: certificate.map(|certificate| certificate.folder.as_path()),
        };
        side.start(&self.place, &set_up).await
    }

    /// An empty folder for a broker's sessions.
    pub(super) fn sessions_folder(&self) -> anyhow::Result<PathBuf> {
        let mut naming = tempfile::Builder::new();
        let folder = naming.prefix("sessions-").tempdir_in(self.place.path())?;
        Ok(folder.keep())
    }

    /// How the generator reaches a broker there.
    pub(super) fn target(&self, address: SocketAddr) -> Target {
        let certificate = self.certificate.as_ref();
        Target {
            address,
            tls: certificate.map(|certificate| Arc::clone(&certificate.client)),
        }
    }

    /// Says how far it is.
    pub(super) fn progress(&self, round: u32, what: &str) {
        say::line(&format!("round {} of {}: {what}", round + 1, self.rounds));
    }

    /// Ends with the table, and with the line for programs if that is wanted.
    pub(super) fn report(&self, settings: Value, rows: &[(&str, String)], figures: &Value) {
        let host = Host::look();
        let disk = &self.place.file_system;
        let (cores, memory, kernel) = (host.cores, host.memory_mb, &host.kernel);
        say::line("");
        row(
            "machine",
            &format!("{cores} cores, {memory} MB, Linux {kernel}, {disk}"),
        );
        let mut all = json!({
            "rounds": self.rounds, "koumen": env!("CARGO_PKG_VERSION"), "file_system": disk,
            "cores": cores, "memory_mb": memory, "kernel": kernel,
            "durable": self.manner.durable, "tls": self.manner.tls,
        });
        if let Some(version) = &self.mosquitto {
            row("mosquitto", version);
            all["mosquitto"] = json!(version);
        }
        row("koumen", env!("CARGO_PKG_VERSION"));
        row("settings", &words(&settings, self.rounds, self.manner));
        if self.manner.durable && self.mosquitto.is_some() {
            row("durable", DURABLE);
        }
        for (name, value) in rows {
            row(name, value);
        }
        if let (Value::Object(all), Value::Object(own)) = (&mut all, settings) {
            all.extend(own);
        }
        if self.json {
            let line = json!({"bench": self.name, "settings": all, "figures": figures});
            say::line(&line.to_string());
        }
    }
}

/// What is set, such as `clients 5000, seconds 10; median of 5, plain TCP, clean sessions`.
fn words(settings: &Value, rounds: u32, manner: Manner) -> String {
    let own = settings.as_object().into_iter().flatten();
    let own: Vec<String> = own
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{} {value}", name.replace('_', " ")))
        .collect();
    let own = own.join(", ");
    let wire = if manner.tls { "TLS" } else { "plain TCP" };
    let sessions = if manner.durable { "lasting" } else { "clean" };
    format!("{own}; median of {rounds}, {wire}, {sessions} sessions")
}

/// Processor use of a stretch of work, in cores.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) broker: f64,
    pub(super) generator: f64,
}

/// Readings at the beginning of such a stretch.
pub(super) struct Meters {
    process: u32,
    broker: Usage,
    generator: Usage,
    from: std::time::Instant,
}

impl Meters {
    pub(super) fn start(process: u32) -> anyhow::Result<Self> {
        Ok(Self {
            process,
            broker: Usage::of(process)?,
            generator: Usage::of(std::process::id())?,
            from: Stopwatch.now(),
        })
    }

    pub(super) fn stop(&self) -> anyhow::Result<Load> {
        let seconds = Stopwatch.now().duration_since(self.from).as_secs_f64();
        let share = |used: Usage| used.cpu_s / seconds.max(f64::EPSILON);
        Ok(Load {
            broker: share(Usage::of(self.process)?.since(self.broker)),
            generator: share(Usage::of(std::process::id())?.since(self.generator)),
        })
    }
}

/// The middle one of what was measured, the mean of two if there are two.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    (values[last / 2] + values[last.div_ceil(2)]) / 2.0
}

/// The first over the second; zero if there is no second.
pub(super) fn ratio(ours: f64, theirs: f64) -> f64 {
    if theirs > 0.0 {
        rounded(ours / theirs)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_one_in_any_order() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }
}
