//! One connection of S3: messages out, messages in, both sides kept alive.
//!
//! Says `call_keep` every two seconds from the moment it is connected, and holds the other side for
//! dead after fifteen without one. Everything is driven by whoever waits for the next message;
//! a channel that nobody waits on says nothing. Source: S3 §2.6.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use super::wire::{Frames, Join, Message, Profile, decode, encode, encode_join};
use crate::error::SimError;

const CONNECT_WAIT: Duration = Duration::from_secs(5);
const CLOSE_WAIT: Duration = Duration::from_secs(5);
/// Bytes that may wait for a peer that does not read: a minute of keep-alives and a few calls.
const UNSENT_BYTES_MAX: usize = 16 * 1024;
/// Longer than any message of a call.
const READ_BYTES: usize = 1024;

/// How a connection is kept alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepAlive {
    /// Between two keep-alives; none: says nothing, as a party that has gone.
    pub every: Option<Duration>,
    /// Without one from the other side for so long, it is dead.
    pub dead_after: Duration,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self {
            every: Some(Duration::from_secs(2)),
            dead_after: Duration::from_secs(15),
        }
    }
}

/// A connection. Dropping it closes the socket without a word.
pub struct Channel<S = TcpStream> {
    stream: S,
    profile: Profile,
    frames: Frames,
    unsent: Vec<u8>,
    keep: Option<Interval>,
    silence: Interval,
    dead_after: Duration,
    /// The call that keep-alives name.
    sid: Option<String>,
    /// Messages sent so far.
    number: u64,
}

impl Channel {
    /// Connects within five seconds; `from` is the address the other side shall see.
    pub async fn connect(
        to: SocketAddr,
        from: Option<IpAddr>,
        (profile, keep_alive): (Profile, KeepAlive),
    ) -> Result<Channel, SimError> {
        let connecting = async {
            let socket = match to {
                SocketAddr::V4(_) => TcpSocket::new_v4(),
                SocketAddr::V6(_) => TcpSocket::new_v6(),
            }?;
            if let Some(from) = from {
                socket.bind(SocketAddr::new(from, 0))?;
            }
            let stream = socket.connect(to).await?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        match timeout(CONNECT_WAIT, connecting).await {
            Ok(Ok(stream)) => Ok(Channel::over(stream, (profile, keep_alive))),
            Ok(Err(error)) => Err(ended(&error)),
            Err(_) => Err(SimError::LinkEnded {
                why: format!("no connection in {CONNECT_WAIT:?}"),
            }),
        }
    }

    /// Where the other side sees us.
    pub fn local_address(&self) -> Result<SocketAddr, SimError> {
        self.stream.local_addr().map_err(|error| ended(&error))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    /// Speaks over a stream that is there already.
    pub fn over(stream: S, (profile, keep_alive): (Profile, KeepAlive)) -> Self {
        let mut silence = interval(keep_alive.dead_after);
        silence.reset();
        let keep = keep_alive.every.map(|every| {
            let mut keep = interval(every);
            keep.set_missed_tick_behavior(MissedTickBehavior::Delay);
            keep
        });
        Self {
            stream,
            profile,
            frames: Frames::default(),
            unsent: Vec::new(),
            keep,
            silence,
            dead_after: keep_alive.dead_after,
            sid: None,
            number: 0,
        }
    }

    /// Which call keep-alives name from here on. The first leaves before anything else, which shows
    /// the other side that the call is known here.
    pub fn name_call(&mut self, sid: Option<String>) {
        self.sid = sid;
        if let (Some(keep), Some(sid)) = (&mut self.keep, self.sid.clone()) {
            keep.reset();
            self.post(&Message::Keep { sid: Some(sid) });
        }
    }

    /// Puts a message in line. It leaves with [`Channel::flush`], or while the next is waited for.
    pub fn post(&mut self, message: &Message) {
        self.number += 1;
        let bytes = encode(message, self.number, self.profile);
        self.unsent.extend_from_slice(&bytes);
    }

    /// Asks to be let in as a screen, in line like any message.
    pub fn join(&mut self, token: &str, device_id: &str) {
        self.number += 1;
        let join = Join {
            token,
            id: device_id,
        };
        let bytes = encode_join(&join, self.number, self.profile);
        self.unsent.extend_from_slice(&bytes);
    }

    /// Puts bytes in line that may be no message at all.
    pub fn post_raw(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
    }

    /// Waits until everything in line is with the system. Cancelling it loses nothing.
    pub async fn flush(&mut self) -> Result<(), SimError> {
        poll_fn(|waker| self.poll_flush(waker)).await
    }

    /// The next message that is not a keep-alive, keeping the connection alive meanwhile.
    ///
    /// Cancelling the wait loses no message. The end of the connection is
    /// [`SimError::LinkEnded`], a peer without keep-alives [`SimError::Silent`].
    pub async fn next(&mut self) -> Result<Message, SimError> {
        poll_fn(|waker| self.poll_next(waker)).await
    }

    /// [`Channel::next`] as a question.
    pub fn poll_next(&mut self, waker: &mut Context<'_>) -> Poll<Result<Message, SimError>> {
        loop {
            self.keep_alive(waker);
            if let Poll::Ready(Err(error)) = self.poll_flush(waker) {
                return Poll::Ready(Err(error));
            }
            let Some(frame) = self.frames.next() else {
                match self.poll_read(waker) {
                    Poll::Ready(read) => read?,
                    Poll::Pending => return self.poll_dead(waker),
                }
                continue;
            };
            let message = decode(&frame)?;
            if !matches!(message, Message::Keep { .. }) {
                return Poll::Ready(Ok(message));
            }
            self.silence.reset();
        }
    }

    /// Sends what is in line and closes; waits at most five seconds.
    pub async fn close(mut self) {
        let closing = async {
            if self.flush().await.is_ok() {
                // A peer that has gone already is as good.
                drop(self.stream.shutdown().await);
            }
        };
        drop(timeout(CLOSE_WAIT, closing).await);
    }

    fn keep_alive(&mut self, waker: &mut Context<'_>) {
        while let Some(keep) = &mut self.keep
            && keep.poll_tick(waker).is_ready()
        {
            let sid = self.sid.clone();
            self.post(&Message::Keep { sid });
        }
    }

    fn poll_flush(&mut self, waker: &mut Context<'_>) -> Poll<Result<(), SimError>> {
        while !self.unsent.is_empty() {
            let writing = Pin::new(&mut self.stream).poll_write(waker, &self.unsent);
            if writing.is_pending() && self.unsent.len() > UNSENT_BYTES_MAX {
                let why = format!("more than {UNSENT_BYTES_MAX} bytes unread");
                return Poll::Ready(Err(SimError::LinkEnded { why }));
            }
            let written = ready!(writing).map_err(|error| ended(&error))?;
            self.unsent.drain(..written);
        }
        Pin::new(&mut self.stream)
            .poll_flush(waker)
            .map_err(|error| ended(&error))
    }

    fn poll_read(&mut self, waker: &mut Context<'_>) -> Poll<Result<(), SimError>> {
        let mut room = [0; READ_BYTES];
        let mut buffer = ReadBuf::new(&mut room);
        let reading = Pin::new(&mut self.stream).poll_read(waker, &mut buffer);
        ready!(reading).map_err(|error| ended(&error))?;
        if buffer.filled().is_empty() {
            let why = "closed by the other side".to_owned();
            return Poll::Ready(Err(SimError::LinkEnded { why }));
        }
        Poll::Ready(self.frames.push(buffer.filled()))
    }

    fn poll_dead(&mut self, waker: &mut Context<'_>) -> Poll<Result<Message, SimError>> {
        ready!(self.silence.poll_tick(waker));
        Poll::Ready(Err(SimError::Silent(self.dead_after)))
    }
}

fn ended(error: &std::io::Error) -> SimError {
    SimError::LinkEnded {
        why: error.to_string(),
    }
}
