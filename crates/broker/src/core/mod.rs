//! The broker's decisions: sessions, filters, retained messages, wills, in-flight windows.
//! Pure: inputs are packets, hook answers and `now`; outputs are bytes in each link's outgoing
//! buffer and [`Effects`]. No sockets, clock, runtime or hooks.
//!
//! Inputs by source: a connection's task ([`Core::attach`], [`Core::publish`], [`Core::exchange`]
//! ...), the owner ([`Core::route`], [`Core::kick`]), a sweep ([`Core::sweep`]).

mod ids;
mod effects;
mod publication;
mod ledger;
mod trie;
mod groups;
mod retained;
mod grant;
mod acks;
mod aliases;
mod outgoing;
mod session;
mod state;
mod detach;
mod attach;
mod subscribe;
mod route;
mod intake;
mod exchange;
mod journal;
mod view;
#[cfg(test)]
mod tests;

pub(crate) use acks::Owed;
pub(crate) use attach::Entry;
pub(crate) use effects::Effects;
pub(crate) use exchange::Turn;
pub(crate) use grant::Wanted;
pub(crate) use intake::{Arrival, Fate, Intake};
pub(crate) use journal::anchor;
pub(crate) use ledger::{Anchor, Batch};
pub(crate) use publication::Publication;
pub(crate) use state::Core;
pub(crate) use trie::Subscription;
