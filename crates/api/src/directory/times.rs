//! `ring_s` and `talk_s` of communities, devices and flats.

use std::time::Duration;

use app::directory::CallTimes;
use app::manage::TimesEdit;

/// The times that were asked for, in seconds; none is inherited.
pub(super) fn times(ring_s: Option<u64>, talk_s: Option<u64>) -> CallTimes {
    CallTimes {
        ring: ring_s.map(Duration::from_secs),
        talk: talk_s.map(Duration::from_secs),
    }
}

/// The change that was asked for: a field that is missing stays, one that is null is inherited.
pub(super) fn edit(ring_s: Option<Option<u64>>, talk_s: Option<Option<u64>>) -> TimesEdit {
    let to_time = |seconds: Option<u64>| seconds.map(Duration::from_secs);
    TimesEdit {
        ring: ring_s.map(to_time),
        talk: talk_s.map(to_time),
    }
}

/// Whole seconds, as they are shown.
pub(super) fn seconds(time: Option<Duration>) -> Option<u64> {
    time.map(|time| time.as_secs())
}
