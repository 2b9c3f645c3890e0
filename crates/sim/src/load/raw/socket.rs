//! A connection with the bytes that came in and were not taken yet.

use std::io::ErrorKind;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;

use crate::load::error::LoadError;
use crate::load::stream::{Stream, Target};

/// Room for unread bytes of a call: several messages, of which the longest has about 1 kB.
pub(in crate::load) const CALL_BYTES: usize = 8 * 1024;

/// A whole message: its head, its body, and how many bytes it took; none if more are needed.
pub(in crate::load) type Whole<'a, Head> = Option<(Head, &'a [u8], usize)>;

pub(in crate::load) struct Socket {
    stream: Stream,
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Socket {
    /// Plain, for a call.
    pub(in crate::load) async fn connect(address: &str) -> Result<Self, LoadError> {
        Self::connect_with_room(address, CALL_BYTES).await
    }

    /// Plain; `room` bounds the unread bytes, and so the longest message.
    pub(in crate::load) async fn connect_with_room(
        address: &str,
        room: usize,
    ) -> Result<Self, LoadError> {
        Ok(Self::new(Stream::plain(address).await?, room))
    }

    /// Plain or by TLS; `room` as above.
    pub(in crate::load) async fn connect_to(
        target: &Target,
        room: usize,
    ) -> Result<Self, LoadError> {
        Ok(Self::new(Stream::to(target).await?, room))
    }

    fn new(stream: Stream, room: usize) -> Self {
        Self {
            stream,
            bytes: vec![0; room].into_boxed_slice(),
            start: 0,
            end: 0,
        }
    }

    /// What came in and was not taken.
    pub(in crate::load) fn unread(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Takes `count` of the unread bytes.
    pub(in crate::load) fn take(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Reads at least one byte.
    pub(in crate::load) fn poll_fill(
        &mut self,
        waker: &mut Context<'_>,
    ) -> Poll<Result<(), LoadError>> {
        if self.end == self.bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.bytes.len() {
            return Poll::Ready(Err(LoadError::Unexpected(
                "a message above the room for one",
            )));
        }
        let mut room = ReadBuf::new(&mut self.bytes[self.end..]);
        ready!(self.stream.poll_read(waker, &mut room))?;
        let count = room.filled().len();
        self.end += count;
        Poll::Ready(if count == 0 {
            Err(LoadError::Closed)
        } else {
            Ok(())
        })
    }

    pub(in crate::load) async fn send(&mut self, bytes: &[u8]) -> Result<(), LoadError> {
        Ok(self.stream.send(bytes).await?)
    }

    /// Whether the server has closed a plain connection on which nothing is awaited.
    pub(in crate::load) fn is_closed(&self) -> bool {
        let mut one = [0];
        match self.stream.try_read(&mut one) {
            Ok(_) => true,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }
}
