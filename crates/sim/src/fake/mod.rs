//! The server's side of a test, scripted on real sockets.
//!
//! Knows the wire's framing and nothing of calls: each test says what is sent when.

pub(crate) mod broker;
pub(crate) mod web;
mod place;

pub(crate) use place::{address, listener};
