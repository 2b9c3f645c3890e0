//! Public keys of P-256 as JSON Web Keys. Source: RFC 7517; RFC 7518 §6.2.1.
//!
//! ```json
//! {"kty": "EC", "crv": "P-256", "x": "<32 bytes>", "y": "<32 bytes>", "kid": "…"}
//! ```
//!
//! Coordinates are base64url without padding. Whether the point is on the curve is not known here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// The one form of a point that P-256 has here: 4, x, y.
pub(super) const POINT_BYTES: usize = 1 + 2 * FIELD_BYTES;

const FIELD_BYTES: usize = 32;
const UNCOMPRESSED: u8 = 4;

/// Names of keys are thumbprints (43 bytes) or UUIDs; each JWE to the key repeats it.
const KID_MAX: usize = 64;

const KEY_TYPE: &str = "EC";
const CURVE: &str = "P-256";

/// A public key; what else its JWK says is not kept.
#[derive(Deserialize, Serialize)]
pub(super) struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kid: Option<String>,
    /// A private key, which is nobody else's to see.
    #[serde(default, skip_serializing)]
    d: Option<IgnoredAny>,
}

impl Jwk {
    /// Reads a JWK; none if it is malformed, of another kind, or private.
    pub(super) fn decode(json: &str) -> Option<Self> {
        let jwk: Self = serde_json::from_str(json).ok()?;
        let is_named = jwk.kid.as_ref().is_none_or(|kid| kid.len() <= KID_MAX);
        let is_right = jwk.kty == KEY_TYPE && jwk.crv == CURVE && jwk.d.is_none();
        (is_named && is_right).then_some(jwk)
    }

    /// The key at this point, without a name.
    pub(super) fn from_point(point: &[u8]) -> Option<Self> {
        let (form, coordinates) = point.split_first()?;
        if *form != UNCOMPRESSED || point.len() != POINT_BYTES {
            return None;
        }
        let (x, y) = coordinates.split_at(FIELD_BYTES);
        Some(Self {
            kty: KEY_TYPE.to_owned(),
            crv: CURVE.to_owned(),
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
            kid: None,
            d: None,
        })
    }

    /// The point; none if a coordinate is not base64url of 32 bytes.
    pub(super) fn point(&self) -> Option<[u8; POINT_BYTES]> {
        let mut point = [UNCOMPRESSED; POINT_BYTES];
        let (x, y) = point[1..].split_at_mut(FIELD_BYTES);
        x.copy_from_slice(&coordinate(&self.x)?);
        y.copy_from_slice(&coordinate(&self.y)?);
        Some(point)
    }
}

fn coordinate(text: &str) -> Option<[u8; FIELD_BYTES]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
