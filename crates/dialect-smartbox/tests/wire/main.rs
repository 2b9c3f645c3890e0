//! The bytes of S3: what is written equals the golden files, what is read is understood in every
//! spelling, however it was cut, and random bytes break nothing.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod cast;
mod golden;
mod reading;
mod refusing;
mod framing;
mod round_trip;
mod fuzz;
