//! `UserSig`: the credential with which a user signs in to a TRTC application.
//!
//! Signs the fixed text, puts the signature into a JSON document, compresses it and writes it in
//! the vendor's own base64 alphabet. `PrivateMapKey` is the same procedure with a user buffer.
//! Source: `TLSSigAPIv2`, `genSig`; field order as in the Go library.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::key::TrtcKey;
use super::user::TrtcUser;

/// A signed `UserSig`, about 170 characters of letters, digits, `*`, `-` and `_`.
///
/// A bearer credential: no `Debug`, no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct UserSig(String);

impl UserSig {
    pub(super) fn new(text: String) -> UserSig {
        UserSig(text)
    }

    /// The credential as it travels in messages.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a signature is about; `userbuf` only for a `PrivateMapKey`.
pub(super) struct Claims<'a> {
    pub(super) sdk_app_id: u32,
    pub(super) user: &'a TrtcUser,
    pub(super) issued_s: i64,
    pub(super) life_s: u64,
    pub(super) userbuf: Option<&'a [u8]>,
}

/// Signs the claims and packs them into the vendor's text form.
pub(super) fn seal(key: &TrtcKey, claims: &Claims<'_>) -> String {
    let userbuf = claims.userbuf.map(|bytes| STANDARD.encode(bytes));
    let signature = STANDARD.encode(key.sign(&sign_text(claims, userbuf.as_deref())));
    let json = document(claims, userbuf.as_deref(), &signature);
    own_alphabet(&STANDARD.encode(deflate(json.as_bytes())))
}

fn sign_text(claims: &Claims<'_>, userbuf: Option<&str>) -> String {
    let Claims {
        sdk_app_id,
        user,
        issued_s,
        life_s,
        ..
    } = claims;
    let user = user.as_str();
    let userbuf = userbuf
        .map(|text| format!("TLS.userbuf:{text}\n"))
        .unwrap_or_default();
    format!(
        "TLS.identifier:{user}\nTLS.sdkappid:{sdk_app_id}\nTLS.time:{issued_s}\n\
         TLS.expire:{life_s}\n{userbuf}"
    )
}

/// Written by hand to keep the vendor's field order; no value can need escaping, because a user
/// id is letters, digits, `_` and `-`, and the rest is numbers and base64.
fn document(claims: &Claims<'_>, userbuf: Option<&str>, signature: &str) -> String {
    let Claims {
        sdk_app_id,
        user,
        issued_s,
        life_s,
        ..
    } = claims;
    let user = user.as_str();
    let userbuf = userbuf
        .map(|text| format!(r#""TLS.userbuf":"{text}","#))
        .unwrap_or_default();
    format!(
        r#"{{"TLS.ver":"2.0","TLS.identifier":"{user}","TLS.sdkappid":{sdk_app_id},"TLS.expire":{life_s},"TLS.time":{issued_s},{userbuf}"TLS.sig":"{signature}"}}"#
    )
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .expect("writing into a Vec cannot fail")
}

/// Not the URL-safe base64 of RFC 4648: other replacements, and the padding stays.
fn own_alphabet(base64: &str) -> String {
    base64.replace('+', "*").replace('/', "-").replace('=', "_")
}
