//! The one place of the broker that reads clocks. The core is told the time.
//! Whoever else needs the moment takes it from its caller.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::core::{Anchor, anchor};

/// The moment.
#[expect(
    clippy::disallowed_methods,
    reason = "the driver is where time enters the broker"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// What the wall clock says at this moment.
#[expect(
    clippy::disallowed_methods,
    reason = "the driver is where time enters the broker"
)]
pub(super) fn wall() -> Anchor {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    anchor(now(), since_epoch.unwrap_or_default())
}
