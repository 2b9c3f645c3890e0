//! Who may open which door: one decision for every way of asking.
//!
//! | way | who may |
//! |---|---|
//! | a call | an endpoint that rings in a live call from that door, or the one that answered it |
//! | a resident | whose flat the door serves |
//! | a code, a card, a QR text | valid at this moment, of a flat that the door serves |
//! | an operator | a manager of the door's community, but not at a flat's own door |
//! | an alarm | an operator who manages the community or a centre in it, with the single-use nonce of a live alarm in a flat that the door serves |
//!
//! Five wrong codes lock the entry of codes at that door for a minute.

pub mod place;
pub mod credential;
pub mod entry;
pub mod request;
pub mod decide;
#[cfg(test)]
mod tests;

pub use credential::{Credential, CredentialKind};
pub use decide::{Access, Spends, decide};
pub use entry::{CodeEntry, LOCK_LIFE, WRONG_LIFE, WRONG_MAX};
pub use place::{Door, Home, Place};
pub use request::{Denial, Facts, Nonce, Way, WayKind};
