//! Wrong codes at one door.

use std::time::Duration;

use crate::time::Instant;

/// Wrong codes that lock the entry: enough for a wet finger, few for a guesser.
pub const WRONG_MAX: u32 = 5;

/// How long the entry stays locked. A guesser has 7200 tries a day, of which one in
/// 100 000 000 hits a code of eight digits.
pub const LOCK_LIFE: Duration = Duration::from_secs(60);

/// For how long a wrong code is counted. A right one between does not make it forgotten: a guesser may
/// have one of their own.
pub const WRONG_LIFE: Duration = Duration::from_secs(600);

/// What is remembered of codes at one door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CodeEntry {
    /// Wrong codes since the lock, each not long after the one before.
    pub wrong: u32,
    /// Until when they count.
    pub counts_until: Option<Instant>,
    /// Until when no code counts.
    pub locked_until: Option<Instant>,
}

impl CodeEntry {
    /// Whether codes are not even looked at.
    pub fn is_locked(&self, now: Instant) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// After a code that did not.
    pub(crate) fn after_wrong(&self, now: Instant) -> Self {
        let counts = self.counts_until.is_some_and(|until| now < until);
        let wrong = if counts { self.wrong + 1 } else { 1 };
        if wrong < WRONG_MAX {
            return Self {
                wrong,
                counts_until: Some(now + WRONG_LIFE),
                locked_until: None,
            };
        }
        Self {
            wrong: 0,
            counts_until: None,
            locked_until: Some(now + LOCK_LIFE),
        }
    }
}
