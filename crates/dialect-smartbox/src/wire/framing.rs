//! Cuts a stream of bytes into frames, at NUL bytes and nowhere else.
//!
//! White space around a frame is not part of it, so that pretty-printed JSON, `\r\n` before or
//! behind the NUL and the blank lines of the document's samples all read the same. What is between
//! two NULs and empty is no frame. Source: S3 §1, "封包".

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Bytes that may come without a NUL.
///
/// The largest message, a `call_req` with every field at its limit and every letter escaped, has less
/// than a quarter of it; a larger limit would only let strangers hold more of our memory.
pub const FRAME_MAX: usize = 64 * 1024;

/// More than [`FRAME_MAX`] bytes came without a NUL. Nothing further can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no NUL within {FRAME_MAX} bytes")]
pub struct TooLong;

/// What one connection sent and nobody has read yet.
///
/// Holds at most [`FRAME_MAX`] bytes of an unfinished frame, and the finished ones until they are
/// taken: whoever takes them all after each push holds no more than that push. However the bytes
/// were cut, the frames are the same, and each byte is looked at once.
#[derive(Default)]
pub struct FrameReader {
    finished: VecDeque<Bytes>,
    /// The frame that has begun, without white space before it.
    unfinished: BytesMut,
    /// Bytes since the last NUL, white space included.
    since_nul: usize,
}

impl FrameReader {
    /// Of a connection that has sent nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what came. Refuses a frame that grows beyond [`FRAME_MAX`], and everything behind it;
    /// frames that were finished before it can still be taken.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == 0) {
            self.grow(&rest[..end])?;
            self.finish();
            rest = &rest[end + 1..];
        }
        self.grow(rest)
    }

    /// The oldest frame that is finished: never empty, without NUL, without white space around it.
    pub fn next_frame(&mut self) -> Option<Bytes> {
        self.finished.pop_front()
    }

    /// Whether neither a frame nor the beginning of one waits.
    pub fn is_empty(&self) -> bool {
        self.finished.is_empty() && self.unfinished.is_empty()
    }

    fn grow(&mut self, part: &[u8]) -> Result<(), TooLong> {
        self.since_nul = self.since_nul.saturating_add(part.len());
        if self.since_nul > FRAME_MAX {
            self.unfinished = BytesMut::new();
            self.since_nul = usize::MAX;
            return Err(TooLong);
        }
        let begun = match self.unfinished.is_empty() {
            true => part.trim_ascii_start(),
            false => part,
        };
        self.unfinished.extend_from_slice(begun);
        Ok(())
    }

    fn finish(&mut self) {
        self.since_nul = 0;
        let length = self.unfinished.trim_ascii_end().len();
        self.unfinished.truncate(length);
        if length > 0 {
            self.finished.push_back(self.unfinished.split().freeze());
        }
    }
}
