//! How often somebody may ask for something costly: signing in, registering, calling, telling
//! everyone.
//!
//! At the limit the request is refused and nothing else happens; a tenth of a minute's allowance
//! comes back every six seconds.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::failure::Failure;

/// Requests between two clean-ups of keys that have their whole allowance back.
const CLEAN_EVERY: u32 = 1024;

/// How often each kind of request may come in a minute; 0 means as often as one likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Sign-ins under one name.
    pub logins_per_min: u32,
    /// Presses at one door.
    pub calls_per_min: u32,
    /// Registrations by one resident.
    pub registrations_per_min: u32,
    /// System messages by one operator.
    pub messages_per_min: u32,
    /// Triggers of one zone of a flat.
    pub triggers_per_min: u32,
    /// Requests to open a door, by whoever asks; codes by door.
    pub unlocks_per_min: u32,
}

/// Above what people and their devices do, below what wears a server or its people out.
impl Default for Rates {
    fn default() -> Self {
        Self {
            logins_per_min: 20,
            calls_per_min: 60,
            registrations_per_min: 20,
            messages_per_min: 30,
            triggers_per_min: 120,
            unlocks_per_min: 60,
        }
    }
}

/// One kind of request, counted by who asks.
pub struct Limit {
    limiter: Option<DefaultKeyedRateLimiter<String>>,
    taken: AtomicU32,
}

impl Limit {
    /// A limit per minute, all of which may come at once; 0 is none.
    pub fn per_min(count: u32) -> Self {
        let quota = NonZeroU32::new(count).map(Quota::per_minute);
        Self {
            limiter: quota.map(RateLimiter::keyed),
            taken: AtomicU32::new(0),
        }
    }

    /// Takes one from `who`'s allowance, or refuses.
    pub fn take(&self, who: &str) -> Result<(), Failure> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        if self
            .taken
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(CLEAN_EVERY)
        {
            limiter.retain_recent();
        }
        limiter
            .check_key(&who.to_owned())
            .map_err(|_| Failure::TooMany)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowance_is_each_ones_own() {
        let limit = Limit::per_min(2);

        assert!(limit.take("a").is_ok() && limit.take("a").is_ok());
        assert!(matches!(limit.take("a"), Err(Failure::TooMany)));
        assert!(limit.take("b").is_ok());
    }

    #[test]
    fn zero_is_no_limit() {
        let limit = Limit::per_min(0);

        assert!((0..10_000).all(|_| limit.take("a").is_ok()));
    }
}
