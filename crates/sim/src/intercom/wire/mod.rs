//! What goes over a connection of S3: messages as JSON, each followed by a NUL byte.
//!
//! Pure; written from the document and what is known of devices in the field, never from our own
//! dialect. Source: S3 (message format, packing, §2 to §4).

mod party;
mod message;
mod spelling;
mod encode;
mod decode;
mod frames;

pub(super) use decode::decode;
pub(super) use encode::{Join, encode, encode_join};
pub(super) use frames::Frames;
pub use message::{Alarm, Ending, Message, Rejection, Request, Why};
pub use party::{Party, PartyKind, Profile};

#[cfg(test)]
mod tests;
