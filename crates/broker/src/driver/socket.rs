//! Reading without a standing buffer: an idle connection holds no receive memory.
//! Knows no packets; how many bytes may come is bounded by the codec.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes read at one time. On the stack while reading, so it costs an idle connection nothing.
const CHUNK_BYTES: usize = 16 * 1024;

/// Spare room behind a chunk: the codec reserves a few bytes after each packet, and without them
/// would allocate a whole buffer again for that.
const SPARE_BYTES: usize = 8;

/// Appends what the stream has to `inbox`. Ready(0) is the end of the stream.
pub(super) fn poll_read<S: AsyncRead + Unpin>(
    stream: &mut S,
    cx: &mut Context<'_>,
    inbox: &mut BytesMut,
) -> Poll<io::Result<usize>> {
    let mut chunk = [const { MaybeUninit::<u8>::uninit() }; CHUNK_BYTES];
    let mut buffer = ReadBuf::uninit(&mut chunk);
    ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
    let filled = buffer.filled();
    if inbox.is_empty() && inbox.capacity() < filled.len() {
        *inbox = BytesMut::with_capacity(filled.len() + SPARE_BYTES);
    }
    inbox.extend_from_slice(filled);
    Poll::Ready(Ok(filled.len()))
}
