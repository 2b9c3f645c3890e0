//! The JSON of document S0 as this side understands it, written from the document alone.
//!
//! Field names are the wire's, `tencen_rtc` and `device_device_id` included. Every field that the
//! document promises is required here, so a server that forgets one fails; unknown fields pass.
//! Source: S0 §1 (messages), §4.1 to §4.6 (HTTP).

mod rtc;
mod notice;
mod call;
mod unlock;

pub use call::{CallState, Pressed, Session};
pub use notice::{ControlMessage, Incoming, SystemMessage};
pub use rtc::{Credential, Rtc};

pub(crate) use call::{Control, EndCall, Online, Press, Status};
pub(crate) use unlock::{Unlock, UnlockResult};

#[cfg(test)]
mod tests;
