//! Zones of a flat: what watches where, in which modes it counts, and what its trigger means.
//!
//! Source: S3 §4; the modes and policies are those of the community systems around it.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Zones that a flat may have, as on the devices.
pub const ZONES_MAX: u8 = 8;

/// How many seconds an entry delay may last: less lets nobody reach the keypad, more lets a burglar
/// leave again.
pub const DELAY_S: RangeInclusive<u64> = 1..=300;

/// How many seconds without a movement may be set to raise a nursing alarm: from a minute to two
/// days.
pub const QUIET_S: RangeInclusive<u64> = 60..=172_800;

/// The number of a zone in its flat, 1–[`ZONES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneNo(u8);

impl ZoneNo {
    /// The zone with this number; none outside of the bounds.
    pub fn new(number: u8) -> Option<Self> {
        (1..=ZONES_MAX).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// What the trigger of a zone means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// An alarm at once.
    Immediate,
    /// An alarm after this entry delay, unless the flat is disarmed before; within [`DELAY_S`].
    Delayed(Duration),
    /// An alarm that nobody in the flat hears of, straight to the centre, in every mode.
    Duress,
    /// A sign of life: the alarm is its absence for this long; within [`QUIET_S`].
    Nursing(Duration),
}

impl Policy {
    /// Its stable name, for whatever keeps or shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Delayed(_) => "delayed",
            Self::Duress => "duress",
            Self::Nursing(_) => "nursing",
        }
    }

    /// Its time, if it has one.
    pub fn time(self) -> Option<Duration> {
        match self {
            Self::Delayed(time) | Self::Nursing(time) => Some(time),
            Self::Immediate | Self::Duress => None,
        }
    }

    /// Whether its time is within bounds.
    pub fn is_within_bounds(self) -> bool {
        match self {
            Self::Delayed(time) => DELAY_S.contains(&time.as_secs()),
            Self::Nursing(time) => QUIET_S.contains(&time.as_secs()),
            Self::Immediate | Self::Duress => true,
        }
    }
}

/// How a flat is armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Not armed.
    Disarmed,
    /// Everybody is out.
    Away,
    /// Somebody is at home and awake.
    Home,
    /// Somebody is at home and asleep.
    Sleep,
    /// As the household chose.
    Custom,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Disarmed,
        Self::Away,
        Self::Home,
        Self::Sleep,
        Self::Custom,
    ];

    /// Its stable name, for whatever keeps or shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disarmed => "disarmed",
            Self::Away => "away",
            Self::Home => "home",
            Self::Sleep => "sleep",
            Self::Custom => "custom",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::Away => 1,
            Self::Home => 2,
            Self::Sleep => 4,
            Self::Custom => 8,
            Self::Disarmed => 16,
        }
    }
}

/// A set of modes, as a bit mask: away 1, home 2, sleep 4, custom 8, disarmed 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Modes(u8);

impl Modes {
    /// The set with these bits; none if a bit has no mode.
    pub fn from_bits(bits: u8) -> Option<Self> {
        (bits < 32).then_some(Self(bits))
    }

    /// The bits.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Whether the mode is in the set.
    pub fn contains(self, mode: Mode) -> bool {
        self.0 & mode.bit() != 0
    }
}

impl FromIterator<Mode> for Modes {
    fn from_iter<I: IntoIterator<Item = Mode>>(modes: I) -> Self {
        Self(modes.into_iter().fold(0, |bits, mode| bits | mode.bit()))
    }
}

/// One zone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zone {
    /// Which of the flat's.
    pub no: ZoneNo,
    /// What people call it.
    pub name: String,
    /// What its trigger means.
    pub policy: Policy,
    /// The modes in which it counts; a duress zone counts in all.
    pub modes: Modes,
}

impl Zone {
    /// Whether its trigger counts in this mode.
    pub fn counts_in(&self, mode: Mode) -> bool {
        self.policy == Policy::Duress || self.modes.contains(mode)
    }
}
