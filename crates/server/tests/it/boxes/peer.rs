//! A raw peer of the protocol: it says what a test says, and hears everything but keep-alives.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

/// Longer than anything takes that is not broken.
const SOON: Duration = Duration::from_secs(20);

/// One connection.
pub(crate) struct Peer {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Peer {
    /// Connects from `ip` and keeps alive once, so that it is no silent stranger.
    pub(crate) async fn connect(ip: &str, to: SocketAddr) -> Self {
        let mut peer = Self::connect_silently(ip, to).await;
        peer.say("call_keep", &json!({})).await;
        peer
    }

    /// Connects from `ip` and says nothing.
    pub(crate) async fn connect_silently(ip: &str, to: SocketAddr) -> Self {
        Self::connect_by(TcpSocket::new_v4().unwrap(), ip, to).await
    }

    /// Connects by a socket that may be in another network.
    pub(crate) async fn connect_by(socket: TcpSocket, ip: &str, to: SocketAddr) -> Self {
        let ip: IpAddr = ip.parse().unwrap();
        socket.bind(SocketAddr::new(ip, 0)).unwrap();
        let stream = socket.connect(to).await.unwrap();
        Self::on(stream)
    }

    /// The next connection that somebody makes to `listener`.
    pub(crate) async fn accept(listener: &TcpListener) -> Self {
        let accepted = timeout(SOON, listener.accept()).await;
        let (stream, _) = accepted.expect("a call").unwrap();
        Self::on(stream)
    }

    fn on(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            heard: Vec::new(),
        }
    }

    pub(crate) async fn say(&mut self, name: &str, values: &Value) {
        let frame = json!({"id": "7", "name": name, "values": values});
        self.say_bytes(format!("{frame}\0").as_bytes()).await;
    }

    pub(crate) async fn say_bytes(&mut self, bytes: &[u8]) {
        self.try_say_bytes(bytes).await.unwrap();
    }

    /// Fails once the other side has closed.
    pub(crate) async fn try_say_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// The next message that is no keep-alive; none once the connection is closed.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            let frame = self.next_frame().await?;
            let frame: Value = serde_json::from_slice(&frame).unwrap();
            let name = frame["name"].as_str().unwrap().to_owned();
            if name != "call_keep" {
                return Some((name, frame["values"].clone()));
            }
        }
    }

    /// The values of the next message, which must have this name.
    pub(crate) async fn hear(&mut self, name: &str) -> Value {
        let (heard, values) = self.next().await.expect("a message");
        assert_eq!(heard, name, "{values}");
        values
    }

    /// Waits for the connection to be closed without another word.
    pub(crate) async fn hear_close(&mut self) {
        let next = self.next().await;
        assert_eq!(next, None);
    }

    /// The sid of an offer, after showing that it is known.
    pub(crate) async fn hear_offer(&mut self) -> String {
        let offer = self.hear("call_req").await;
        let sid = offer["sid"].as_str().unwrap().to_owned();
        self.say("call_keep", &json!({"sid": sid})).await;
        sid
    }

    async fn next_frame(&mut self) -> Option<Vec<u8>> {
        let mut chunk = [0; 4096];
        loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == 0) {
                let mut frame: Vec<u8> = self.heard.drain(..=end).collect();
                frame.pop();
                return Some(frame);
            }
            let read = timeout(SOON, self.stream.read(&mut chunk)).await;
            match read.expect("something is said or the connection closed") {
                Ok(0) | Err(_) => return None,
                Ok(length) => self.heard.extend_from_slice(&chunk[..length]),
            }
        }
    }
}
