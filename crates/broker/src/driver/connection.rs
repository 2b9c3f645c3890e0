//! The task of one link, from CONNACK to its end. Order of its loop, each with its limit:
//!
//! 1. stop: DISCONNECT 0x8B, bytes left are written for at most [`LINGER`];
//! 2. outgoing bytes, until the socket is full (`outgoing_bytes_max`, `stall_life`);
//! 3. incoming packets, unless tickets or outgoing bytes stand at their bound; then those go first
//!    whom they reached;
//! 4. the alarm: keep-alive (not while we do not read), tickets, expiries, stalled writing.
//!
//! Knows sockets and time; what packets mean is in `requests.rs` and the core.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use super::alarm::Alarm;
use super::shared::Shared;
use super::{clock, socket};
use crate::core::Turn;
use crate::link::{DisconnectReason, Link};
use crate::ticket::Waiting;
use crate::wire::{Decoder, Fault};

/// How long the last bytes of an ended link may take.
const LINGER: Duration = Duration::from_secs(2);

/// One link and its stream.
pub(super) struct Connection<S> {
    pub(super) stream: S,
    pub(super) session: Attached,
    pub(super) decoder: Decoder,
    pub(super) inbox: BytesMut,
    pub(super) outbox: BytesMut,
    /// Bytes of `outbox` written and not yet told to the core.
    pub(super) wrote: usize,
    /// The stream may hold written bytes back until it is flushed.
    pub(super) unflushed: bool,
    /// `inbox` may hold whole packets.
    pub(super) leftover: bool,
    /// One and a half keep-alive times; None: never.
    pub(super) silence_max: Option<Duration>,
    pub(super) heard: Instant,
    /// Since when the socket takes nothing.
    pub(super) stalled: Option<Instant>,
    pub(super) turn: Turn,
    pub(super) alarm: Alarm,
}

/// The core's side of a link; its end is told exactly once, however the task ends.
pub(super) struct Attached {
    pub(super) shared: Arc<Shared>,
    pub(super) link: Link,
    /// Where its tickets report.
    pub(super) home: Arc<dyn Waiting>,
    pub(super) is_told: bool,
}

impl Attached {
    pub(super) fn end(&self, reason: DisconnectReason, fault: Option<Fault>) {
        self.shared
            .step(|core, now, fx| core.detach(self.link.id, reason, fault, now, fx));
    }

    fn tell_granted(&self) {
        let link = self.link.id;
        let granted = self.shared.step(|core, _, _| core.take_granted(link));
        if !granted.is_empty() {
            self.shared.hooks.on_subscribed(&self.link, &granted);
        }
    }

    fn tell(&mut self, reason: DisconnectReason) {
        if !std::mem::replace(&mut self.is_told, true) {
            self.shared.hooks.on_disconnected(&self.link, reason);
        }
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.end(DisconnectReason::Closed, None);
        self.shared.step(|core, _, _| core.forget(self.link.id));
        if !std::thread::panicking() {
            self.tell(DisconnectReason::Closed);
        }
    }
}

enum Event {
    Stop,
    Closing(DisconnectReason),
    /// There are bytes to decode.
    Heard,
    /// The stream ended or failed.
    Ended,
    Alarm,
}

/// Lets those who were woken write first: a message is awaited, its acknowledgement is not. Unlike
/// `yield_now` of tokio, it does not ask the kernel for news before they had their turn.
async fn give_way() {
    let mut is_back = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut is_back, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) async fn run(mut self, stop: &CancellationToken) {
        let mut stopped = pin!(stop.cancelled());
        let reason = loop {
            match poll_fn(|cx| self.poll(cx, stopped.as_mut())).await {
                Event::Closing(reason) => break reason,
                Event::Stop => {
                    self.session
                        .end(DisconnectReason::Stopping, Some(Fault::STOPPING));
                }
                Event::Heard => {
                    self.decode();
                    give_way().await;
                }
                Event::Ended => self.session.end(DisconnectReason::Closed, None),
                Event::Alarm => self.check_deadlines(),
            }
        };
        self.session.tell(reason);
        if !matches!(
            reason,
            DisconnectReason::Closed | DisconnectReason::SlowReader
        ) {
            self.linger().await;
        }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        stopped: Pin<&mut WaitForCancellationFuture<'_>>,
    ) -> Poll<Event> {
        if self.turn.closing.is_none() && stopped.poll(cx).is_ready() {
            // The next exchange brings the end, so this is not polled again.
            self.turn.closing = Some(DisconnectReason::Stopping);
            return Poll::Ready(Event::Stop);
        }
        if let Err(error) = self.exchange(cx) {
            tracing::debug!(link = self.session.link.id.0, %error, "write failed");
            return Poll::Ready(Event::Ended);
        }
        if let Some(reason) = self.turn.closing {
            return Poll::Ready(Event::Closing(reason));
        }
        if self.turn.reading {
            if self.leftover {
                return Poll::Ready(Event::Heard);
            }
            match socket::poll_read(&mut self.stream, cx, &mut self.inbox) {
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Event::Ended),
                Poll::Ready(Ok(_)) => {
                    self.heard = clock::now();
                    return Poll::Ready(Event::Heard);
                }
                Poll::Pending => {}
            }
        }
        let due = self.due();
        self.alarm.poll(cx, due).map(|()| Event::Alarm)
    }

    /// Writes until nothing is left or the socket is full.
    fn exchange(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let was_reading = self.turn.reading;
        loop {
            let (link, wrote) = (self.session.link.id, std::mem::take(&mut self.wrote));
            let outbox = &mut self.outbox;
            self.turn = self
                .session
                .shared
                .step(|core, now, fx| core.exchange(link, wrote, outbox, cx.waker(), now, fx));
            if self.turn.closing.is_some() {
                return Ok(());
            }
            if self.turn.granted {
                self.session.tell_granted();
            }
            self.write(cx)?;
            if !self.outbox.is_empty() || self.wrote == 0 || !self.turn.confirm {
                break;
            }
        }
        if self.turn.reading && !was_reading {
            // Silence while we did not listen is not the peer's.
            self.heard = clock::now();
        }
        Ok(())
    }

    fn write(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        while !self.outbox.is_empty() {
            match Pin::new(&mut self.stream).poll_write(cx, &self.outbox) {
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(bytes)) => {
                    self.outbox.advance(bytes);
                    self.wrote += bytes;
                    self.unflushed = true;
                    self.stalled = None;
                }
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => {
                    self.stalled.get_or_insert_with(clock::now);
                    return Ok(());
                }
            }
        }
        self.outbox = BytesMut::new();
        if self.unflushed
            && let Poll::Ready(done) = Pin::new(&mut self.stream).poll_flush(cx)
        {
            done?;
            self.unflushed = false;
        }
        Ok(())
    }

    /// Decodes and handles packets as long as the link may be read.
    fn decode(&mut self) {
        self.leftover = false;
        while self.turn.reading {
            match self.decoder.decode(&mut self.inbox) {
                Ok(Some(packet)) => self.turn.reading = self.session.handle(packet),
                Ok(None) => {
                    if self.inbox.is_empty() {
                        self.inbox = BytesMut::new();
                    }
                    return;
                }
                Err(fault) => {
                    tracing::debug!(link = self.session.link.id.0, ?fault, "bad packet");
                    self.session.end(DisconnectReason::Protocol, Some(fault));
                    return;
                }
            }
        }
        self.leftover = true;
    }

    fn due(&self) -> Option<Instant> {
        let silence = self
            .silence_max
            .filter(|_| self.turn.reading)
            .map(|max| self.heard + max);
        let stall = self
            .stalled
            .map(|since| since + self.session.shared.limits.stall_life);
        [silence, stall, self.turn.deadline]
            .into_iter()
            .flatten()
            .min()
    }

    fn check_deadlines(&mut self) {
        let now = clock::now();
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if is_due(
            self.stalled
                .map(|since| since + self.session.shared.limits.stall_life),
        ) {
            self.session.end(DisconnectReason::SlowReader, None);
        } else if self.turn.reading && is_due(self.silence_max.map(|max| self.heard + max)) {
            self.session
                .end(DisconnectReason::KeepAlive, Some(Fault::KEEP_ALIVE));
        } else {
            let link = self.session.link.id;
            self.session
                .shared
                .step(|core, now, fx| core.expire(link, now, fx));
        }
    }

    /// Writes what an ended link still has to say, such as DISCONNECT.
    async fn linger(&mut self) {
        let last = async {
            let mut rest = BytesMut::new();
            let link = self.session.link.id;
            self.session.shared.step(|core, now, fx| {
                core.exchange(link, 0, &mut rest, std::task::Waker::noop(), now, fx)
            });
            self.stream.write_all(&self.outbox).await?;
            self.stream.write_all(&rest).await?;
            self.stream.shutdown().await
        };
        if let Ok(Err(error)) = tokio::time::timeout(LINGER, last).await {
            tracing::trace!(%error, "the last bytes were not taken");
        }
    }
}
