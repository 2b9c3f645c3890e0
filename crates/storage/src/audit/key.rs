//! The key of the audit, and what it signs.

use aws_lc_rs::hmac;

/// The key under which rows are chained.
#[derive(Clone)]
pub struct AuditKey(hmac::Key);

impl AuditKey {
    /// A key of 256 bits that is used for nothing else.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The mac of these parts, each preceded by its length in eight bytes, big-endian: no two lists of
    /// parts read the same.
    pub(super) fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut signing = hmac::Context::with_key(&self.0);
        for part in parts {
            signing.update(&(part.len() as u64).to_be_bytes());
            signing.update(part);
        }
        let mut mac = [0; 32];
        mac.copy_from_slice(signing.sign().as_ref());
        mac
    }
}
