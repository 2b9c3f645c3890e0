//! Errands as they are kept, and how doing one may fail.

use engine::time::Instant;

use crate::port::BoxFuture;
use crate::port::errand::{Errand, Lane};
use crate::port::store::StoreFailure;

/// An errand whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueErrand {
    /// The errand.
    pub errand: Errand,
    /// How often it was tried in vain.
    pub tries: u32,
}

/// Errands as they are kept.
///
/// Those of a call's step are kept by [`crate::port::CallFacts::owe`] in its transaction.
pub trait OutboxStore: Send + Sync {
    /// Keeps an errand that is due at once. One with the same id that waits already is left alone.
    fn add_errand(&self, errand: Errand) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Errands of a lane that are due at or before `now`, soonest first, at most `limit`.
    fn due_errands(
        &self,
        lane: Lane,
        now: Instant,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DueErrand>, StoreFailure>>;

    /// Notes a try in vain; the next one is due at `due`.
    fn put_errand_off(&self, id: String, due: Instant) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// Forgets an errand. May be called twice.
    fn forget_errand(&self, id: String) -> BoxFuture<'_, Result<(), StoreFailure>>;
}

/// Why the service did not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ErrandFailure {
    /// Not now: unreachable, overloaded, or keys that somebody must mend.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Never: the service does not understand the request.
    #[error("refused: {0}")]
    Refused(String),
}
