//! Encryption to a key in the compact form. Source: RFC 7516 §5.1, §7.1; RFC 7518 §4.6, §5.3.
//!
//! ```text
//! header . (no encrypted key) . IV 12 . ciphertext . tag 16        each in base64url
//! ```
//!
//! Direct agreement: a key pair is made for each message, so each has a key of its own.

use app::directory::PublicKey;
use app::port::Sealer;
use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::agreement::{
    ECDH_P256, EphemeralPrivateKey, ParsedPublicKey, UnparsedPublicKey, agree_ephemeral,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::machine::jwe::concat_kdf::Derivation;
use crate::machine::jwe::jwk::Jwk;

const AGREEMENT: &str = "ECDH-ES";
const ENCRYPTION: &str = "A256GCM";
const KEY_BITS: u32 = 256;

/// Encrypts with randomness of the system.
pub(crate) struct JweSealer;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    enc: &'static str,
    /// The message's own key.
    epk: Jwk,
    /// The receiver's key, as the receiver calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

impl Sealer for JweSealer {
    fn read_key(&self, jwk: &str) -> Option<PublicKey> {
        let jwk = Jwk::decode(jwk)?;
        let point = UnparsedPublicKey::new(&ECDH_P256, jwk.point()?);
        ParsedPublicKey::try_from(point).ok()?;
        serde_json::to_string(&jwk).ok().map(PublicKey)
    }

    fn seal(&self, key: &PublicKey, text: &str) -> Option<String> {
        let theirs = Jwk::decode(&key.0)?;
        let ours = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).ok()?;
        let public = ours.compute_public_key().ok()?;
        let header = Header {
            alg: AGREEMENT,
            enc: ENCRYPTION,
            epk: Jwk::from_point(public.as_ref())?,
            kid: theirs.kid.as_deref(),
        };
        let header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).ok()?);
        let key = agree(ours, &theirs)?;
        encrypt(&key, &header, text)
    }
}

fn agree(ours: EphemeralPrivateKey, theirs: &Jwk) -> Option<RandomizedNonceKey> {
    let theirs = UnparsedPublicKey::new(&ECDH_P256, theirs.point()?);
    let derivation = Derivation {
        algorithm: ENCRYPTION,
        from: "",
        to: "",
        key_bits: KEY_BITS,
    };
    let derived = agree_ephemeral(ours, theirs, Unspecified, |agreed| {
        RandomizedNonceKey::new(&AES_256_GCM, derivation.round(agreed).as_ref())
    });
    derived.ok()
}

fn encrypt(key: &RandomizedNonceKey, header: &str, text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let sealed = key.seal_in_place_separate_tag(Aad::from(header), &mut bytes);
    let (iv, tag) = sealed.ok()?;
    let [iv, text, tag] =
        [iv.as_ref().as_slice(), &bytes, tag.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part));
    Some(format!("{header}..{iv}.{text}.{tag}"))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::aead::Nonce;
    use aws_lc_rs::agreement::{self, PrivateKey};
    use serde_json::{Value, json};

    use super::*;

    /// Bob's key in RFC 7518, Appendix C.
    const X: &str = "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ";
    const Y: &str = "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck";
    const D: &str = "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw";

    #[test]
    fn only_the_owner_of_the_key_reads_the_text() {
        let key = read(&json!({"kid": "phone-1"})).unwrap();

        let jwe = JweSealer.seal(&key, "eJwtjc").unwrap();

        let (header, text) = open(&jwe, D).unwrap();
        assert_eq!(text, "eJwtjc");
        assert_eq!(
            (&header["alg"], &header["enc"], &header["kid"]),
            (&json!("ECDH-ES"), &json!("A256GCM"), &json!("phone-1"))
        );
        let alice = "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo";
        assert!(open(&jwe, alice).is_none());
        assert!(open(&jwe.replacen('.', "A.", 1), D).is_none());
    }

    #[test]
    fn each_message_has_a_key_of_its_own() {
        let key = read(&json!({})).unwrap();

        let [first, second] = [(); 2].map(|()| JweSealer.seal(&key, "text").unwrap());

        let pairs = first.split('.').zip(second.split('.'));
        let same: Vec<bool> = pairs.map(|(first, second)| first == second).collect();
        assert_eq!(same, [false, true, false, false, false]);
    }

    #[test]
    fn keys_are_kept_without_what_else_libraries_write() {
        let key = read(&json!({"ext": true, "key_ops": [], "kid": null})).unwrap();

        let kept: Value = serde_json::from_str(&key.0).unwrap();
        assert_eq!(kept, json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y}));
        let long = read(&json!({"kid": "\u{1}".repeat(64)})).unwrap();
        assert!(long.0.len() <= 600, "{}", long.0.len());
    }

    #[test]
    fn what_is_no_key_of_p_256_is_refused() {
        let bad = [
            json!({"kty": "OKP"}),
            json!({"kty": null}),
            json!({"crv": "P-384"}),
            json!({"x": "not base64url"}),
            json!({"x": format!("{X}=")}),
            json!({"x": X.replace('_', "/")}),
            json!({"y": &Y[..42]}),
            json!({"y": format!("AAAA{Y}")}),
            // On no curve of these coordinates, in no field, and at infinity.
            json!({"y": X}),
            json!({"x": "_".repeat(42) + "8"}),
            json!({"x": "A".repeat(43), "y": "A".repeat(43)}),
            json!({"kid": 7}),
            json!({"kid": "x".repeat(65)}),
            json!({"d": D}),
        ];

        for members in bad {
            assert!(read(&members).is_none(), "{members}");
        }
        assert!(JweSealer.read_key("[]").is_none());
    }

    /// Bob's key with these members instead or besides.
    fn read(members: &Value) -> Option<PublicKey> {
        let mut jwk = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y});
        for (name, value) in members.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        JweSealer.read_key(&jwk.to_string())
    }

    /// Header and text, for whoever has the private key.
    fn open(jwe: &str, d: &str) -> Option<(Value, String)> {
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let parts: Vec<&str> = jwe.split('.').collect();
        let [protected, "", iv, text, tag] = parts[..] else {
            return None;
        };
        let header: Value = serde_json::from_slice(&decode(protected)?).ok()?;
        let epk = Jwk::decode(&header["epk"].to_string())?.point()?;
        let private = PrivateKey::from_private_key(&ECDH_P256, &decode(d)?).ok()?;
        let theirs = UnparsedPublicKey::new(&ECDH_P256, epk);
        let bits = b"\0\0\0\x07A256GCM\0\0\0\0\0\0\0\0\0\0\x01\0";
        let key = agreement::agree(&private, theirs, Unspecified, |agreed| {
            let hashed = [b"\0\0\0\x01", agreed, bits].concat();
            let key = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &hashed);
            RandomizedNonceKey::new(&AES_256_GCM, key.as_ref())
        });
        let nonce = Nonce::try_assume_unique_for_key(&decode(iv)?).ok()?;
        let mut sealed = [decode(text)?, decode(tag)?].concat();
        let aad = Aad::from(protected);
        let opened = key.ok()?.open_in_place(nonce, aad, &mut sealed).ok()?;
        Some((header, String::from_utf8(opened.to_vec()).ok()?))
    }
}
