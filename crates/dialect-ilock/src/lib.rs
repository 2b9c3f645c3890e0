//! The iLock dialect: S0 call sessions over HTTP and fixed MQTT topics, S1 calls on topics of one's
//! own.
//!
//! Everything about this family of devices is here: messages, routes, topics, spellings. What a
//! call is and who wins it is decided in `engine`; this crate translates.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod words;
mod wire;
mod topics;
mod media;
mod command;
mod outbound;
mod inbound;
mod dialect;
mod ask;
mod routes;

pub use dialect::{BrokerAddress, Ilock, IlockPorts};
pub use outbound::Reach;
pub use routes::routes;
