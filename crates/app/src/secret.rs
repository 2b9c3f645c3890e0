//! Secrets and what is kept of them.
//!
//! No type here has Debug, Display or serialisation, so none can end up in a log by accident.

/// A secret in clear: a password, a token, a device's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for whoever must send or check it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The keyed SHA-256 of a machine-made secret (at least 128 bits), which is all that is stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretDigest(pub [u8; 32]);

/// An argon2id hash of a person's password, in PHC text form.
#[derive(Clone)]
pub struct PasswordHash(pub String);
