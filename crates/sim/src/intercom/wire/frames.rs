//! Cuts a stream of bytes at NUL.
//!
//! White space around a frame, `\r\n` included, belongs to nobody, and an empty frame is none.
//! Source: S3 (packing).

use crate::error::SimError;

/// Far above any message; a peer that sends more without a NUL is not one of S3.
pub(crate) const FRAME_BYTES_MAX: usize = 64 * 1024;

/// What has come and is not read yet.
#[derive(Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
    /// So many bytes at the front hold no NUL.
    searched: usize,
}

impl Frames {
    /// Adds what came. Fails when a frame grows beyond its limit.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), SimError> {
        self.bytes.extend_from_slice(bytes);
        let newest = self.bytes.iter().rev();
        let unfinished = newest.take_while(|byte| **byte != 0).count();
        if unfinished > FRAME_BYTES_MAX {
            let why = format!("longer than {FRAME_BYTES_MAX} bytes");
            return Err(SimError::BadFrame { why });
        }
        Ok(())
    }

    /// The next frame that is whole.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let unread = self.bytes.get(self.searched..).unwrap_or_default();
            let Some(at) = unread.iter().position(|byte| *byte == 0) else {
                self.searched = self.bytes.len();
                return None;
            };
            let mut frame: Vec<u8> = self.bytes.drain(..=self.searched + at).collect();
            self.searched = 0;
            frame.pop();
            let frame = frame.trim_ascii();
            if !frame.is_empty() {
                return Some(frame.to_vec());
            }
        }
    }
}
