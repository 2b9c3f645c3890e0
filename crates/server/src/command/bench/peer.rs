//! The brokers under test as child processes on free ports of loopback: ours and Mosquitto. Each is
//! killed when its value goes.
//!
//! Both are set alike: anybody may come, 100 messages in flight, no delay of small packets. Without
//! lasting sessions neither keeps anything on disk; with them Mosquitto writes and syncs all it has
//! every half hour and when it ends, but not before PUBACK. Source of Mosquitto's settings: mosquitto.conf(5).

use std::fmt::Write;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::certificate::certificate_files;
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

/// How a broker is set up.
#[derive(Clone, Copy)]
pub(super) struct SetUp<'a> {
    /// 0 takes a free one.
    pub(super) port: u16,
    pub(super) room: Room,
    /// Where lasting sessions are kept, if they are.
    pub(super) sessions: Option<&'a Path>,
    /// Where the certificate lies, if TLS is spoken.
    pub(super) certificate: Option<&'a Path>,
}

pub(super) struct Peer {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Peer {
    /// Ours; the listener is there when this returns.
    pub(super) fn ours(set_up: &SetUp<'_>) -> anyhow::Result<Self> {
        let mut command = koumen()?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, set_up.port));
        command
            .args(["bench", "broker", "--listen", &listen.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if set_up.room == Room::Deep {
            command.arg("--roomy");
        }
        if let Some(folder) = set_up.sessions {
            command.arg("--data").arg(folder);
        }
        if let Some(folder) = set_up.certificate {
            command.arg("--tls").arg(folder);
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
    pub(super) async fn mosquitto(folder: &Path, set_up: &SetUp<'_>) -> anyhow::Result<Self> {
        let address = match set_up.port {
            0 => free_address()?,
            port => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        };
        let file = folder.join("mosquitto.conf");
        std::fs::write(&file, settings(address.port(), set_up)?)?;
        // It says much about clients that go without a word, which is what ours do.
        let said = folder.join("mosquitto.log");
        let errors = File::create(&said)?;
        let mut child = run_mosquitto(|command| {
            command.arg("-c").arg(&file).stdin(Stdio::null());
            command.stderr(
                errors
                    .try_clone()
                    .map_or_else(|_| Stdio::null(), Stdio::from),
            );
        })?;
        let until = Stopwatch.now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if let Some(ended) = child.try_wait()? {
                let said = std::fs::read_to_string(&said)?;
                bail!("mosquitto ended at once: {ended}, {said}");
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

    /// SIGTERM; returns when it has written what it keeps and is gone.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let ended = self.child.wait()?;
        ensure!(ended.success(), "the broker did not end in order: {ended}");
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

fn settings(port: u16, set_up: &SetUp<'_>) -> anyhow::Result<String> {
    let mut settings = format!(
        "listener {port} 127.0.0.1\n\
         allow_anonymous true\n\
         user root\n\
         max_inflight_messages 100\n\
         max_queued_messages 0\n\
         set_tcp_nodelay true\n\
         log_dest stderr\n\
         log_type error\n"
    );
    match set_up.sessions {
        None => settings.push_str("persistence false\n"),
        Some(folder) => write!(
            settings,
            "persistence true\npersistence_location {}\n",
            folder.display()
        )?,
    }
    if let Some(folder) = set_up.certificate {
        let files = certificate_files(folder);
        let (certificate, key) = (files.certificate.display(), files.key.display());
        write!(settings, "certfile {certificate}\nkeyfile {key}\n")?;
    }
    Ok(settings)
}
