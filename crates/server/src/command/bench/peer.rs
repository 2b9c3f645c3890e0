//! The brokers under test as child processes on free ports of loopback: ours and Mosquitto. Each is
//! killed when its value goes.
//!
//! Both are set alike: anybody may come, 100 messages in flight, no delay of small packets, no
//! persistence. Source of Mosquitto's settings: mosquitto.conf(5).

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use super::child::koumen;
use crate::machine::Stopwatch;

/// Where Debian keeps it, which is not on everybody's path.
const MOSQUITTOS: [&str; 2] = ["mosquitto", "/usr/sbin/mosquitto"];

/// How long Mosquitto may take to listen; it takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks whether it listens.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// Messages that may wait for a session of ours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// As many as in the server.
    Usual,
    /// As many as there is memory for.
    Deep,
}

pub(super) struct Peer {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Peer {
    /// Ours. Port 0 takes a free one; the listener is there when this returns.
    pub(super) fn ours(port: u16, room: Room) -> anyhow::Result<Self> {
        Self::with(port, room, None)
    }

    /// Ours, with lasting sessions in that folder.
    pub(super) fn lasting(port: u16, folder: &Path) -> anyhow::Result<Self> {
        Self::with(port, Room::Usual, Some(folder))
    }

    fn with(port: u16, room: Room, folder: Option<&Path>) -> anyhow::Result<Self> {
        let mut command = koumen()?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        command
            .args(["bench", "broker", "--listen", &listen.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if room == Room::Deep {
            command.arg("--roomy");
        }
        if let Some(folder) = folder {
            command.arg("--data").arg(folder);
        }
        let child = command.spawn().context("the broker under test")?;
        let mut peer = Self {
            child,
            address: listen,
        };
        let output = peer.child.stdout.take().context("the broker's output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("mqtt ");
        peer.address = address
            .with_context(|| format!("the broker said `{line}`"))?
            .parse()?;
        Ok(peer)
    }

    /// Mosquitto, with its settings in that folder.
    pub(super) async fn mosquitto(folder: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let file = folder.join("mosquitto.conf");
        std::fs::write(&file, settings(address.port()))?;
        let mut child = run_mosquitto(|command| {
            command.arg("-c").arg(&file).stdin(Stdio::null());
        })?;
        let until = Stopwatch.now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if let Some(ended) = child.try_wait()? {
                bail!("mosquitto ended at once: {ended}");
            }
            ensure!(Stopwatch.now() < until, "mosquitto does not listen");
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        Ok(Self { child, address })
    }

    /// The process, for its meters.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`; returns when it is gone.
    pub(super) fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // A child that is gone already is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What Mosquitto calls itself; also shows that it is there.
pub(super) fn mosquitto_version() -> anyhow::Result<String> {
    let child = run_mosquitto(|command| {
        command.arg("-h").stdout(Stdio::piped());
    })?;
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default();
    Ok(line.trim_start_matches("mosquitto version ").to_owned())
}

fn run_mosquitto(prepare: impl Fn(&mut Command)) -> anyhow::Result<Child> {
    for name in MOSQUITTOS {
        let mut command = Command::new(name);
        prepare(&mut command);
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            started => return started.with_context(|| name.to_owned()),
        }
    }
    bail!(
        "mosquitto is missing, the broker that ours is measured beside (Debian package mosquitto, \
         which `cargo xtask test` installs as root)"
    )
}

/// Free at this moment; Mosquitto cannot be asked which port it took.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn settings(port: u16) -> String {
    format!(
        "listener {port} 127.0.0.1\n\
         allow_anonymous true\n\
         persistence false\n\
         max_inflight_messages 100\n\
         max_queued_messages 0\n\
         set_tcp_nodelay true\n\
         log_dest stderr\n\
         log_type error\n"
    )
}
