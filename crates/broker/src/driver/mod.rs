//! The broker's outside: sockets, tasks, the clock, and the calls of the hooks.
//! Decides nothing about MQTT; the core does, behind one lock that is never held over an await, a
//! hook or a callback.

mod clock;
mod shared;
mod alarm;
mod socket;
mod connection;
mod requests;
mod handshake;
mod accept;
mod broker;

pub use accept::listen;
pub use broker::Broker;
