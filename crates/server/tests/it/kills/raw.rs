//! The broker alone as a process that can be killed, and a client of MQTT 3.1.1 that does what it is
//! told and nothing by itself: it acknowledges when a test says so.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::community::SOON;
use crate::running::KOUMEN;

/// Keeps its sessions in a folder.
pub(super) struct LoneBroker {
    child: Child,
    pub(super) address: SocketAddr,
}

impl LoneBroker {
    pub(super) fn start(folder: &Path) -> Self {
        Self::start_at("127.0.0.1:0", folder)
    }

    fn start_at(listen: &str, folder: &Path) -> Self {
        let mut child = Command::new(KOUMEN)
            .args(["bench", "broker", "--listen", listen, "--data"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("mqtt ").unwrap().parse().unwrap();
        Self { child, address }
    }

    /// `kill -9`, and started again on the same port.
    pub(super) fn kill_and_start(mut self, folder: &Path) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        Self::start_at(&self.address.to_string(), folder)
    }

    /// Stopped in order, and started again on the same port.
    pub(super) fn stop_and_start(mut self, folder: &Path) -> Self {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
        Self::start_at(&self.address.to_string(), folder)
    }
}

impl Drop for LoneBroker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a client heard.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Publish {
        payload: String,
        /// 0 at QoS 0.
        packet: u16,
        again: bool,
    },
    PubAck(u16),
    SubAck,
    Pong,
    Closed,
}

pub(super) struct Raw {
    stream: TcpStream,
    pub(super) session_present: bool,
}

/// A will at QoS 0.
pub(super) struct LastWord<'a>(pub(super) &'a str);

impl Raw {
    pub(super) fn connect(address: SocketAddr, client: &str, clean: bool) -> Self {
        Self::with(address, client, clean, None)
    }

    pub(super) fn with(
        address: SocketAddr,
        client: &str,
        clean: bool,
        will: Option<LastWord<'_>>,
    ) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut raw = Self {
            stream,
            session_present: false,
        };
        let flags = (u8::from(clean) << 1) | (u8::from(will.is_some()) << 2);
        let mut body = [&[0, 4][..], b"MQTT", &[4, flags, 0, 0]].concat();
        body.extend(text(client));
        if let Some(LastWord(topic)) = will {
            body.extend(text(topic));
            body.extend(text("gone"));
        }
        raw.send(0x10, &body);
        let (kind, body) = raw.packet().expect("CONNACK");
        assert_eq!((kind, body[1]), (0x20, 0), "refused");
        raw.session_present = body[0] == 1;
        raw
    }

    pub(super) fn subscribe(&mut self, filter: &str) {
        let body = [&[0, 1][..], &text(filter), &[1]].concat();
        self.send(0x82, &body);
        assert_eq!(self.hear(), Heard::SubAck);
    }

    /// At QoS 1.
    pub(super) fn publish(&mut self, topic: &str, payload: &str, packet: u16, retain: bool) {
        let head = text(topic);
        let body = [&head[..], &packet.to_be_bytes(), payload.as_bytes()].concat();
        self.send(0x32 | u8::from(retain), &body);
    }

    pub(super) fn acknowledge(&mut self, packet: u16) {
        self.send(0x40, &packet.to_be_bytes());
    }

    /// Ends the connection; returns when the broker knows it.
    pub(super) fn disconnect(mut self) {
        self.send(0xE0, &[]);
        while self.packet().is_some() {}
    }

    /// Returns when the broker has taken all that was sent.
    pub(super) fn sync(&mut self) {
        self.send(0xC0, &[]);
        assert_eq!(self.hear(), Heard::Pong);
    }

    pub(super) fn hear(&mut self) -> Heard {
        let Some((kind, body)) = self.packet() else {
            return Heard::Closed;
        };
        let number = |at: usize| u16::from_be_bytes([body[at], body[at + 1]]);
        match kind >> 4 {
            3 => {
                let topic = usize::from(number(0));
                let (packet, from) = match kind & 0b110 {
                    0 => (0, 2 + topic),
                    _ => (number(2 + topic), 4 + topic),
                };
                Heard::Publish {
                    payload: String::from_utf8(body[from..].to_vec()).unwrap(),
                    packet,
                    again: kind & 0b1000 > 0,
                }
            }
            4 => Heard::PubAck(number(0)),
            9 => Heard::SubAck,
            13 => Heard::Pong,
            _ => panic!("packet {kind:#x}"),
        }
    }

    /// Hears and acknowledges so many messages; in the order in which they came.
    pub(super) fn take(&mut self, count: usize) -> Vec<String> {
        (0..count)
            .map(|_| match self.hear() {
                Heard::Publish {
                    payload, packet, ..
                } => {
                    if packet > 0 {
                        self.acknowledge(packet);
                    }
                    payload
                }
                other @ (Heard::PubAck(_) | Heard::SubAck | Heard::Pong | Heard::Closed) => {
                    panic!("{other:?}")
                }
            })
            .collect()
    }

    fn send(&mut self, kind: u8, body: &[u8]) {
        let mut frame = vec![kind];
        let mut length = body.len();
        loop {
            let low = u8::try_from(length % 128).unwrap();
            length /= 128;
            frame.push(low | (u8::from(length > 0) << 7));
            if length == 0 {
                break;
            }
        }
        frame.extend(body);
        self.stream.write_all(&frame).unwrap();
    }

    /// None: the broker has closed.
    fn packet(&mut self) -> Option<(u8, Vec<u8>)> {
        let kind = self.byte()?;
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 128 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        Some((kind, body))
    }

    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        match self.stream.read_exact(&mut byte) {
            Ok(()) => Some(byte[0]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("nothing comes"),
            Err(_) => None,
        }
    }
}

fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}
