//! How dialects move locks.

use engine::id::{CallId, UnlockId};
use engine::time::Instant;

use crate::directory::Device;
use crate::port::BoxFuture;

/// An order for one lock, committed and to be sent at once.
#[derive(Clone, Debug)]
pub struct OpenOrder {
    /// Made by us: what the door confirms.
    pub id: UnlockId,
    /// The door.
    pub device: Device,
    /// In which call, if in one.
    pub call: Option<CallId>,
    /// Now.
    pub at: Instant,
    /// When it may no longer move anything: whoever sends it later breaks the promise.
    pub ends: Instant,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// A living connection has it and the door will confirm, or nobody knows whether it has it.
    Sent,
    /// A living connection has it, and this door cannot confirm.
    Over,
    /// There is no living connection; nothing was sent.
    Unreachable,
    /// Over this way locks are not moved.
    NotSupported,
    /// It is no door of this dialect.
    NotMine,
}

/// A dialect's hand on the locks of its doors.
pub trait Opener: Send + Sync {
    /// Hands the order to one connection of the door that is alive now, and never after it ends.
    /// Called once for each order. Resolves when it is written, or will not be.
    fn open(&self, order: &OpenOrder) -> BoxFuture<'_, Handed>;
}
