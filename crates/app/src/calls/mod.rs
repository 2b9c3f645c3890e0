//! Calls as use cases: load, decide, commit, then speak; and deadlines that fire.

mod arm;
mod board;
mod plan;
mod step;
mod timer;

pub use arm::Arm;
pub use plan::CallSettings;
pub use step::{Calls, CallsPorts, Done};
pub use timer::run_timers;
