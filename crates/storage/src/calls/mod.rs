//! Calls and their records.

mod row;
mod facts;
mod port;
mod log;
#[cfg(test)]
mod tests;
