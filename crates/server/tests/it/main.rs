//! The whole binary, over real sockets, as doors, phones and people meet it.
//!
//! Every test starts a server of its own in a temporary folder on free ports of loopback and ends
//! it. Doors and phones are the simulators, which share no code with the server, or stock clients.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod namespaces;
mod running;
mod community;
mod listener;
mod raw;
mod calls;
mod stock;
mod push;
mod unlock;
mod sealed;
mod notices;
mod races;
mod rights;
mod bad_input;
mod restart;
mod kills;
mod tls;
mod operating;
mod commands;
mod nat;
mod trtc;
mod api;
mod external;
mod boxes;
mod alarms;
mod bench;
