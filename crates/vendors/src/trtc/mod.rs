//! TRTC (Tencent real-time communication): who may enter which media room, and who must leave.
//!
//! Signs `UserSig` and `PrivateMapKey` for one TRTC application. A room needs no creating: it
//! exists from the first user's entry to the last one's leaving, so issuing credentials is all
//! that a call needs beforehand. Closes rooms and throws users out over the vendor's REST API, and
//! hears the vendor's callbacks. Decides nothing about calls.
//! Source: `TLSSigAPIv2` as published in the vendor's Go, Python and Node libraries.

mod key;
mod room;
mod user;
mod user_sig;
mod private_map_key;
mod issuer;
mod signer;
mod tc3;
mod answer;
mod rest;
mod callback;

pub use callback::{HookKeys, routes};
pub use issuer::Trtc;
pub use key::{EmptyTrtcKey, TrtcKey};
pub use private_map_key::{PrivateMapKey, Privileges};
pub use rest::{RoomsProblem, RoomsSettings, TrtcRooms};
pub use room::{InvalidRoom, Room};
pub use signer::TrtcSigner;
pub use tc3::{CloudKey, EmptyCloudKey};
pub use user::{InvalidTrtcUser, TrtcUser};
pub use user_sig::UserSig;

#[cfg(test)]
mod tests;
