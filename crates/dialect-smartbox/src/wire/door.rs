//! Opening the door during a call. Source: S3 §2.7.

use crate::wire::call::{SidValues, decode_sid, sid_values};
use crate::wire::fault::DecodeError;
use crate::wire::fields::Fields;
use crate::wire::profile::Profile;

/// `open_door`: the called end asks the caller to open. It has no id of its own.
///
/// ```json
/// {"sid": "c-1"}     v0.4, v0.5
/// {}                 field
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenDoor {
    /// Which call, if it says so.
    pub sid: Option<String>,
}

impl OpenDoor {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        let sid = decode_sid(&mut fields)?;
        Ok(Self { sid })
    }

    pub(super) fn values(&self, profile: Profile) -> SidValues<'_> {
        sid_values(self.sid.as_deref(), profile)
    }
}
