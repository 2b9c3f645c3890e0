//! One alarm as it is kept. It changes only by what [`crate::alarm::decide()`] does.

use std::time::Duration;

use crate::alarm::level::{Heard, Level, Person, Rung};
use crate::alarm::site::Place;
use crate::alarm::zone::{Policy, ZoneNo};
use crate::call::Version;
use crate::id::{AlarmId, FlatId};
use crate::time::Instant;

/// The reason of an alarm's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// Nobody has acknowledged: this level is told.
    Level(Level),
    /// Nobody has acknowledged at the last level: everybody is told again.
    Again,
}

/// A deadline and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Armed {
    /// When.
    pub at: Instant,
    /// Why.
    pub due: Due,
}

/// The acknowledgement of a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ack {
    /// Who acknowledged.
    pub by: Person,
    /// Who is going there, in words.
    pub going: String,
    /// When.
    pub at: Instant,
}

/// How an alarm ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was dealt with.
    Resolved,
    /// There was nothing.
    FalseAlarm,
}

impl Outcome {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Resolved, Self::FalseAlarm];

    /// Its stable name, for whatever keeps or shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resolved => "resolved",
            Self::FalseAlarm => "false_alarm",
        }
    }
}

/// Where an alarm stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Nobody has acknowledged.
    Notified {
        /// The farthest level that was told.
        level: Level,
        /// What happens next by itself.
        next: Armed,
    },
    /// A person has; it goes no further.
    Acknowledged(Ack),
    /// Somebody is there.
    Handling {
        /// The acknowledgement.
        ack: Ack,
        /// Who said so.
        by: Person,
        /// When.
        at: Instant,
    },
    /// It is over.
    Ended {
        /// The acknowledgement.
        ack: Ack,
        /// How.
        outcome: Outcome,
        /// Why, in words; may be empty.
        reason: String,
        /// Who said so.
        by: Person,
        /// When.
        at: Instant,
    },
}

/// One alarm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Alarm {
    /// Its id.
    pub id: AlarmId,
    /// Counts its committed changes.
    pub version: Version,
    /// Of which flat.
    pub flat: FlatId,
    /// Where that is.
    pub place: Place,
    /// Which zone.
    pub zone: ZoneNo,
    /// What people call the zone.
    pub zone_name: String,
    /// What its trigger meant.
    pub policy: Policy,
    /// When it was raised.
    pub raised: Instant,
    /// The triggers so far, from 1.
    pub count: u32,
    /// When the last one came.
    pub last: Instant,
    /// How often everybody was told again at the last level.
    pub again_count: u32,
    /// Levels that were not told yet.
    pub ladder: Vec<Rung>,
    /// Between two tellings at the last level.
    pub again: Duration,
    /// Who was told, and of which version.
    pub heard: Heard,
    /// Where it stands.
    pub phase: Phase,
}

impl Alarm {
    /// When something must happen without anybody's doing, and why; none once acknowledged.
    pub fn deadline(&self) -> Option<Armed> {
        match self.phase {
            Phase::Notified { next, .. } => Some(next),
            Phase::Acknowledged(_) | Phase::Handling { .. } | Phase::Ended { .. } => None,
        }
    }

    /// Whether it is not over: triggers of its zone are counted on it.
    pub fn is_open(&self) -> bool {
        self.ended().is_none()
    }

    /// When it ended.
    pub fn ended(&self) -> Option<Instant> {
        match self.phase {
            Phase::Ended { at, .. } => Some(at),
            Phase::Notified { .. } | Phase::Acknowledged(_) | Phase::Handling { .. } => None,
        }
    }

    /// The acknowledgement, also after the end.
    pub fn ack(&self) -> Option<&Ack> {
        match &self.phase {
            Phase::Notified { .. } => None,
            Phase::Acknowledged(ack) | Phase::Handling { ack, .. } | Phase::Ended { ack, .. } => {
                Some(ack)
            }
        }
    }

    /// Whether nobody in the flat may ever hear of it.
    pub fn is_silent(&self) -> bool {
        self.policy == Policy::Duress
    }

    /// The farthest level that was told.
    pub fn level(&self) -> Option<Level> {
        Level::ALL
            .into_iter()
            .rev()
            .find(|level| self.heard.has(*level))
    }

    /// Its state as a stable name, for whatever keeps or shows it.
    pub fn state_name(&self) -> &'static str {
        match &self.phase {
            Phase::Notified { .. } => "notified",
            Phase::Acknowledged(_) => "acknowledged",
            Phase::Handling { .. } => "handling",
            Phase::Ended { outcome, .. } => outcome.name(),
        }
    }
}
