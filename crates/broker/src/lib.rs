//! An embedded MQTT broker (3.1, 3.1.1 and 5, QoS 0 to 2) that knows nothing of intercoms.
//!
//! `core` is pure: it takes packets, hook answers and the time, and returns bytes and effects.
//! `driver` owns sockets, tasks and the clock. The owner decides through [`Hooks`] and publishes
//! through [`Broker`]. Of MQTT 5 it leaves out extended authentication and server redirection; of
//! shared subscriptions, passing messages on when a member's session ends is best effort. Sessions,
//! retained messages and wills live in memory; what must
//! outlive the process, the owner keeps for it ([`Journal`]).

mod limits;
mod link;
mod message;
mod journal;
mod ticket;
mod hooks;
mod topic;
mod wire;
mod core;
mod driver;

pub use driver::{Broker, listen};
pub use hooks::{Connect, Hooks, Incoming, Refusal, Stranger, TurnedAway, Verdict, WillView};
pub use journal::{
    Journal, Kept, KeptDelivery, KeptFilter, KeptFn, KeptMessage, KeptSession, MessageNo, Record,
    SessionNo,
};
pub use limits::Limits;
pub use link::{
    Connection, Counts, DisconnectReason, Kick, Link, LinkId, Principal, Subject, Traffic, Version,
};
pub use message::{Audience, Message, Outcome, OutcomeFn};
pub use ticket::Ticket;
