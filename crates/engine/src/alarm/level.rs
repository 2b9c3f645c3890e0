//! Who is told of an alarm, one after the other, and who may act on it.

use std::time::Duration;

use crate::alarm::zone::Policy;
use crate::call::Version;
use crate::id::{EndpointId, FlatId, OperatorId, ResidentId};
use crate::time::Instant;

/// Who is told, from the nearest to the farthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The flat's screens and phones.
    Household,
    /// Those who guard the community.
    Guard,
    /// The community's centre.
    Centre,
    /// Whoever is registered outside.
    Outside,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Household, Self::Guard, Self::Centre, Self::Outside];

    /// Its stable name, for whatever keeps or shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Guard => "guard",
            Self::Centre => "centre",
            Self::Outside => "outside",
        }
    }
}

/// A person who acts on an alarm or arms a flat. No machine does either.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Person {
    /// Who lives in a flat.
    Resident {
        /// Who.
        resident: ResidentId,
        /// Where.
        flat: FlatId,
    },
    /// Whoever stands at a screen of the flat.
    Screen {
        /// Which screen.
        screen: EndpointId,
        /// In which flat.
        flat: FlatId,
    },
    /// Who administers or guards the community; whether they may see the alarm was settled before.
    Operator(OperatorId),
    /// Whoever sits at a centre; which community's was settled before.
    Centre(EndpointId),
}

/// After how long each level is told, counted from the raising, and how often the last one is told
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Times {
    /// The guard of a nursing alarm; of all others at once.
    pub guard: Duration,
    /// The centre; of a duress alarm at once.
    pub centre: Duration,
    /// Outside.
    pub outside: Duration,
    /// Between two tellings at the last level.
    pub again: Duration,
}

/// Source: the alarm machine's levels; a minute again is often enough to be heard and seldom enough
/// to be worked beside.
impl Default for Times {
    fn default() -> Self {
        Self {
            guard: Duration::from_secs(30),
            centre: Duration::from_secs(30),
            outside: Duration::from_secs(180),
            again: Duration::from_secs(60),
        }
    }
}

/// A level and when it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rung {
    /// Who.
    pub level: Level,
    /// When.
    pub at: Instant,
}

/// The rungs of an alarm that is raised now, lowest first; no rung is told before a lower one.
pub(crate) fn ladder(policy: Policy, times: Times, now: Instant) -> Vec<Rung> {
    let centre = now + times.centre;
    let guard = match policy {
        Policy::Duress => {
            return climbing([(Level::Centre, now), (Level::Outside, now + times.outside)]);
        }
        Policy::Nursing(_) => now + times.guard,
        Policy::Immediate | Policy::Delayed(_) => now,
    };
    climbing([
        (Level::Household, now),
        (Level::Guard, guard),
        (Level::Centre, centre),
        (Level::Outside, now + times.outside),
    ])
}

fn climbing(levels: impl IntoIterator<Item = (Level, Instant)>) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = Vec::new();
    for (level, at) in levels {
        let at = rungs.last().map_or(at, |lower| at.max(lower.at));
        rungs.push(Rung { level, at });
    }
    rungs
}

/// The version in which what each level must hear last changed; none for a level that was not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Heard([Version; 4]);

impl Heard {
    /// Nobody was told.
    pub const NOBODY: Self = Self([Version::NONE; 4]);

    /// From what was kept, in the order of [`Level::ALL`].
    pub fn from_versions(versions: [Version; 4]) -> Self {
        Self(versions)
    }

    /// The version of one level.
    pub fn of(&self, level: Level) -> Version {
        self.0[level as usize]
    }

    /// Whether the level was told.
    pub fn has(&self, level: Level) -> bool {
        self.of(level) > Version::NONE
    }

    pub(crate) fn tell(&mut self, level: Level, version: Version) {
        self.0[level as usize] = version;
    }

    /// Everybody who was told hears of this version too.
    pub(crate) fn tell_all(&mut self, version: Version) {
        for heard in self.0.iter_mut().filter(|heard| **heard > Version::NONE) {
            *heard = version;
        }
    }
}
