//! Connections: who is behind one, what it may say, what it must hear.

mod socket;
mod memory;
mod conversation;
mod say;
mod open;
mod alarm;
mod join;
mod take;
mod run;

pub(crate) use conversation::{Conversation, Known, Role};
