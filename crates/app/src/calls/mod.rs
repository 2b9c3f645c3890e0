//! Calls as use cases: load, decide, commit, then speak; and deadlines that fire.

mod arm;
mod board;
mod feed;
mod plan;
mod room;
mod dial;
mod step;
mod timer;

pub use arm::Arm;
pub use dial::{Caller, Dialled};
pub use feed::{Feed, Seen, Watcher};
pub use plan::{CallSettings, Phones};
pub use step::{Calls, CallsPorts, Done};
pub use timer::run_timers;
