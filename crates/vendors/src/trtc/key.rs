//! The secret key of one TRTC application.
//!
//! The console shows it as 64 hex characters; it is used as that text and never hex-decoded.
//! Source: `TLSSigAPIv2`, `hmacsha256`.

use aws_lc_rs::hmac;

/// The secret that signs every credential of one TRTC application.
///
/// Has neither `Debug` nor `Display`: it cannot reach a log.
pub struct TrtcKey(hmac::Key);

/// The key text was empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the TRTC secret key is empty")]
pub struct EmptyTrtcKey;

impl TrtcKey {
    /// Takes the key as the console shows it. Refuses the empty text; TRTC itself would only
    /// answer the resulting signatures with 70009.
    pub fn new(text: String) -> Result<TrtcKey, EmptyTrtcKey> {
        if text.is_empty() {
            return Err(EmptyTrtcKey);
        }
        Ok(TrtcKey(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())))
    }

    pub(super) fn sign(&self, text: &str) -> hmac::Tag {
        hmac::sign(&self.0, text.as_bytes())
    }
}
