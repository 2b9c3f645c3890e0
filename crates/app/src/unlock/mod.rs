//! Opening doors as use cases: decide, commit, hand the order to the door once, note what it says.
//!
//! The row is on disk before anything is sent. Nothing is sent twice, and nothing after its life.

mod watch;
mod step;
mod ask;
mod code;
mod credential;
mod all;
mod sweep;

pub use ask::{Ask, Asker};
pub use code::{CodeReply, Shown};
pub use credential::{Given, NewCredential};
pub use step::{NONCE_LIFE, RESULT_WAIT, Unlocks, UnlocksPorts};
