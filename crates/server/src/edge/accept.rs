//! Accepting TCP connections within limits: so many in all, so many of each peer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use app::seats::Seat;
use metrics::counter;
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::edge::peers::Peers;

/// Pause after a failed accept, which mostly means no free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long bytes may wait for the peer's machine to take them, also after the connection was closed.
const UNTAKEN_MS: u32 = 10_000;

/// What a connection takes from the limits, until it is dropped.
pub(super) type Held = (OwnedSemaphorePermit, Option<Seat<IpAddr>>);

/// Counts who comes in. Clones share their limits.
#[derive(Clone)]
pub(crate) struct Turnstile {
    free: Arc<Semaphore>,
    peers: Peers,
    /// The counter of those that were closed without a word.
    refused: &'static str,
}

impl Turnstile {
    /// Lets `max` in at once, and of each peer as many as `peers` says.
    pub(crate) fn new(max: usize, peers: Peers, refused: &'static str) -> Self {
        let free = Arc::new(Semaphore::new(max));
        Self {
            free,
            peers,
            refused,
        }
    }

    /// The next connection; waits while too many are in. None if it failed or its peer has too
    /// many already.
    pub(super) async fn accept(
        &self,
        listener: &TcpListener,
    ) -> Option<(TcpStream, SocketAddr, Held)> {
        let permit = Arc::clone(&self.free).acquire_owned().await.ok()?;
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                return None;
            }
        };
        let Ok(seat) = self.peers.take(peer.ip()) else {
            tracing::debug!(%peer, "too many connections of this peer");
            counter!(self.refused).increment(1);
            return None;
        };
        // An order to open a door that waits for a peer out of reach must not arrive when it is back.
        if let Err(error) = set_tcp_user_timeout(&stream, UNTAKEN_MS) {
            tracing::debug!(%error, "no TCP_USER_TIMEOUT");
        }
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        Some((stream, peer, (permit, seat)))
    }
}
