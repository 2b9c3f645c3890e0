//! TRTC (Tencent real-time communication) credentials: who may enter which media room.
//!
//! Signs `UserSig` and `PrivateMapKey` for one TRTC application. A room needs no creating: it
//! exists from the first user's entry to the last one's leaving, so issuing credentials is all
//! that a call needs beforehand. Knows nothing of calls; calls no TRTC server.
//! Source: `TLSSigAPIv2` as published in the vendor's Go, Python and Node libraries.

mod key;
mod room;
mod user;
mod user_sig;
mod private_map_key;
mod issuer;
mod signer;

pub use issuer::Trtc;
pub use key::{EmptyTrtcKey, TrtcKey};
pub use private_map_key::{PrivateMapKey, Privileges};
pub use room::{InvalidRoom, Room};
pub use user::{InvalidTrtcUser, TrtcUser};
pub use user_sig::UserSig;

#[cfg(test)]
mod tests;
