//! An MQTT 3.1.1 client of a few bytes, which shows what the codes of refusals are and stays
//! connected.

use sim::ServerAddress;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::community::SOON;

/// The code of a SUBACK that refuses.
pub(crate) const REFUSED: u8 = 0x80;

/// What CONNECT shows.
#[derive(Clone, Copy)]
pub(crate) struct SignIn<'a> {
    pub(crate) client: &'a str,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    /// The topic of an empty will.
    pub(crate) will: Option<&'a str>,
}

pub(crate) struct Raw(TcpStream);

impl Raw {
    /// Connects with a clean session; the code of CONNACK.
    pub(crate) async fn open(server: &ServerAddress, sign_in: SignIn<'_>) -> (Self, u8) {
        Self::open_session(server, sign_in, true).await
    }

    /// Connects; the code of CONNACK.
    pub(crate) async fn open_session(
        server: &ServerAddress,
        sign_in: SignIn<'_>,
        is_clean: bool,
    ) -> (Self, u8) {
        let address = (&*server.mqtt_host, server.mqtt_port);
        let mut raw = Self(TcpStream::connect(address).await.unwrap());
        let mut body = [&text("MQTT")[..], &[4]].concat();
        let will = if sign_in.will.is_some() { 0x04 } else { 0 };
        body.push(0xC0 | will | if is_clean { 0x02 } else { 0 });
        body.extend([0, 0]);
        body.extend(text(sign_in.client));
        if let Some(topic) = sign_in.will {
            body.extend(text(topic));
            body.extend(text(""));
        }
        body.extend(text(sign_in.user));
        body.extend(text(sign_in.password));
        raw.send(0x10, &body).await;
        let code = raw.receive(0x20).await[1];
        (raw, code)
    }

    /// Its own end of the socket.
    pub(crate) fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    /// Subscribes at QoS 1; the code of SUBACK.
    pub(crate) async fn subscribe(&mut self, filter: &str) -> u8 {
        let body = [&[0, 1][..], &text(filter), &[1]].concat();
        self.send(0x82, &body).await;
        self.receive(0x90).await[2]
    }

    /// Publishes at QoS 1; returns after PUBACK.
    pub(crate) async fn publish(&mut self, topic: &str, payload: &str) {
        let body = [&text(topic)[..], &[0, 2], payload.as_bytes()].concat();
        self.send(0x32, &body).await;
        self.receive(0x40).await;
    }

    /// Waits for a message at QoS 1 and does not acknowledge it; the bytes of topic and payload.
    pub(crate) async fn heard(&mut self) -> usize {
        let framing = 2 + 2;
        self.receive(0x32).await.len() - framing
    }

    /// Waits for a message at QoS 0; its topic and JSON.
    pub(crate) async fn heard_plain(&mut self) -> (String, serde_json::Value) {
        let body = self.receive(0x30).await;
        let (length, rest) = body.split_at(2);
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let (topic, payload) = rest.split_at(length);
        let topic = String::from_utf8(topic.to_vec()).unwrap();
        (topic, serde_json::from_slice(payload).unwrap())
    }

    /// Returns when the server has closed the connection.
    pub(crate) async fn closed(mut self) {
        let mut rest = Vec::new();
        let reading = self.0.read_to_end(&mut rest);
        drop(tokio::time::timeout(SOON, reading).await.unwrap());
    }

    async fn send(&mut self, kind: u8, body: &[u8]) {
        let (low, high) = (body.len() % 128, body.len() / 128);
        let head = [
            kind,
            u8::try_from(low).unwrap() | 0x80,
            u8::try_from(high).unwrap(),
        ];
        self.0.write_all(&[&head, body].concat()).await.unwrap();
    }

    /// The next packet, which must be of this kind and below 16 KiB.
    async fn receive(&mut self, kind: u8) -> Vec<u8> {
        let read = async {
            assert_eq!(self.0.read_u8().await.unwrap(), kind);
            let low = usize::from(self.0.read_u8().await.unwrap());
            let high = match low & 0x80 {
                0 => 0,
                _ => usize::from(self.0.read_u8().await.unwrap()),
            };
            let mut body = vec![0; (low & 0x7F) + high * 128];
            self.0.read_exact(&mut body).await.unwrap();
            body
        };
        tokio::time::timeout(SOON, read).await.unwrap()
    }
}

fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&length, text.as_bytes()].concat()
}
