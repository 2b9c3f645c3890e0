//! Credentials for outside media rooms.

use std::time::Duration;

use engine::time::Instant;

/// A signed right to enter media rooms under one user id.
#[derive(Clone, PartialEq, Eq)]
pub struct RtcCredential {
    /// The application the id and signature belong to; 0 where no media service is configured.
    pub sdk_app_id: u32,
    /// The signature; empty where no media service is configured.
    pub user_sig: String,
}

/// Signs media credentials.
pub trait RtcSigner: Send + Sync {
    /// A credential for `user` (at most 32 letters, digits, `_` and `-`), valid from `now` for
    /// `life`.
    fn sign(&self, user: &str, now: Instant, life: Duration) -> RtcCredential;
}
