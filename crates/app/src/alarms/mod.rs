//! Alarms as use cases: load, decide, commit, then speak; deadlines that fire; addresses outside.

mod board;
mod outside;
mod step;
mod timer;
mod feed;
mod hooks;

pub use hooks::{HookDoer, Hooks, HooksPorts, NewHook};
pub use step::{Alarms, AlarmsPorts, Done};
