//! Calls and their records.

mod row;
mod facts;
mod port;
#[cfg(test)]
mod tests;
