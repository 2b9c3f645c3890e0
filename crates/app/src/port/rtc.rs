//! Credentials for outside media rooms.

use std::time::Duration;

use engine::call::{MediaRight, Room};
use engine::time::Instant;

/// A signed right to enter media rooms under one user id.
#[derive(Clone, PartialEq, Eq)]
pub struct RtcCredential {
    /// The application the id and signature belong to; 0 where no media service is configured.
    pub sdk_app_id: u32,
    /// The signature; empty where no media service is configured.
    pub user_sig: String,
    /// The signed right to this one room; none where the service does not ask for it.
    pub room_key: Option<String>,
}

/// What a credential is for.
#[derive(Clone, Copy, Debug)]
pub struct RtcEntry<'a> {
    /// Who enters: at most 32 letters, digits, `_` and `-`.
    pub user: &'a str,
    /// Where.
    pub room: &'a Room,
    /// What they may do there.
    pub right: MediaRight,
}

/// Signs media credentials.
pub trait RtcSigner: Send + Sync {
    /// A credential for an entry, valid from `now` for `life`.
    fn sign(&self, entry: RtcEntry<'_>, now: Instant, life: Duration) -> RtcCredential;
}
