//! TRTC as the port that signs media credentials.

use std::time::Duration;

use app::port::{RtcCredential, RtcEntry, RtcSigner};
use engine::call::MediaRight;
use engine::time::Instant;

use super::issuer::Trtc;
use super::private_map_key::Privileges;
use super::room::Room;
use super::user::TrtcUser;

/// Signs for one TRTC application.
pub struct TrtcSigner {
    trtc: Trtc,
    with_room_keys: bool,
}

impl TrtcSigner {
    /// A signer; room keys are for applications whose console asks for them.
    pub fn new(trtc: Trtc, with_room_keys: bool) -> TrtcSigner {
        TrtcSigner {
            trtc,
            with_room_keys,
        }
    }

    /// Those who ring may watch and listen; caller and winner may do everything.
    fn room_key(
        &self,
        user: &TrtcUser,
        entry: &RtcEntry<'_>,
        issued_s: i64,
        life: Duration,
    ) -> Option<String> {
        let rights = match entry.right {
            MediaRight::Talk => Privileges::ALL,
            MediaRight::Watch => Privileges::WATCH,
            MediaRight::None => return None,
        };
        let room = match entry.room {
            engine::call::Room::Text(name) => Room::text(name),
            engine::call::Room::Number(number) => Room::integer(*number),
        };
        let room = room.ok().filter(|_| self.with_room_keys)?;
        let key = self
            .trtc
            .private_map_key(user, &room, rights, issued_s, life);
        Some(key.as_str().to_owned())
    }
}

impl RtcSigner for TrtcSigner {
    /// An id that TRTC cannot have gets no signature; whoever makes the ids keeps to the bounds.
    fn sign(&self, entry: RtcEntry<'_>, now: Instant, life: Duration) -> RtcCredential {
        let sdk_app_id = self.trtc.sdk_app_id();
        let issued_s = now.ms() / 1000;
        match TrtcUser::new(entry.user) {
            Ok(user) => RtcCredential {
                sdk_app_id,
                user_sig: self
                    .trtc
                    .user_sig(&user, issued_s, life)
                    .as_str()
                    .to_owned(),
                room_key: self.room_key(&user, &entry, issued_s, life),
            },
            Err(problem) => {
                tracing::error!(user = entry.user, %problem, "no TRTC user id");
                RtcCredential {
                    sdk_app_id,
                    user_sig: String::new(),
                    room_key: None,
                }
            }
        }
    }
}
