//! The server under test: this very binary as a child process, with an operator.
//!
//! It listens on free ports of loopback and is killed when this value goes.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use sim::{Operator, ServerAddress};

use super::meter::resident_mb;
use super::place::ms;
use crate::machine::{Stopwatch, wall_ms};

/// A made-up media key, so that calls carry signed credentials as in earnest.
const TRTC: [(&str, &str); 2] = [
    ("KOUMEN__TRTC__SDK_APP_ID", "1400000000"),
    (
        "KOUMEN__TRTC__SECRET_KEY",
        "bench0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
    ),
];

/// The disk under the server.
#[derive(Clone, Copy)]
pub(super) enum Disk {
    AsItIs,
    /// Each commit takes so much longer.
    Slower(Duration),
}

/// Listeners of the boxes that a server hosts, on free ports of loopback.
const BOXES: [(&str, &str); 3] = [
    ("KOUMEN__SMARTBOX__HOME", ANY),
    ("KOUMEN__SMARTBOX__COMMUNITY", ANY),
    ("KOUMEN__SMARTBOX__CENTRE", ANY),
];

/// What the server calls its listeners.
const HOME: &str = "smartbox home";
const COMMUNITY: &str = "smartbox community";

const ANY: &str = "127.0.0.1:0";

pub(super) struct Server {
    child: Child,
    /// Open as long as the server may say something.
    output: BufReader<ChildStdout>,
    ready_after: Duration,
}

/// Where a server with hosted boxes listens.
pub(super) struct BoxAddress {
    /// HTTP; there is no MQTT.
    pub(super) server: ServerAddress,
    /// For screens.
    pub(super) home: SocketAddr,
    /// For units at entrances.
    pub(super) community: SocketAddr,
}

/// What a server said of itself until it was ready: a name and an address each.
struct Introduction(Vec<(String, String)>);

impl Server {
    /// Starts a server on the folder; settings come from the environment only.
    pub(super) fn start(folder: &Path, disk: Disk) -> anyhow::Result<(Self, ServerAddress)> {
        let mut command = serve(disk)?;
        command.args(["--mqtt", ANY]).envs(TRTC);
        let (server, said) = Self::ready(command, folder)?;
        let http = format!("http://{}", said.of("http")?);
        Ok((server, address(http, said.of("mqtt")?)?))
    }

    /// Starts a server that speaks to boxes, screens and units alone.
    pub(super) fn start_boxes(folder: &Path) -> anyhow::Result<(Self, BoxAddress)> {
        let mut command = serve(Disk::AsItIs)?;
        command.args(["--mqtt", "off"]).envs(BOXES);
        let (server, said) = Self::ready(command, folder)?;
        let at = BoxAddress {
            server: ServerAddress {
                http: format!("http://{}", said.of("http")?),
                mqtt_host: String::new(),
                mqtt_port: 0,
                clock: wall_ms,
            },
            home: said.of(HOME)?.parse()?,
            community: said.of(COMMUNITY)?.parse()?,
        };
        Ok((server, at))
    }

    fn ready(mut command: Command, folder: &Path) -> anyhow::Result<(Self, Introduction)> {
        let began = Stopwatch.now();
        let mut child = command
            .args(["--http", ANY, "--data"])
            .arg(folder)
            // A loaded door presses more often than a person; the limit is not what is measured.
            .env("KOUMEN__LIMITS__CALLS_PER_MIN", "0")
            .env("KOUMEN__LIMITS__LOGINS_PER_MIN", "0")
            .env("KOUMEN__LIMITS__REGISTRATIONS_PER_MIN", "0")
            .env("KOUMEN_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server under test")?;
        let output = child.stdout.take().context("the server's output")?;
        // Made before the wait, so that a server that does not get ready is killed all the same.
        let mut server = Self {
            child,
            output: BufReader::new(output),
            ready_after: Duration::ZERO,
        };
        let said = Introduction::read(&mut server.output)?;
        server.ready_after = Stopwatch.now().duration_since(began);
        Ok((server, said))
    }

    /// How long it took to start, and what it holds in memory at rest, for people.
    pub(super) fn at_rest(&self) -> anyhow::Result<String> {
        let resident = resident_mb(self.process())?;
        let ready = ms(self.ready_after);
        Ok(format!(
            "ready after {ready:.0} ms, {resident:.1} MB resident at rest"
        ))
    }

    /// The process, for its meters.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Introduction {
    fn read(output: &mut impl BufRead) -> anyhow::Result<Self> {
        let mut said = Vec::new();
        for line in output.lines() {
            let line = line?;
            if line == "ready" {
                return Ok(Self(said));
            }
            if let Some((name, address)) = line.rsplit_once(' ') {
                said.push((name.to_owned(), address.to_owned()));
            }
        }
        bail!("the server did not start")
    }

    fn of(&self, name: &str) -> anyhow::Result<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        let address = found.map(|(_, address)| address.as_str());
        address.with_context(|| format!("the server did not say where {name} listens"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A child that is gone already is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn serve(disk: Disk) -> anyhow::Result<Command> {
    let mut command = koumen()?;
    match disk {
        Disk::AsItIs => command.arg("serve"),
        Disk::Slower(by) => {
            let fsync_ms = by.as_millis().to_string();
            command.args(["bench", "slow-serve", "--fsync-ms", &fsync_ms])
        }
    };
    Ok(command)
}

/// Adds an operator as a person would, on the command line, while the server runs.
pub(super) fn add_operator(folder: &Path, operator: &Operator) -> anyhow::Result<()> {
    let mut adding = koumen()?
        .args(["operator", "add", &operator.name, "--password-stdin"])
        .arg("--data")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut password) = adding.stdin.take() {
        password.write_all(operator.password.as_bytes())?;
    }
    ensure!(adding.wait()?.success(), "the operator could not be added");
    Ok(())
}

pub(super) fn address(http: String, mqtt: &str) -> anyhow::Result<ServerAddress> {
    let (host, port) = mqtt.rsplit_once(':').context("MQTT needs HOST:PORT")?;
    Ok(ServerAddress {
        http,
        mqtt_host: host.to_owned(),
        mqtt_port: port.parse().context("the MQTT port")?,
        clock: wall_ms,
    })
}

/// This binary, without the settings of whoever runs it.
pub(super) fn koumen() -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env_remove("KOUMEN_CONFIG");
    Ok(command)
}
