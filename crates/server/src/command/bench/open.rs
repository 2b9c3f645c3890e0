//! The broker crate served alone, to anybody who comes: the process that the benches of MQTT
//! measure. Hidden and for loopback only, because it knows no rights.
//!
//! It lives as long as its standard input is open, so it ends with whoever started it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, ensure};
use broker::{Broker, Connect, Hooks, Incoming, Limits, Link, Principal, Refusal, Verdict};
use clap::Args;
use futures_util::future::BoxFuture;
use storage::{FolderLock, SessionStore};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::certificate::certificate_files;
use crate::edge::{Tls, serve_mqtt, serve_mqtts};
use crate::say;

/// Messages and bytes that may wait for one session where the bench floods it: what the machine
/// has, so that nothing is lost to a limit, as with Mosquitto's `max_queued_messages 0`.
const ROOMY_MESSAGES: usize = 100_000_000;
const ROOMY_BYTES: usize = 16 << 30;

#[derive(Args)]
pub(in crate::command) struct Open {
    /// Where to listen, on loopback; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Let as many messages wait for a session as there is memory.
    #[arg(long)]
    roomy: bool,
    /// Keep lasting sessions in this folder, as the server does.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Serve TLS with the certificate in this folder.
    #[arg(long, value_name = "FOLDER")]
    tls: Option<PathBuf>,
}

impl Open {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        ensure!(
            self.listen.ip().is_loopback(),
            "a broker that lets everybody in listens on loopback only"
        );
        let listener = broker::listen(self.listen).context("the broker under test")?;
        let stop = CancellationToken::new();
        stop_with_input(stop.clone())?;
        say::line(&format!("mqtt {}", listener.local_addr()?));
        match &self.data {
            None => {
                let broker = Broker::new(self.limits(), Arc::new(Everybody));
                self.serve(listener, broker, stop).await
            }
            Some(folder) => self.serve_lasting(folder, listener, stop).await,
        }
    }

    async fn serve_lasting(
        &self,
        folder: &Path,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let _lock = FolderLock::take(folder)?;
        let (sessions, kept) = SessionStore::open(folder)?;
        let sessions = Arc::new(sessions);
        let journal = Arc::clone(&sessions) as _;
        let broker = Broker::with_journal(self.limits(), Arc::new(Everybody), journal, kept);
        self.serve(listener, broker, stop).await?;
        Ok(sessions.close()?)
    }

    /// Plain on a thread of its own and TLS on the workers, as the server does.
    async fn serve(
        &self,
        listener: TcpListener,
        broker: Broker,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let Some(folder) = &self.tls else {
            return Ok(serve_mqtt(listener, broker, stop)?.await?);
        };
        let tls = Arc::new(Tls::load(certificate_files(folder))?);
        let serving = TaskTracker::new();
        serving.spawn(serve_mqtts(listener, tls, broker.clone(), stop.clone()));
        serving.close();
        broker.sweep_until(stop).await;
        serving.wait().await;
        Ok(())
    }

    fn limits(&self) -> Limits {
        let usual = Limits::default();
        if !self.roomy {
            return usual;
        }
        Limits {
            queue_messages_max: ROOMY_MESSAGES,
            queue_bytes_max: ROOMY_BYTES,
            ..usual
        }
    }
}

fn stop_with_input(stop: CancellationToken) -> anyhow::Result<()> {
    let watch = move || {
        // However reading ends, nobody is there any more.
        drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        stop.cancel();
    };
    std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(watch)
        .context("the thread that waits for the end of the input")?;
    Ok(())
}

/// Lets everybody do everything. A client's subject is its id.
struct Everybody;

impl Hooks for Everybody {
    fn authenticate<'a>(
        &'a self,
        connect: Connect<'a>,
    ) -> BoxFuture<'a, Result<Principal, Refusal>> {
        let subject = connect.client_id.into();
        Box::pin(async move { Ok(Principal { subject, tag: 0 }) })
    }

    fn allow_subscribe(&self, _link: &Link, _filter: &str) -> bool {
        true
    }

    fn allow_publish(&self, _link: &Link, _topic: &str, _retain: bool) -> bool {
        true
    }

    fn on_publish(&self, _link: &Link, _publish: Incoming) -> Verdict {
        Verdict::Forward
    }
}
