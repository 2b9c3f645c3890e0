//! The one place that reads the wall clock.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use app::port::Clock;
use engine::time::Instant;

/// The wall clock. When someone sets it back, it goes on at its own pace until the wall has caught
/// up, so that deadlines neither wait for hours nor fire twice.
pub(crate) struct SystemClock {
    anchor: Mutex<(i64, std::time::Instant)>,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            anchor: Mutex::new((wall_ms(), Stopwatch.now())),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        Instant::from_ms(advance(&mut anchor, wall_ms(), Stopwatch.now()))
    }
}

/// The later of the wall and the anchor carried on by the monotonic clock, which becomes the anchor.
fn advance(anchor: &mut (i64, std::time::Instant), wall_ms: i64, now: std::time::Instant) -> i64 {
    let (anchor_ms, anchored) = *anchor;
    let passed = i64::try_from(now.duration_since(anchored).as_millis()).unwrap_or(i64::MAX);
    let carried = anchor_ms.saturating_add(passed);
    if wall_ms > carried {
        *anchor = (wall_ms, now);
        return wall_ms;
    }
    carried
}

/// Milliseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "the clock itself")]
pub(crate) fn wall_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The monotonic clock, for lives inside the process.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch;

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "the clock itself")]
    pub(crate) fn now(self) -> std::time::Instant {
        std::time::Instant::now()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_that_is_set_back_goes_on_at_its_own_pace() {
        let start = Stopwatch.now();
        let mut anchor = (1_000_000, start);
        let later = start + Duration::from_secs(5);

        assert_eq!(advance(&mut anchor, 1_005_000, later), 1_005_000);
        let set_back = advance(&mut anchor, 900_000, later + Duration::from_secs(1));
        let caught_up = advance(&mut anchor, 2_000_000, later + Duration::from_secs(2));

        assert_eq!((set_back, caught_up), (1_006_000, 2_000_000));
    }
}
