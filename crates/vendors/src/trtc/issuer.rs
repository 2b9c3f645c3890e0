//! One TRTC application as an issuer of credentials.
//!
//! Pure: the same application, user, second and life always give the same signature. The caller
//! says what time it is and who deserves what.

use std::time::Duration;

use super::key::TrtcKey;
use super::private_map_key::{Permit, PrivateMapKey, Privileges, user_buffer};
use super::room::Room;
use super::user::TrtcUser;
use super::user_sig::{Claims, UserSig, seal};

/// A TRTC application: its number and its secret.
pub struct Trtc {
    sdk_app_id: u32,
    key: TrtcKey,
}

impl Trtc {
    /// Number and key as the console shows them.
    pub fn new(sdk_app_id: u32, key: TrtcKey) -> Trtc {
        Trtc { sdk_app_id, key }
    }

    /// The application's number, which every participant must be told.
    pub fn sdk_app_id(&self) -> u32 {
        self.sdk_app_id
    }

    /// Signs a user in.
    ///
    /// `issued_s` is in seconds since the epoch. The credential is still valid at exactly
    /// `issued_s + life`; fractions of a second of `life` are dropped.
    pub fn user_sig(&self, user: &TrtcUser, issued_s: i64, life: Duration) -> UserSig {
        UserSig::new(self.sealed(user, issued_s, life, None))
    }

    /// Lets a user into one room with the given rights; times as for [`Trtc::user_sig`].
    ///
    /// The moment of expiry inside is held at February 2106, where its field ends.
    pub fn private_map_key(
        &self,
        user: &TrtcUser,
        room: &Room,
        rights: Privileges,
        issued_s: i64,
        life: Duration,
    ) -> PrivateMapKey {
        let permit = Permit {
            user,
            room,
            rights,
            issued_s,
            life,
        };
        let userbuf = user_buffer(self.sdk_app_id, &permit);
        PrivateMapKey::new(self.sealed(user, issued_s, life, Some(&userbuf)))
    }

    fn sealed(
        &self,
        user: &TrtcUser,
        issued_s: i64,
        life: Duration,
        userbuf: Option<&[u8]>,
    ) -> String {
        let sdk_app_id = self.sdk_app_id;
        let life_s = life.as_secs();
        seal(
            &self.key,
            &Claims {
                sdk_app_id,
                user,
                issued_s,
                life_s,
                userbuf,
            },
        )
    }
}
