//! An HTTP connection's socket: ends when its peer takes no byte, and holds what was counted for it
//! exactly as long as it is open, after an upgrade too.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A peer that takes no byte for so long while some wait is gone or means harm; the broker gives
/// its clients the same. Progress is what the kernel takes for it.
pub(crate) const STALL_WAIT: Duration = Duration::from_secs(30);

/// A stream and what it holds. Nothing that waits for its peer's word is cut, only what waits for
/// it to listen.
pub(crate) struct Socket<S, H> {
    stream: S,
    /// Runs from a write that had to wait until one that did not.
    stall: Option<Pin<Box<Sleep>>>,
    /// Dropped after the stream, so that nothing is free before the socket is closed.
    _held: H,
}

impl<S, H> Socket<S, H> {
    pub(crate) fn new(stream: S, held: H) -> Self {
        Self {
            stream,
            stall: None,
            _held: held,
        }
    }

    /// What a write became, or a time-out if writes have waited too long.
    fn watch(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self
            .stall
            .get_or_insert_with(|| Box::pin(sleep(STALL_WAIT)));
        ready!(stall.as_mut().poll(context));
        let why = "the peer takes no bytes";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)))
    }
}

impl<S: AsyncRead + Unpin, H: Unpin> AsyncRead for Socket<S, H> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

/// Flush and shutdown of a TCP stream never wait, and so neither starts nor ends a stall.
impl<S: AsyncWrite + Unpin, H: Unpin> AsyncWrite for Socket<S, H> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    /// A socket whose peer has room for four bytes.
    fn pair() -> (Socket<DuplexStream, ()>, DuplexStream) {
        let (near, far) = duplex(4);
        (Socket::new(near, ()), far)
    }

    /// What a write became, which must be by the time-out.
    async fn by_then<T>(writing: impl Future<Output = T>) -> T {
        let late = STALL_WAIT + Duration::from_secs(1);
        tokio::time::timeout(late, writing).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_nobody_reads_fails() {
        let (mut socket, _far) = pair();

        let written = by_then(socket.write_all(b"more than four")).await;

        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_vectored_write_that_nobody_reads_fails_too() {
        let (mut socket, _far) = pair();
        socket.write_all(b"four").await.unwrap();

        let slices = [io::IoSlice::new(b"more")];
        let written = by_then(socket.write_vectored(&slices)).await;

        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_not_cut() {
        let (mut socket, mut far) = pair();
        let reading = async {
            let mut read = [0; 14];
            for byte in read.chunks_mut(1) {
                sleep(STALL_WAIT - Duration::from_secs(1)).await;
                far.read_exact(byte).await.unwrap();
            }
            read
        };

        let (written, read) = tokio::join!(socket.write_all(b"more than four"), reading);

        written.unwrap();
        assert_eq!(&read, b"more than four");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_socket_is_not_cut() {
        let (mut socket, mut far) = pair();
        let silence = STALL_WAIT * 100;
        socket.write_all(b"four").await.unwrap();

        let heard = tokio::time::timeout(silence, socket.read_u8()).await;
        assert!(heard.is_err(), "{heard:?}");
        far.read_exact(&mut [0; 4]).await.unwrap();
        far.write_all(b"x").await.unwrap();

        assert_eq!(socket.read_u8().await.unwrap(), b'x');
        socket.write_all(b"four").await.unwrap();
    }
}
