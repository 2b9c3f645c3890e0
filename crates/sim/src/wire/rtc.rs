//! The media room inside an answer or notice, with the credentials to enter it.
//!
//! Knows nothing of TRTC beyond these names.
//! Source: S0 §1.1, field `tencen_rtc`.

use serde::Deserialize;

/// A credential handed out by the server. Neither printable nor serialisable.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Credential(String);

impl Credential {
    /// The text, for the media client it is meant for.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The room of one call, as one party may enter it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Rtc {
    /// `integer` or `string`: two separate name spaces.
    pub room_id_type: String,
    /// Always JSON text, whatever the type.
    pub room_id: String,
    /// The TRTC application.
    pub sdk_app_id: u32,
    /// The user id to enter with.
    pub user_id: String,
    /// Signs that user in.
    pub user_sig: Credential,
    /// What that user may do in the room. Not in S0: our server's extension.
    pub private_map_key: Option<Credential>,
}
