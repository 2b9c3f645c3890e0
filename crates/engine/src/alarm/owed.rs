//! What a level must hear of an alarm now, derived from the committed state.
//!
//! As with calls there is no outbox for what is said inside: whoever speaks asks what is owed, says
//! it, and remembers the version.

use crate::alarm::level::Level;
use crate::alarm::state::{Alarm, Phase};
use crate::call::{OWED_AFTER_END, Version};
use crate::time::Instant;

/// What is said of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// Nobody has acknowledged it.
    Raised,
    /// A person has.
    Acknowledged,
    /// It is over.
    Over,
}

impl Notice {
    /// Its stable name, for whatever shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Acknowledged => "acknowledged",
            Self::Over => "over",
        }
    }
}

/// What one of `level` must hear at `now`, if it last heard `told`, and the version to remember
/// once it has. A level that was not told of the alarm is owed nothing.
pub fn owed(alarm: &Alarm, level: Level, told: Version, now: Instant) -> Option<(Notice, Version)> {
    let changed = alarm.heard.of(level);
    let is_late = alarm
        .ended()
        .is_some_and(|ended| now.since(ended) > OWED_AFTER_END);
    let notice = match alarm.phase {
        Phase::Notified { .. } => Notice::Raised,
        Phase::Acknowledged(_) | Phase::Handling { .. } => Notice::Acknowledged,
        Phase::Ended { .. } => Notice::Over,
    };
    (told < changed && !is_late).then_some((notice, changed))
}
