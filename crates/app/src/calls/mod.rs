//! Calls as use cases: load, decide, commit, then speak; and deadlines that fire.

mod board;
mod feed;
mod plan;
mod room;
mod dial;
mod step;
mod timer;

pub use dial::{Caller, Dialled};
pub use plan::{CallSettings, Phones};
pub use step::{Calls, CallsPorts, Done};
