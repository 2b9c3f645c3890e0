//! `data/admin.sock`: administration of a running server from its own machine.
//!
//! One JSON line asks, one JSON line answers. The socket is open to the user the server runs as and
//! to nobody else; who may open it may read the database anyway.
//!
//! ```json
//! {"add_operator": {"name": "anna", "password": "…"}}
//! {"error": null}
//! ```

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use app::manage::Directory;
use app::secret::Secret;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

/// The longest line; a request has a name and a password.
const LINE_MAX: u64 = 4096;

/// Who asks must ask within this time, since the next one waits.
const REQUEST_WAIT: Duration = Duration::from_secs(10);

/// What can be asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AdminRequest {
    /// Adds an operator.
    AddOperator { name: String, password: String },
}

#[derive(Serialize, Deserialize)]
struct AdminReply {
    error: Option<String>,
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("admin.sock")
}

/// Opens the socket. The caller holds the data folder's lock, so a socket that is there belongs to
/// a process that is gone.
pub(crate) fn listen_admin(folder: &Path) -> anyhow::Result<UnixListener> {
    let path = socket(folder);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error)?,
        _ => {}
    }
    let listener = UnixListener::bind(&path).with_context(|| path.display().to_string())?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers requests, one after the other, until stopped.
pub(crate) async fn serve_admin(
    listener: UnixListener,
    directory: Arc<Directory>,
    stop: CancellationToken,
) {
    let serving = async {
        loop {
            if let Err(error) = serve_next(&listener, &directory).await {
                tracing::warn!(%error, "an administration request failed");
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = serving => {}
    }
}

async fn serve_next(listener: &UnixListener, directory: &Directory) -> anyhow::Result<()> {
    let (stream, _) = listener.accept().await?;
    tokio::time::timeout(REQUEST_WAIT, serve_one(stream, directory)).await?
}

async fn serve_one(stream: UnixStream, directory: &Directory) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    BufReader::new(read.take(LINE_MAX))
        .read_line(&mut line)
        .await?;
    let AdminRequest::AddOperator { name, password } = serde_json::from_str(&line)?;
    let done = directory.add_owner(&name, Secret::new(password)).await;
    let reply = AdminReply {
        error: done.err().map(|failure| failure.to_string()),
    };
    write
        .write_all(format!("{}\n", serde_json::to_string(&reply)?).as_bytes())
        .await?;
    Ok(())
}

/// Asks the running server to add an operator.
pub(crate) async fn add_operator_online(
    folder: &Path,
    request: &AdminRequest,
) -> anyhow::Result<()> {
    let path = socket(folder);
    let stream = UnixStream::connect(&path)
        .await
        .with_context(|| path.display().to_string())?;
    let (read, mut write) = stream.into_split();
    write
        .write_all(format!("{}\n", serde_json::to_string(request)?).as_bytes())
        .await?;
    let mut line = String::new();
    BufReader::new(read.take(LINE_MAX))
        .read_line(&mut line)
        .await?;
    let reply: AdminReply = serde_json::from_str(&line).context("the server's answer")?;
    reply.error.map_or(Ok(()), |error| Err(anyhow!(error)))
}
