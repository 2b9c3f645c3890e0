//! `[alarms]`: after how long who is told.

use std::ops::RangeInclusive;
use std::time::Duration;

use engine::alarm::Times;
use serde::Deserialize;

/// An hour is the longest that a level may wait; a second is for those who try it out.
const LEVEL_S: RangeInclusive<u64> = 1..=3600;

/// `[alarms]`, in seconds from the raising.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Alarms {
    /// The guard of a nursing alarm.
    guard_s: u64,
    /// The centre.
    centre_s: u64,
    /// Outside.
    outside_s: u64,
    /// Between two tellings at the last level.
    again_s: u64,
}

impl Default for Alarms {
    fn default() -> Self {
        let Times {
            guard,
            centre,
            outside,
            again,
        } = Times::default();
        Self {
            guard_s: guard.as_secs(),
            centre_s: centre.as_secs(),
            outside_s: outside.as_secs(),
            again_s: again.as_secs(),
        }
    }
}

impl Alarms {
    /// The times for the rules.
    pub(crate) fn times(&self) -> Times {
        Times {
            guard: Duration::from_secs(self.guard_s),
            centre: Duration::from_secs(self.centre_s),
            outside: Duration::from_secs(self.outside_s),
            again: Duration::from_secs(self.again_s),
        }
    }

    /// What is wrong with them, if something is.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let all = [self.guard_s, self.centre_s, self.outside_s, self.again_s];
        if !all.iter().all(|seconds| LEVEL_S.contains(seconds)) {
            return Some("alarms: guard_s, centre_s, outside_s and again_s must be 1 to 3600");
        }
        let is_climbing = self.guard_s <= self.centre_s && self.centre_s <= self.outside_s;
        (!is_climbing).then_some("alarms: guard_s, centre_s and outside_s must not decrease")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<&'static str> {
        let alarms: Alarms = toml::from_str(text).unwrap();
        alarms.problem()
    }

    #[test]
    fn levels_must_climb_within_an_hour() {
        assert_eq!(problem(""), None);
        assert_eq!(problem("guard_s = 1\ncentre_s = 1\noutside_s = 1"), None);
        assert!(problem("centre_s = 0").is_some());
        assert!(problem("again_s = 3601").is_some());
        assert!(problem("centre_s = 181").is_some());
    }
}
