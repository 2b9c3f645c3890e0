//! The messages of S0, bytes to types and back. Knows syntax, not meaning.

mod envelope;
mod fields;
mod rtc;
mod control;
mod incoming;
mod call;
mod session;

pub(crate) use call::{CallBegun, CallReply, CallRequest};
pub(crate) use control::{Control, ControlRequest, EndRequest, TakenReply};
pub(crate) use envelope::envelope;
pub(crate) use incoming::Incoming;
pub(crate) use rtc::{RoomKind, TencenRtc};
pub(crate) use session::{Session, SessionStatus};

#[cfg(test)]
mod tests;
