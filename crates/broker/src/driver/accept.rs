//! Accepting: one task per connection, all of them ended before `serve` returns.
//! Knows no packets; also sweeps what no connection waits for.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::handshake;
use super::shared::{Place, Shared};
use crate::hooks::TurnedAway;

/// Connections the kernel holds before we accept them: a whole building that reconnects after a
/// power cut comes at once.
const BACKLOG: u32 = 4096;

/// How late an absent session may end or a delayed will be published.
const SWEEP: Duration = Duration::from_secs(1);

/// Pause after a failed accept, which mostly means no free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Binds a listener with a backlog that stands a crowd. Must be called inside a runtime.
///
/// # Errors
/// The address is taken or not ours.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

pub(super) async fn serve(
    shared: &Arc<Shared>,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()> {
    let tasks = TaskTracker::new();
    let mut sweep = pin!(sweep_until(shared, stop.clone()));
    loop {
        tokio::select! {
            () = sweep.as_mut() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => start(shared, &tasks, stream, peer, &stop),
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// Ends absent sessions and publishes delayed wills, and has the journal write what nobody waits
/// for.
pub(super) async fn sweep_until(shared: &Arc<Shared>, stop: CancellationToken) {
    let mut sweep = tokio::time::interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = sweep.tick() => {
                shared.step(|core, now, fx| core.sweep(now, fx));
                shared.flush();
            }
        }
    }
}

fn start(
    shared: &Arc<Shared>,
    tasks: &TaskTracker,
    stream: TcpStream,
    peer: SocketAddr,
    stop: &CancellationToken,
) {
    let Some(place) = Place::take(shared) else {
        tracing::warn!(%peer, "too many connections");
        shared.hooks.on_turned_away(None, TurnedAway::Full);
        return;
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "the peer is gone already");
        return;
    }
    let (shared, stop) = (Arc::clone(shared), stop.clone());
    tasks.spawn(async move { converse(&shared, stream, peer, &stop, place).await });
}

/// One stream from CONNECT to its end.
pub(super) async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Arc<Shared>,
    stream: S,
    peer: SocketAddr,
    stop: &CancellationToken,
    _place: Place,
) {
    let opened = tokio::select! {
        () = stop.cancelled() => None,
        opened = handshake::open(shared, stream, peer) => opened,
    };
    if let Some(connection) = opened {
        connection.run(stop).await;
    }
}
