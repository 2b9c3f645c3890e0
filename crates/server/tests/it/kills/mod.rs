//! The server is killed again and again: nothing acknowledged is lost, and every start works.
//!
//! `KOUMEN_TEST_KILLS` sets the number of kills in the middle of calls, `KOUMEN_TEST_SEED` the
//! moments. `sessions` kills the broker alone.

mod ledger;
mod asking;
mod ear;
mod hand;
mod town;
mod judge;
mod many_kills;
mod first_start;
mod raw;
mod sessions;
