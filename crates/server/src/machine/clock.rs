//! The one place that reads the wall clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use app::port::Clock;
use engine::time::Instant;

/// The wall clock, held where it is when someone sets it back.
#[derive(Default)]
pub(crate) struct SystemClock {
    latest_ms: AtomicI64,
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let ms = wall_ms();
        Instant::from_ms(self.latest_ms.fetch_max(ms, Ordering::Relaxed).max(ms))
    }
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
