//! The one place of the broker that reads a clock. The core is told the time.
//! Whoever else needs the moment takes it from its caller.

use std::time::Instant;

/// The moment.
#[expect(
    clippy::disallowed_methods,
    reason = "the driver is where time enters the broker"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
