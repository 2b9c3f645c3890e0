//! A flat as alarms see it: how it is armed, its zones, and what each of them waits for.

use crate::alarm::level::Person;
use crate::alarm::zone::{Mode, Policy, Zone, ZoneNo};
use crate::call::Version;
use crate::id::{CommunityId, FlatId};
use crate::time::Instant;

/// Where a flat is; frozen in its alarms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The community.
    pub community: CommunityId,
    /// What a visitor dials.
    pub number: String,
}

/// What a zone waits for without anybody's doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    /// Nothing.
    Nothing,
    /// For somebody who came in to disarm.
    Entry {
        /// When the entry delay ends.
        until: Instant,
        /// The triggers so far.
        count: u32,
    },
    /// For a sign of life.
    Quiet {
        /// When it has been quiet for too long.
        until: Instant,
    },
}

/// A zone and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    /// The zone.
    pub zone: Zone,
    /// What it waits for.
    pub waits: Wait,
}

/// The reason of a flat's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lapse {
    /// An entry delay ends.
    Entry,
    /// It has been quiet for too long.
    Quiet,
}

/// One flat.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// Which flat.
    pub flat: FlatId,
    /// Where it is.
    pub place: Place,
    /// Counts its committed changes; none before the first.
    pub version: Version,
    /// How it is armed.
    pub mode: Mode,
    /// Who armed or disarmed it last.
    pub armed_by: Option<Person>,
    /// In the order of their numbers.
    pub zones: Vec<Watch>,
}

impl Site {
    /// A flat that was never armed and has no zones.
    pub fn new(flat: FlatId, place: Place) -> Self {
        Self {
            flat,
            place,
            version: Version::NONE,
            mode: Mode::Disarmed,
            armed_by: None,
            zones: Vec::new(),
        }
    }

    /// When something must happen without anybody's doing, in which zone and why; the earliest, and
    /// of two at once the zone with the lower number.
    pub fn deadline(&self) -> Option<(Instant, ZoneNo, Lapse)> {
        let waiting = self.zones.iter().filter_map(|watch| match watch.waits {
            Wait::Nothing => None,
            Wait::Entry { until, .. } => Some((until, watch.zone.no, Lapse::Entry)),
            Wait::Quiet { until } => Some((until, watch.zone.no, Lapse::Quiet)),
        });
        waiting.min_by_key(|(at, no, _)| (*at, *no))
    }

    /// A zone by its number.
    pub fn find(&self, no: ZoneNo) -> Option<&Watch> {
        self.zones.iter().find(|watch| watch.zone.no == no)
    }

    pub(crate) fn find_mut(&mut self, no: ZoneNo) -> Option<&mut Watch> {
        self.zones.iter_mut().find(|watch| watch.zone.no == no)
    }
}

impl Watch {
    /// The zone as it begins to be watched in `mode`.
    pub(crate) fn begin(zone: Zone, mode: Mode, now: Instant) -> Self {
        let waits = match zone.policy {
            Policy::Nursing(quiet) if zone.counts_in(mode) => Wait::Quiet { until: now + quiet },
            Policy::Nursing(_) | Policy::Immediate | Policy::Delayed(_) | Policy::Duress => {
                Wait::Nothing
            }
        };
        Self { zone, waits }
    }
}
