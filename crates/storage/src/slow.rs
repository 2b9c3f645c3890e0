//! A disk that is slow on purpose, for `koumen bench press`. No setting leads here.
//!
//! A commit that wrote something syncs once, so that is where the delay is. The syncs of a
//! checkpoint, every 16 MiB of what was written, stay as fast as the disk.

use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

static DELAY: OnceLock<Duration> = OnceLock::new();

/// Makes every commit of this process that wrote something take so much longer, for ever. Asking
/// again changes nothing.
pub fn slow_commits(by: Duration) {
    DELAY.get_or_init(|| by);
}

/// Takes as long as a slow disk would.
#[expect(
    clippy::disallowed_methods,
    reason = "the writer's thread waits for nothing else while a disk syncs"
)]
pub(crate) fn sync_slowly() {
    if let Some(delay) = DELAY.get() {
        sleep(*delay);
    }
}
