//! Counts and delays, and what is shown of them.

use std::time::Duration;

use super::error::LoadError;
use super::progress::Delays;

/// Failures that are kept in words; a server that is down makes thousands.
const REASONS_MAX: usize = 5;

/// A distribution by its middle, its tail and its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Half of all are not above it.
    pub p50: Duration,
    /// 99 of 100 are not above it.
    pub p99: Duration,
    /// None is above it.
    pub max: Duration,
    /// How many there were.
    pub count: usize,
}

impl Spread {
    /// The spread of any number of delays, zero of none.
    pub fn of(mut delays: Vec<Duration>) -> Self {
        delays.sort_unstable();
        let at = |percent: usize| {
            let rank = (delays.len() * percent).div_ceil(100).max(1);
            delays.get(rank - 1).copied().unwrap_or_default()
        };
        Self {
            p50: at(50),
            p99: at(99),
            max: at(100),
            count: delays.len(),
        }
    }
}

/// What calls came to.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) started: usize,
    pub(super) completed: usize,
    pub(super) press_to_incoming: Vec<Duration>,
    pub(super) answer_to_door: Vec<Duration>,
    pub(super) answer_to_losers: Vec<Duration>,
    pub(super) reasons: Vec<String>,
}

impl Tally {
    /// Counts one call.
    pub(super) fn count(&mut self, outcome: Result<Delays, LoadError>) {
        self.started += 1;
        match outcome {
            Ok(delays) => {
                self.completed += 1;
                self.press_to_incoming.extend(delays.press_to_incoming);
                self.answer_to_door.push(delays.answer_to_door);
                self.answer_to_losers.push(delays.answer_to_loser);
            }
            Err(why) if self.reasons.len() < REASONS_MAX => self.reasons.push(why.to_string()),
            Err(_) => {}
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.started += other.started;
        self.completed += other.completed;
        self.press_to_incoming.extend(other.press_to_incoming);
        self.answer_to_door.extend(other.answer_to_door);
        self.answer_to_losers.extend(other.answer_to_losers);
        let room = REASONS_MAX - self.reasons.len();
        self.reasons.extend(other.reasons.into_iter().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_names_the_middle_the_tail_and_the_end() {
        let delays = (1..=200).map(Duration::from_millis).collect();

        let spread = Spread::of(delays);

        assert_eq!(spread.p50, Duration::from_millis(100));
        assert_eq!(spread.p99, Duration::from_millis(198));
        assert_eq!(spread.max, Duration::from_millis(200));
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }
}
