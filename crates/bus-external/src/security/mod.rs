//! Accounts at a Mosquitto broker with the dynamic-security plugin: one for each door and each
//! registered client, with a password of its own and the right to its own topics, written out.
//!
//! The directory says who is to have one. At each connection the broker's list is compared with it;
//! between, single accounts are opened and closed. Source: the plugin's documentation
//! (`$CONTROL/dynamic-security/v1`).

mod account;
mod command;
mod answer;
mod own;
mod plan;
mod talk;
mod keeper;
mod accounts;

pub use account::{Account, AccountList};
pub use accounts::KeeperTask;
pub use keeper::{Keeper, Opened};

pub(crate) use own::Needs;
pub(crate) use talk::{RESPONSES, Responses};
