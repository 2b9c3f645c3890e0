//! A connection as frames in and messages out.

use std::io;
use std::time::Duration;

use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wire::{DecodeError, Frame, FrameReader, Message, Profile, decode, encode};

/// How long a peer may take to take a message; one that reads no more is lost.
const WRITE: Duration = Duration::from_secs(5);

/// How long bytes may wait for the peer's machine to take them, also after the connection was closed.
const UNTAKEN_MS: u32 = 10_000;

const CHUNK: usize = 4096;

pub(super) struct Socket {
    stream: TcpStream,
    reader: FrameReader,
    chunk: Box<[u8; CHUNK]>,
    profile: Profile,
    said: u64,
}

/// What came.
pub(super) enum Heard {
    Frame(Box<Frame>),
    /// A frame that is no message.
    Nonsense(DecodeError),
    /// Bytes that complete no frame.
    Part,
    /// Nothing more will come: the peer closed, or sent too much without a NUL.
    Over,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, profile: Profile) -> Self {
        // What is not taken in this time must not arrive later: it may open a door.
        if let Err(error) = set_tcp_user_timeout(&stream, UNTAKEN_MS) {
            tracing::debug!(%error, "no TCP_USER_TIMEOUT");
        }
        Self {
            stream,
            reader: FrameReader::new(),
            chunk: Box::new([0; CHUNK]),
            profile,
            said: 0,
        }
    }

    /// From now on it is spoken to in these words.
    pub(super) fn set_profile(&mut self, profile: Profile) {
        self.profile = profile;
    }

    /// The next frame. May be cancelled at any time without losing anything.
    pub(super) async fn hear(&mut self) -> Heard {
        if let Some(heard) = self.next_frame() {
            return heard;
        }
        let length = match self.stream.read(&mut self.chunk[..]).await {
            Ok(length) if length > 0 => length,
            Ok(_) | Err(_) => return Heard::Over,
        };
        let pushed = self.reader.push(&self.chunk[..length]);
        match self.next_frame() {
            Some(heard) => heard,
            None if pushed.is_err() => Heard::Over,
            None => Heard::Part,
        }
    }

    fn next_frame(&mut self) -> Option<Heard> {
        let frame = self.reader.next_frame()?;
        Some(match decode(&frame) {
            Ok(frame) => Heard::Frame(Box::new(frame)),
            Err(fault) => Heard::Nonsense(fault),
        })
    }

    pub(super) async fn say(&mut self, message: &Message) -> io::Result<()> {
        self.said += 1;
        let bytes = encode(message, &self.said.to_string(), self.profile);
        timeout(WRITE, self.stream.write_all(&bytes)).await?
    }

    /// From now on closing throws away what the peer has not taken.
    pub(super) fn cut(&mut self) {
        if let Err(error) = self.stream.set_zero_linger() {
            tracing::debug!(%error, "a connection could not be cut");
        }
    }

    /// Lets what was said arrive, and closes.
    pub(super) async fn close(&mut self) {
        // A peer that is gone need not be told.
        drop(timeout(WRITE, self.stream.shutdown()).await);
    }
}
