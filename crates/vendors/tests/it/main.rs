//! The clients of outside services against stand-ins on loopback.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod stand_in;
mod rooms;
mod hook;
