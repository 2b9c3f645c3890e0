//! Calls and their records.

mod row;
mod facts;
mod port;
mod log;
#[cfg(test)]
mod tests;

pub(crate) use facts::{calls_of, find_call};
