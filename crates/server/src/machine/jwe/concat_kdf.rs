//! The Concat KDF: from an agreed secret to a key. Source: RFC 7518 §4.6; NIST SP 800-56A §5.8.1.

use aws_lc_rs::digest::{Context, Digest, SHA256};

/// What a key is derived for. Each part is at most some hundred bytes.
pub(super) struct Derivation<'a> {
    /// The content encryption, such as `A256GCM`.
    pub(super) algorithm: &'a str,
    /// `PartyUInfo`: the sender.
    pub(super) from: &'a str,
    /// `PartyVInfo`: the receiver.
    pub(super) to: &'a str,
    /// The length of the key, at most 256: one round of SHA-256, of which it is the front.
    pub(super) key_bits: u32,
}

impl Derivation<'_> {
    /// One round; the key is its first `key_bits`.
    pub(super) fn round(&self, agreed: &[u8]) -> Digest {
        let mut hash = Context::new(&SHA256);
        hash.update(&1_u32.to_be_bytes());
        hash.update(agreed);
        for part in [self.algorithm, self.from, self.to] {
            let length = u32::try_from(part.len()).expect("parts are short");
            hash.update(&length.to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(&self.key_bits.to_be_bytes());
        hash.finish()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    /// The secret that Alice and Bob agree on in RFC 7518, Appendix C.
    const AGREED: [u8; 32] = [
        158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110,
        163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
    ];

    #[test]
    fn the_key_of_rfc_7518_is_derived() {
        let derivation = Derivation {
            algorithm: "A128GCM",
            from: "Alice",
            to: "Bob",
            key_bits: 128,
        };

        let round = derivation.round(&AGREED);

        let key = URL_SAFE_NO_PAD.encode(&round.as_ref()[..16]);
        assert_eq!(key, "VqqN6vgjbSBcIijNcacQGg");
    }
}
