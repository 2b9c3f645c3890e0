//! One order to open one door, from the request to a result that is never guessed.
//!
//! Inputs: a request; what the dialect said when it was handed the order ([`Input::Handed`]); the
//! door's word ([`Input::Confirmed`]); the clock ([`Input::Deadline`]); a start of the server
//! ([`Input::Restart`]).
//!
//! ```text
//! request ─┬─► Denied(why)
//!          ├─► Sent            the panel that asked moves the lock when it hears the answer
//!          └─► Authorised ─┬─► Sent ─┬─► Executed ◄──┐ the door's late word
//!                          │         ├─► Refused  ◄──┤
//!                          │         └─► Unknown ────┘
//!                          ├─► HandedOver      written, and the door cannot confirm
//!                          ├─► Unreachable     no living connection: nothing was sent
//!                          ├─► NotSupported    over this way locks are not moved
//!                          ├─► Expired         its time was over before it could be sent
//!                          └─► Unknown         a restart, or nobody said what became of it
//! ```
//!
//! Only [`request()`] makes one that may be sent, once, and [`may_send()`] says until when. So the
//! relay moves at most once for one order, and not after its life. `Unknown` becomes `Executed` or
//! `Refused` when the door says so after all: that is no guess, and it moves nothing.

pub mod state;
pub mod input;
pub mod decide;

pub use decide::{LIFE, decide, may_send, request};
pub use input::{Decision, Handed, Input, Request, Verdict, Word};
pub use state::{Phase, RequestKey, Unlock};
