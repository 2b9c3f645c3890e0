//! Moments as the server counts them.
//!
//! A moment is an argument, never read here. Clocks of devices do not decide anything and have no
//! type in this crate.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

/// A moment by the server's wall clock, in whole milliseconds since the Unix epoch.
///
/// It prints as the distance from the epoch (`+30s`), which keeps scenarios in virtual time
/// readable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The moment `ms` milliseconds after the Unix epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }
}

/// Saturates at the end of time instead of wrapping.
impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(later.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "+{:?}",
            Duration::from_millis(self.0.max(0).unsigned_abs())
        )
    }
}
