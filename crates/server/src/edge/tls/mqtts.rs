//! The accept loop of MQTT over TLS: handshakes here, the conversation is the broker's.

use std::net::SocketAddr;
use std::sync::Arc;

use broker::Broker;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::handshake::Tls;
use super::identity::showing;
use crate::edge::accept::{Held, Turnstile};
use crate::edge::peers::Peers;

/// Handshakes at once; the next ones wait in the listener's queue. What is signed in is counted by
/// the broker.
const HANDSHAKES_MAX: usize = 1024;

/// Handshakes that one address may have under way, so that one silent client cannot hold all of
/// them. A building behind one address that reconnects at once must find room.
const HANDSHAKES_PER_PEER: usize = 128;

/// Serves until stopped; returns when all its connections have ended.
pub(crate) async fn serve_mqtts(
    listener: TcpListener,
    tls: Arc<Tls>,
    broker: Broker,
    stop: CancellationToken,
) {
    let peers = Peers::new(HANDSHAKES_PER_PEER).but_loopback();
    let turnstile = Turnstile::new(HANDSHAKES_MAX, peers, "koumen_mqtt_refused_handshakes");
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = turnstile.accept(&listener) => accepted,
        };
        if let Some(arrived) = accepted {
            let (tls, broker) = (Arc::clone(&tls), broker.clone());
            connections.spawn(converse(arrived, tls, broker, stop.clone()));
        }
    }
    connections.close();
    connections.wait().await;
}

async fn converse(
    (stream, peer, held): (TcpStream, SocketAddr, Held),
    tls: Arc<Tls>,
    broker: Broker,
    stop: CancellationToken,
) {
    let secured = tokio::select! {
        () = stop.cancelled() => return,
        secured = tls.secure(stream) => secured,
    };
    drop(held);
    if let Ok(secured) = secured {
        let conversation = broker.serve_stream(secured.stream, peer, stop);
        showing(secured.subject, conversation).await;
    }
}
