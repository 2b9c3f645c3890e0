//! Power cuts under the store: whatever was acknowledged is there afterwards, and nothing is half.
//!
//! The real steps of calls run on the real store, on a disk of `testkit` that forgets unsynced
//! writes. `KOUMEN_TEST_CUTS` sets the number of random cuts, `KOUMEN_TEST_SEED` their moments.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod house;
mod ledger;
mod steps;
mod inspection;
mod random_cuts;
mod every_point;
mod sessions;
