//! What can happen to alarms, what must be known to decide it, and what a decision says.

use std::collections::BTreeMap;

use crate::alarm::level::{Level, Person, Times};
use crate::alarm::site::Site;
use crate::alarm::state::{Alarm, Outcome};
use crate::alarm::zone::{Mode, Zone, ZoneNo};
use crate::call::Version;
use crate::id::{AlarmId, FlatId};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A zone was triggered.
    Trigger {
        /// In which flat.
        flat: FlatId,
        /// Which zone.
        zone: ZoneNo,
        /// A fresh id, used only if an alarm is raised.
        fresh: AlarmId,
        /// When each level is told, should an alarm be raised.
        times: Times,
    },
    /// A flat is armed or disarmed.
    Arm {
        /// Which flat.
        flat: FlatId,
        /// How.
        mode: Mode,
        /// By whom.
        by: Person,
    },
    /// A flat gets these zones instead of those it had.
    SetZones {
        /// Which flat.
        flat: FlatId,
        /// All of its zones, each number once.
        zones: Vec<Zone>,
    },
    /// A flat's deadline has come; counts only in the version it was armed in.
    Lapse {
        /// Which flat.
        flat: FlatId,
        /// The version it was armed in.
        version: Version,
        /// A fresh id, used only if an alarm is raised.
        fresh: AlarmId,
        /// When each level is told, should an alarm be raised.
        times: Times,
    },
    /// An alarm's deadline has come; counts only in the version it was armed in.
    Deadline {
        /// Which alarm.
        alarm: AlarmId,
        /// The version it was armed in.
        version: Version,
    },
    /// A person takes it on.
    Acknowledge {
        /// Which alarm.
        alarm: AlarmId,
        /// Who.
        by: Person,
        /// Who is going there, in words.
        going: String,
    },
    /// Somebody is there.
    Handle {
        /// Which alarm.
        alarm: AlarmId,
        /// Who says so.
        by: Person,
    },
    /// It is over.
    Close {
        /// Which alarm.
        alarm: AlarmId,
        /// Who says so.
        by: Person,
        /// How.
        outcome: Outcome,
        /// Why, in words; may be empty.
        reason: String,
    },
}

/// What must be loaded before an input can be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// This flat.
    pub flat: Option<FlatId>,
    /// The newest alarm of this zone of that flat.
    pub zone: Option<ZoneNo>,
    /// This alarm.
    pub alarm: Option<AlarmId>,
}

/// What is known when an input is decided, all from one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The flat; none if there is none.
    pub site: Option<Site>,
    /// The newest alarm of each zone that was asked for, ended or not.
    pub newest: BTreeMap<ZoneNo, Alarm>,
    /// The alarm; none if there is none.
    pub alarm: Option<Alarm>,
}

/// Why the rules say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no such flat.
    UnknownFlat,
    /// The flat has no such zone.
    UnknownZone,
    /// There is no such alarm, or the actor must not know of it: the two are not told apart.
    UnknownAlarm,
    /// Somebody else has acknowledged it.
    AlreadyAcknowledged,
    /// Nobody has acknowledged it yet.
    NotAcknowledged,
    /// It is over.
    Ended,
    /// Two zones have one number, or a time is out of bounds.
    BadZones,
}

/// Why an input changed nothing and nobody need be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The zone does not count in the mode in which the flat is armed.
    NotArmed,
    /// The deadline was armed in an older version, or has not come.
    StaleDeadline,
    /// There is no such flat or alarm any more.
    Gone,
}

/// What a decision says to whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Done, or found done already.
    Accepted,
    /// The rules say no.
    Refused(Refusal),
    /// It came to nothing.
    Ignored(Why),
}

/// What happened to an alarm, for its history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// It was raised.
    Raised,
    /// A level was told.
    Told(Level),
    /// A person took it on.
    Acknowledged,
    /// Somebody is there.
    Handling,
    /// It is over.
    Ended(Outcome),
}

/// A line of an alarm's history; never changed or taken back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// Who did it; none where time did, or a sensor.
    pub by: Option<Person>,
    /// Who is going, or why it is over; may be empty.
    pub note: String,
}

/// The result of deciding one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to answer.
    pub verdict: Verdict,
    /// The flat, if it changed, to be written whole.
    pub site: Option<Site>,
    /// The alarm the answer is about, as it stands after the decision.
    pub alarm: Option<Alarm>,
    /// Whether that alarm changed and is to be written, whole.
    pub is_changed: bool,
    /// What the alarm's history gains.
    pub history: Vec<Entry>,
}

impl Decision {
    pub(crate) fn refused(refusal: Refusal, alarm: Option<&Alarm>) -> Self {
        Self::says(Verdict::Refused(refusal), alarm)
    }

    pub(crate) fn ignored(why: Why) -> Self {
        Self::says(Verdict::Ignored(why), None)
    }

    pub(crate) fn unchanged(alarm: Option<&Alarm>) -> Self {
        Self::says(Verdict::Accepted, alarm)
    }

    pub(crate) fn changed(alarm: Alarm, history: Vec<Entry>) -> Self {
        Self {
            verdict: Verdict::Accepted,
            site: None,
            alarm: Some(alarm),
            is_changed: true,
            history,
        }
    }

    pub(crate) fn site(site: Site) -> Self {
        Self {
            site: Some(site),
            ..Self::unchanged(None)
        }
    }

    fn says(verdict: Verdict, alarm: Option<&Alarm>) -> Self {
        Self {
            verdict,
            site: None,
            alarm: alarm.cloned(),
            is_changed: false,
            history: Vec::new(),
        }
    }
}
