//! The whole broker over real sockets, with a raw client that shares nothing with it but the codec.
//! Every wait is for a packet or a hook, bounded by one generous time.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test says what it expects by panicking at all else"
)]

mod client;
mod owner;
mod conformance;
mod mosquitto;
mod basics;
mod sessions;
mod rights;
mod tickets;
mod audience;
mod hostile;
mod five;
mod view;
mod turned_away;
