//! MQTT over WebSocket at `/mqtt`: frames as a byte stream. Source: MQTT 3.1.1 §6, MQTT 5 §6.
//!
//! Packets may be split over frames and frames may hold several packets, so this only joins bytes.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Extension;
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use broker::Broker;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;

use crate::edge::tls::{Subject, showing};

/// A frame larger than the largest packet is refused.
const FRAME_BYTES_MAX: usize = 256 * 1024;

/// The other end of an HTTP connection.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// Whom its certificate names, if it showed one.
    pub(crate) subject: Option<Subject>,
}

impl Peer {
    /// One that could show no certificate.
    pub(crate) fn plain(address: SocketAddr) -> Self {
        Self {
            address,
            subject: None,
        }
    }
}

/// The route to the broker.
pub(crate) fn routes(broker: Broker, stop: CancellationToken) -> Router {
    let open = move |Extension(peer): Extension<Peer>, upgrade: WebSocketUpgrade| {
        let (broker, stop) = (broker.clone(), stop.clone());
        std::future::ready(accept(upgrade, broker, peer, stop))
    };
    Router::new().route("/mqtt", get(open))
}

fn accept(
    upgrade: WebSocketUpgrade,
    broker: Broker,
    peer: Peer,
    stop: CancellationToken,
) -> Response {
    let upgrade = upgrade
        .protocols(["mqtt", "mqttv3.1"])
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX);
    if upgrade.selected_protocol().is_none() {
        return (StatusCode::BAD_REQUEST, "the subprotocol must be mqtt").into_response();
    }
    upgrade.on_upgrade(move |socket| async move {
        let conversation = broker.serve_stream(Joined::new(socket), peer.address, stop);
        showing(peer.subject, conversation).await;
    })
}

/// A WebSocket as a byte stream.
struct Joined {
    socket: WebSocket,
    unread: Bytes,
}

impl Joined {
    fn new(socket: WebSocket) -> Self {
        Self {
            socket,
            unread: Bytes::new(),
        }
    }
}

impl AsyncRead for Joined {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            match ready!(Pin::new(&mut self.socket).poll_next(context)) {
                Some(Ok(Message::Binary(bytes))) => self.unread = bytes,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(Ok(())),
                Some(Ok(Message::Text(_))) => {
                    let why = "MQTT travels in binary frames";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)));
                }
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
            }
        }
        let length = self.unread.len().min(buffer.remaining());
        buffer.put_slice(&self.unread.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Joined {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let socket = Pin::new(&mut self.socket);
        ready!(socket.poll_ready(context)).map_err(io::Error::other)?;
        let frame = Message::Binary(Bytes::copy_from_slice(bytes));
        let sent = Pin::new(&mut self.socket)
            .start_send(frame)
            .map_err(io::Error::other);
        // Without a flush the frame would wait in the socket's buffer for company.
        if let Poll::Ready(Err(error)) = Pin::new(&mut self.socket).poll_flush(context) {
            return Poll::Ready(Err(io::Error::other(error)));
        }
        Poll::Ready(sent.map(|()| bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket)
            .poll_flush(context)
            .map_err(io::Error::other)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket)
            .poll_close(context)
            .map_err(io::Error::other)
    }
}
