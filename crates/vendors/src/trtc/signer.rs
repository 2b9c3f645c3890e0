//! TRTC as the port that signs media credentials.

use std::time::Duration;

use app::port::{RtcCredential, RtcSigner};
use engine::time::Instant;

use super::issuer::Trtc;
use super::user::TrtcUser;

impl RtcSigner for Trtc {
    /// An id that TRTC cannot have gets no signature; whoever makes the ids keeps to the bounds.
    fn sign(&self, user: &str, now: Instant, life: Duration) -> RtcCredential {
        let user_sig = match TrtcUser::new(user) {
            Ok(user) => self
                .user_sig(&user, now.ms() / 1000, life)
                .as_str()
                .to_owned(),
            Err(problem) => {
                tracing::error!(user, %problem, "no TRTC user id");
                String::new()
            }
        };
        RtcCredential {
            sdk_app_id: self.sdk_app_id(),
            user_sig,
        }
    }
}
