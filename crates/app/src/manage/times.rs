//! How long calls ring and last at a place: its bounds, and changing it.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::directory::{CallTimes, RING_S, TALK_S};
use crate::failure::Failure;

/// What may change of a place's times; what is none stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimesEdit {
    /// How long calls ring there, 5–180 s, or nothing of its own.
    pub ring: Option<Option<Duration>>,
    /// How long conversations may last there, 1 min–24 h, or nothing of its own.
    pub talk: Option<Option<Duration>>,
}

impl TimesEdit {
    pub(super) fn check(self) -> Result<(), Failure> {
        check_times(CallTimes {
            ring: self.ring.flatten(),
            talk: self.talk.flatten(),
        })
    }

    pub(super) fn write(self, times: &mut CallTimes) {
        times.ring = self.ring.unwrap_or(times.ring);
        times.talk = self.talk.unwrap_or(times.talk);
    }
}

pub(super) fn check_times(times: CallTimes) -> Result<(), Failure> {
    if !fits(times.ring, &RING_S) {
        return Err(Failure::Invalid {
            field: "ring_s",
            problem: "must be 5 to 180 seconds",
        });
    }
    if !fits(times.talk, &TALK_S) {
        return Err(Failure::Invalid {
            field: "talk_s",
            problem: "must be 60 to 86400 seconds",
        });
    }
    Ok(())
}

fn fits(time: Option<Duration>, bounds_s: &RangeInclusive<u64>) -> bool {
    time.is_none_or(|time| bounds_s.contains(&time.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_outside_their_bounds_are_refused_by_field() {
        let s = |seconds: Option<u64>| seconds.map(Duration::from_secs);
        let (ring, talk) = (
            "ring_s: must be 5 to 180 seconds",
            "talk_s: must be 60 to 86400 seconds",
        );
        let cases = [
            (None, None, None),
            (Some(5), Some(60), None),
            (Some(180), Some(86_400), None),
            (Some(4), None, Some(ring)),
            (Some(181), None, Some(ring)),
            (None, Some(59), Some(talk)),
            (None, Some(86_401), Some(talk)),
        ];

        for (ring, talk, expected) in cases {
            let checked = check_times(CallTimes {
                ring: s(ring),
                talk: s(talk),
            });

            let refused = checked.err().map(|failure| failure.to_string());
            assert_eq!(refused.as_deref(), expected, "{ring:?} {talk:?}");
        }
    }
}
