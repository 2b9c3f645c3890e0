//! The rules of the house that no compiler checks, run as an ordinary test.
//!
//! Each rule is a file with one function from the tree to its findings. `judge` lists them all.

mod finding;
mod arrows;
mod modules;
mod sizes;
mod headers;
mod names;
mod layout;
mod reminders;
mod links;
mod deviations;
mod paths;
mod judge;

pub(crate) use judge::judge;
