//! Bytes to messages and back. Knows syntax, not meaning: no state, no clock, no socket.
//!
//! Source: S3 (v0.4), with what peers in the field do otherwise; `docs/protocols/smartbox.md` lists
//! both. A frame is `{"id": …, "name": …, "values": {…}}` and ends at a NUL byte.

mod profile;
mod framing;
mod fault;
mod fields;
mod peer;
mod call;
mod door;
mod family;
mod alarm;
mod message;

pub use alarm::{Emergency, EmergencyAck};
pub use call::{CallEnd, CallReject, CallReq, RejectCode};
pub use door::OpenDoor;
pub use family::{JoinAccept, JoinFamily};
pub use fault::{DecodeError, Field};
pub use fields::{ID_MAX, STREAM_MAX, TEXT_MAX, TOKEN_MAX};
pub use framing::{FRAME_MAX, FrameReader, TooLong};
pub use message::{Frame, Message, decode, encode};
pub use peer::{End, PeerType};
pub use profile::Profile;
