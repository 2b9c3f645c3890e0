//! `PrivateMapKey`: what one user may do in one room.
//!
//! A second credential beside `UserSig`, enforced only where the TRTC application has the
//! permission-key switch on. It is a `UserSig` that carries a binary user buffer.
//! Source: `TLSSigAPIv2`, `genUserBuf`.

use std::time::Duration;

use super::room::Room;
use super::user::TrtcUser;

/// A signed `PrivateMapKey`, about 250 characters in the alphabet of a `UserSig`.
///
/// A bearer credential: no `Debug`, no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateMapKey(String);

impl PrivateMapKey {
    pub(super) fn new(text: String) -> PrivateMapKey {
        PrivateMapKey(text)
    }

    /// The credential as it travels in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The vendor's privilege bits.
///
/// 1 create the room, 2 enter, 4 send audio, 8 receive audio, 16 send video, 32 receive video,
/// 64 send the screen, 128 receive the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privileges(u32);

impl Privileges {
    /// Enter, hear and see (42): what an endpoint holds while it only rings.
    pub const WATCH: Privileges = Privileges(42);
    /// Everything (255): the caller, and the endpoint that won the call.
    pub const ALL: Privileges = Privileges(255);

    /// The bits as the vendor numbers them.
    pub fn bits(self) -> u32 {
        self.0
    }
}

/// The fields of a user buffer beside the application's id.
pub(super) struct Permit<'a> {
    pub(super) user: &'a TrtcUser,
    pub(super) room: &'a Room,
    pub(super) rights: Privileges,
    pub(super) issued_s: i64,
    pub(super) life: Duration,
}

/// Builds the user buffer, big-endian throughout.
///
/// ```text
/// version 1 │ n 2 │ user n │ app 4 │ room number 4 │ expiry 4 │ bits 4 │ account type 4
///                                                    and in version 1: │ m 2 │ room text m
/// ```
///
/// Version is 0 with a numeric room and 1 with a text room (number 0). The expiry is a moment
/// here, although `TLS.expire` around it is a lifetime.
pub(super) fn user_buffer(sdk_app_id: u32, permit: &Permit<'_>) -> Vec<u8> {
    let name = permit.room.name();
    let mut bytes = vec![u8::from(name.is_some())];
    push_text(&mut bytes, permit.user.as_str());
    for number in [
        sdk_app_id,
        permit.room.number().unwrap_or(0),
        expiry_s(permit.issued_s, permit.life),
        permit.rights.bits(),
        0,
    ] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    if let Some(name) = name {
        push_text(&mut bytes, name);
    }
    bytes
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).expect("user ids and room names are at most 64 bytes");
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// The last valid second; held at the field's ends (1970 and February 2106).
fn expiry_s(issued_s: i64, life: Duration) -> u32 {
    let moment_s = issued_s.saturating_add_unsigned(life.as_secs()).max(0);
    u32::try_from(moment_s).unwrap_or(u32::MAX)
}
