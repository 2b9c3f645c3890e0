//! The three situations, one after the other, on one data folder.
//!
//! The storm has a thread of its own, so that what is measured does not wait behind it in the
//! generator; both share the machine's cores with the server.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use sim::{
    Clocks, Community, Home, Load, LoadError, Operator, ServerAddress, Spread, Storm, Wave,
    make_community,
};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::outcome::{Measured, Outcome};
use crate::command::bench::child::{Disk, Server, add_operator};
use crate::command::bench::host::Host;
use crate::command::bench::idle::affordable;
use crate::command::bench::pair::Meters;
use crate::command::bench::place::{Place, ms};
use crate::command::bench::table::row;
use crate::machine::{Stopwatch, run_apart, wall_ms};
use crate::say;

pub(in crate::command::bench) const EXAMPLES: &str = "Examples:
  koumen bench press
  koumen bench press --json --seconds 5 --clients 1000 --fsync-ms 20";

/// Doors that press in turn: at 20 calls/s enough for calls that take three seconds each.
const DOORS: usize = 64;

/// Calls before each measurement that do not count: caches are cold.
const WARM_UP: Duration = Duration::from_secs(1);

#[derive(Args)]
pub(in crate::command) struct Press {
    /// End with one line of JSON.
    #[arg(long)]
    json: bool,
    /// How long each situation is measured.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Calls per second, far below what the server can do.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    per_s: u32,
    /// How many phones come back at once; each needs a file descriptor on each side.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=15_000))]
    clients: u32,
    /// How much longer each fsync takes on the slow disk.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1000))]
    fsync_ms: u64,
    /// Where to keep the server's data for the time being; must be on a disk.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Whose phones come back, and how many they are.
struct Crowd {
    server: ServerAddress,
    homes: Vec<Home>,
    phones: usize,
}

impl Press {
    pub(in crate::command::bench) async fn measure(&self) -> anyhow::Result<()> {
        let clients = affordable(self.clients)?;
        let phones = usize::try_from(clients)?;
        let place = Place::make(self.folder.as_deref())?;
        let flush = place.flush()?;
        let data = place.path().join("data");

        let (server, address) = Server::start(&data, Disk::AsItIs)?;
        let count = DOORS + Storm::homes(phones);
        let mut doors = make_homes(&data, &address, count).await?;
        let crowd = Crowd {
            server: address.clone(),
            homes: doors.homes.split_off(DOORS),
            phones,
        };
        let mut load = connect(&address, &doors).await?;
        say::line("quiet …");
        let quiet = self.pace(&server, &mut load).await?;
        let (storm, waves) = self.in_storm(&server, &mut load, crowd).await?;
        drop((load, server));

        say::line(&format!("each fsync takes {} ms longer …", self.fsync_ms));
        let by = Duration::from_millis(self.fsync_ms);
        let (server, address) = Server::start(&data, Disk::Slower(by))?;
        let mut load = connect(&address, &doors).await?;
        let slow = self.pace(&server, &mut load).await?;
        let outcome = Outcome {
            quiet,
            storm,
            waves,
            slow,
        };
        self.report(&place, (clients, flush), &outcome);
        Ok(())
    }

    /// Whole calls at the steady rate.
    async fn pace(&self, server: &Server, load: &mut Load) -> anyhow::Result<Measured> {
        load.pace(self.per_s, WARM_UP).await;
        let meters = Meters::start(server.process())?;
        let length = Duration::from_secs(self.seconds);
        let paced = load.pace(self.per_s, length).await;
        Ok(Measured {
            paced,
            cores: meters.stop()?,
        })
    }

    /// The same in a storm that begins before the first call and ends after the last.
    async fn in_storm(
        &self,
        server: &Server,
        load: &mut Load,
        crowd: Crowd,
    ) -> anyhow::Result<(Measured, Vec<Wave>)> {
        say::line(&format!("{} phones connect …", crowd.phones));
        let (begun, beginning) = oneshot::channel();
        let over = CancellationToken::new();
        let _over_at_last = over.clone().drop_guard();
        let calm = over.clone();
        let mut storming = pin!(run_apart("storm", || rage(crowd, begun, calm))?);
        tokio::select! {
            ended = &mut storming => {
                ended.context("the phones")?;
                bail!("the storm ended before it began");
            }
            begun = beginning => begun.context("the storm")?,
        }
        say::line("they all come back, again and again …");
        let measured = self.pace(server, load).await?;
        over.cancel();
        let waves = storming.await.context("the storm")?;
        Ok((measured, waves))
    }

    fn report(&self, place: &Place, (clients, flush): (u32, Spread), outcome: &Outcome) {
        let host = Host::look();
        let (cores, memory, kernel) = (host.cores, host.memory_mb, &host.kernel);
        let (disk, flush) = (&place.file_system, ms(flush.p50));
        let (per_s, seconds) = (self.per_s, self.seconds);
        say::line("");
        row(
            "machine",
            &format!("{cores} cores, {memory} MB, Linux {kernel}, {disk}, {flush:.2} ms per flush"),
        );
        row(
            "settings",
            &format!("{DOORS} doors, {per_s} calls/s, {seconds} s in each situation"),
        );
        row("from press", "to incoming at each of two phones");
        outcome.show(clients, self.fsync_ms);
        if self.json {
            let settings = json!({
                "doors": DOORS, "per_s": per_s, "seconds": seconds, "clients": clients,
                "fsync_ms": self.fsync_ms, "file_system": disk, "flush_ms": flush,
                "cores": cores, "memory_mb": memory, "kernel": kernel,
            });
            let figures = outcome.to_json();
            let line = json!({"bench": "press", "settings": settings, "figures": figures});
            say::line(&line.to_string());
        }
    }
}

/// Has everybody come, then go and come back until it is over; the wave under way counts no more.
async fn rage(
    crowd: Crowd,
    begun: oneshot::Sender<()>,
    over: CancellationToken,
) -> Result<Vec<Wave>, LoadError> {
    let phones = (crowd.homes.as_slice(), crowd.phones);
    let mut storm = Storm::gather(&crowd.server, phones, || Stopwatch.now()).await?;
    let mut waves = Vec::new();
    if begun.send(()).is_err() {
        return Ok(waves);
    }
    loop {
        tokio::select! {
            () = over.cancelled() => return Ok(waves),
            wave = storm.wave() => waves.push(wave?),
        }
    }
}

async fn make_homes(
    data: &Path,
    address: &ServerAddress,
    count: usize,
) -> anyhow::Result<Community> {
    let operator = Operator {
        name: "bench".to_owned(),
        password: "bench-operator".to_owned(),
    };
    add_operator(data, &operator)?;
    let mut progress = |made: usize| {
        if made.is_multiple_of(64) || made == count {
            say::line(&format!("{made} of {count} households made"));
        }
    };
    make_community(address, &operator, ("bench", count), &mut progress)
        .await
        .context("the community")
}

async fn connect(address: &ServerAddress, community: &Community) -> anyhow::Result<Load> {
    let clocks = Clocks {
        monotonic: || Stopwatch.now(),
        wall_ms,
    };
    Load::connect(address, community, clocks)
        .await
        .context("connecting the community")
}
