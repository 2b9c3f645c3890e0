//! Screens that join the box of their flat. Source: S3 §3.

use std::fmt;

use app::secret::Secret;
use serde::Serialize;

use crate::wire::fault::DecodeError;
use crate::wire::fields::{Fields, ID_MAX, STREAM_MAX, TOKEN_MAX};
use crate::wire::peer::PeerType;

/// `join_family`: a screen shows the token of its sign-in.
///
/// ```json
/// {"token": "…", "id": "screen-1", "type": 2}
/// ```
///
/// The document has the token alone; peers in the field add the two others.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinFamily {
    /// Who it is, as the box wrote it.
    pub token: Secret,
    /// Who it says it is.
    pub id: Option<String>,
    /// What it says it is; none too for a number that is no kind of peer.
    pub kind: Option<PeerType>,
}

/// `join_accept`: the screen belongs to the flat from now on, on this connection.
///
/// ```json
/// {"room_id": "301", "stream_address": "http://192.168.1.22:954/stream/"}
/// ```
///
/// Boxes in the field leave `room_id` out. `stream_address` is an extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinAccept {
    /// The flat's number.
    pub room_id: Option<String>,
    /// The address in the home network to which a screen adds a stream's id; the document's R, for
    /// which it has no message.
    pub stream_address: Option<String>,
}

#[derive(Serialize)]
pub(super) struct JoinFamilyValues<'a> {
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<u8>,
}

#[derive(Serialize)]
pub(super) struct JoinAcceptValues<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_address: Option<&'a str>,
}

/// `join_reject`: `{"reason": "…"}`.
#[derive(Serialize)]
pub(super) struct JoinRejectValues<'a> {
    pub(super) reason: &'a str,
}

/// Without the token.
impl fmt::Debug for JoinFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinFamily")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl JoinFamily {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        Ok(Self {
            token: Secret::new(fields.required(&["token"], TOKEN_MAX)?),
            id: fields.text(&["id"], ID_MAX)?,
            kind: fields.number("type")?.and_then(PeerType::find),
        })
    }

    pub(super) fn values(&self) -> JoinFamilyValues<'_> {
        JoinFamilyValues {
            token: self.token.expose(),
            id: self.id.as_deref(),
            kind: self.kind.map(PeerType::number),
        }
    }
}

impl JoinAccept {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        Ok(Self {
            room_id: fields.text(&["room_id"], ID_MAX)?,
            stream_address: fields.text(&["stream_address"], STREAM_MAX)?,
        })
    }

    pub(super) fn values(&self) -> JoinAcceptValues<'_> {
        JoinAcceptValues {
            room_id: self.room_id.as_deref(),
            stream_address: self.stream_address.as_deref(),
        }
    }
}
