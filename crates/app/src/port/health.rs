//! Whether the store works.

use crate::port::{BoxFuture, StoreFailure};

/// What says whether the store works.
pub trait Health: Send + Sync {
    /// Reads something, and commits a step that writes nothing. Waits its turn behind what others
    /// write, so whoever asks sets a time limit. Does not show that the disk is full.
    fn check(&self) -> BoxFuture<'_, Result<(), StoreFailure>>;
}
