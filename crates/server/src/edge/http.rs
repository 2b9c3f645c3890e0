//! The HTTP accept loop: limits on connections, a time-out on headers, an orderly end.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::edge::accept::Turnstile;
use crate::edge::peers::Peers;
use crate::edge::socket::Socket;
use crate::edge::tls::{Secured, Tls};
use crate::edge::websocket::Peer;

/// Connections at once, upgraded ones included; the next ones wait in the listener's queue. More
/// than the broker takes, so that phones over WebSocket do not crowd everybody else out.
const CONNECTIONS_MAX: usize = 24_576;

/// A client that has not sent its headers by then is gone or means harm.
const HEADERS_WAIT: Duration = Duration::from_secs(10);

/// How long requests may finish when the server stops.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// The limits of HTTP, for all its listeners together.
pub(crate) fn http_turnstile(peers: Peers) -> Turnstile {
    Turnstile::new(CONNECTIONS_MAX, peers, "koumen_http_refused_connections")
}

/// A listener, what it serves, and how.
pub(crate) struct HttpFront {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
    pub(crate) turnstile: Turnstile,
    /// None is plain HTTP.
    pub(crate) tls: Option<Arc<Tls>>,
}

/// Serves until stopped, then lets running requests finish. Who has too many connections already is
/// closed without an answer.
pub(crate) async fn serve_http(front: HttpFront, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = front.turnstile.accept(&front.listener) => accepted,
        };
        let Some((stream, peer, held)) = accepted else {
            continue;
        };
        let (socket, router) = (Socket::new(stream, held), front.router.clone());
        match &front.tls {
            None => {
                let peer = Peer::plain(peer);
                connections.spawn(serve_one(socket, peer, router, stop.clone()));
            }
            Some(tls) => {
                let tls = Arc::clone(tls);
                connections.spawn(serve_secure(socket, peer, tls, router, stop.clone()));
            }
        }
    }
    connections.close();
    if tokio::time::timeout(STOP_WAIT, connections.wait())
        .await
        .is_err()
    {
        tracing::warn!("requests were cut off at the stop");
    }
}

async fn serve_secure<S>(
    socket: S,
    address: SocketAddr,
    tls: Arc<Tls>,
    router: Router,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let secured = tokio::select! {
        () = stop.cancelled() => return,
        secured = tls.secure(socket) => secured,
    };
    if let Ok(Secured { stream, subject }) = secured {
        serve_one(stream, Peer { address, subject }, router, stop).await;
    }
}

/// Serves one connection; at the stop it finishes the request that is running.
async fn serve_one<S>(socket: S, peer: Peer, router: Router, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer.clone());
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WAIT)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "an HTTP connection ended badly");
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::{Body, Bytes};
    use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
    use axum::routing::get;
    use futures_util::stream::repeat;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::net::TcpStream;
    use tokio_util::sync::DropGuard;

    use super::*;

    /// Longer than anything takes that is not broken.
    const SOON: Duration = Duration::from_secs(20);

    const ASK: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

    const UPGRADE: &str = "GET /upgrade HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
        upgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /// A server on loopback, which it counts, until it is dropped.
    struct Served {
        address: SocketAddr,
        _stop: DropGuard,
    }

    impl Served {
        async fn start(connections_per_peer: usize) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = Router::new()
                .route("/", get(async || "hello"))
                .route("/upgrade", get(upgrade));
            let stop = CancellationToken::new();
            let front = HttpFront {
                listener,
                router,
                turnstile: http_turnstile(Peers::new(connections_per_peer)),
                tls: None,
            };
            TaskTracker::new().spawn(serve_http(front, stop.clone()));
            Self {
                address,
                _stop: stop.drop_guard(),
            }
        }

        /// Asks on a connection of its own until this was said; none if it was closed instead.
        async fn ask(&self, request: &str, until: &str) -> Option<TcpStream> {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut heard = Vec::new();
            while !heard.ends_with(until.as_bytes()) {
                let length = stream.read_buf(&mut heard).await.ok()?;
                (length > 0).then_some(())?;
            }
            Some(stream)
        }

        async fn ask_until_let_in(&self) {
            let asking = async { while self.ask(ASK, "hello").await.is_none() {} };
            tokio::time::timeout(SOON, asking).await.unwrap();
        }
    }

    async fn upgrade(upgrade: WebSocketUpgrade) -> axum::response::Response {
        upgrade.on_upgrade(async |mut socket: WebSocket| {
            socket.send(Message::text("welcome")).await.unwrap();
            while socket.recv().await.is_some_and(|heard| heard.is_ok()) {}
        })
    }

    #[tokio::test]
    async fn one_connection_too_many_is_closed_until_another_ends() {
        let served = Served::start(2).await;
        let first = served.ask(ASK, "hello").await.unwrap();
        let _second = served.ask(ASK, "hello").await.unwrap();

        assert!(served.ask(ASK, "hello").await.is_none());
        drop(first);

        served.ask_until_let_in().await;
    }

    #[tokio::test]
    async fn an_upgraded_connection_counts_as_long_as_it_lasts() {
        let served = Served::start(1).await;
        let upgraded = served.ask(UPGRADE, "welcome").await.unwrap();

        assert!(served.ask(ASK, "hello").await.is_none());
        drop(upgraded);

        served.ask_until_let_in().await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_reads_ends_its_connection() {
        let endless = || Body::from_stream(repeat(Ok::<_, Infallible>(Bytes::from("more"))));
        let router = Router::new().route("/", get(async move || endless()));
        let (near, mut far) = duplex(1024);
        let held = Arc::new(());
        let socket = Socket::new(near, Arc::clone(&held));
        let peer = Peer::plain(SocketAddr::from(([192, 0, 2, 1], 1)));
        far.write_all(ASK.as_bytes()).await.unwrap();

        let serving = serve_one(socket, peer, router, CancellationToken::new());
        let served = tokio::time::timeout(Duration::from_secs(3600), serving).await;

        assert!(served.is_ok());
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
