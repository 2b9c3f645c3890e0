//! A user id inside one TRTC application.
//!
//! The vendor's libraries sign any text; the service then refuses to let it in. So the limit is
//! held here, where an id is made.
//! Source: TRTC product documentation, "user id".

/// A user id that TRTC accepts: 1 to 32 bytes of ASCII letters, digits, `_` and `-`.
///
/// A second login with the same id throws the first one out of its room, so every participant
/// needs an id of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrtcUser(String);

/// The text is no TRTC user id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a TRTC user id is 1 to 32 ASCII letters, digits, '_' or '-'")]
pub struct InvalidTrtcUser;

impl TrtcUser {
    /// The longest id in bytes.
    pub const LENGTH_BYTES_MAX: usize = 32;

    /// Checks length and alphabet.
    pub fn new(text: &str) -> Result<TrtcUser, InvalidTrtcUser> {
        let length_fits = (1..=Self::LENGTH_BYTES_MAX).contains(&text.len());
        if !length_fits || !text.bytes().all(is_allowed) {
            return Err(InvalidTrtcUser);
        }
        Ok(TrtcUser(text.to_owned()))
    }

    /// The id as it travels in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
