//! Encryption to the public keys of registered clients. Source: RFC 7516, RFC 7517, RFC 7518.

use crate::directory::PublicKey;

/// Reads public keys and encrypts to them: ECDH-ES on P-256 and A256GCM.
pub trait Sealer: Send + Sync {
    /// The key that a JWK in JSON text describes; none unless it is a point of P-256 with an
    /// optional `kid` of at most 64 bytes, and no private key. Other members are ignored.
    fn read_key(&self, jwk: &str) -> Option<PublicKey>;

    /// The text as a compact JWE that only the owner of the key can read, another one each time;
    /// none if the key did not come from [`Sealer::read_key`], or the machine cannot encrypt.
    fn seal(&self, key: &PublicKey, text: &str) -> Option<String>;
}
