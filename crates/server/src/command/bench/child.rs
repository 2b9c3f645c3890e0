//! The server under test: this very binary as a child process, with an operator.
//!
//! It listens on free ports of loopback and is killed when this value goes.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
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

pub(super) struct Server {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    ready_after: Duration,
}

impl Server {
    /// Starts a server on the folder; settings come from the environment only.
    pub(super) fn start(folder: &Path, disk: Disk) -> anyhow::Result<(Self, ServerAddress)> {
        let any = "127.0.0.1:0";
        let began = Stopwatch.now();
        let mut child = serve(disk)?
            .args(["--http", any, "--mqtt", any, "--data"])
            // A loaded door presses more often than a person; the limit is not what is measured.
            .env("KOUMEN__LIMITS__CALLS_PER_MIN", "0")
            .env("KOUMEN__LIMITS__LOGINS_PER_MIN", "0")
            .env("KOUMEN__LIMITS__REGISTRATIONS_PER_MIN", "0")
            .arg(folder)
            .envs(TRTC)
            .env("KOUMEN_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server under test")?;
        let output = child.stdout.take().context("the server's output")?;
        let mut server = Self {
            child,
            lines: BufReader::new(output).lines(),
            ready_after: Duration::ZERO,
        };
        let http = format!("http://{}", server.word("http")?);
        let mqtt = server.word("mqtt")?;
        server.word("ready")?;
        server.ready_after = Stopwatch.now().duration_since(began);
        Ok((server, address(http, &mqtt)?))
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

    fn word(&mut self, name: &str) -> anyhow::Result<String> {
        let line = self.lines.next().context("the server did not start")??;
        let word = line.strip_prefix(name);
        let word = word.with_context(|| format!("the server said `{line}`, not `{name}`"))?;
        Ok(word.trim().to_owned())
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
