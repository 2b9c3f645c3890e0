//! Connections: who is behind one, what it may say, what it must hear.

mod socket;
mod conversation;
mod say;
mod join;
mod take;
mod run;

pub(crate) use conversation::{Conversation, Role};
