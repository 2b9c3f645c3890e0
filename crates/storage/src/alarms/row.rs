//! An alarm as JSON text in a row. The only place that knows this format, and how persons and events
//! are written.

use std::time::Duration;

use app::port::StoreFailure;
use engine::alarm::{
    Ack, Alarm, Armed, Due, Event, Heard, Level, Outcome, Person, Phase, Place, Policy, Rung,
    ZoneNo,
};
use engine::call::Version;
use engine::time::Instant;
use serde::{Deserialize, Serialize};

use crate::failure::{Result, unavailable};

/// The columns `id, version, state`.
pub(super) type Stored = (String, i64, String);

pub(super) fn to_text(alarm: &Alarm) -> Result<String> {
    serde_json::to_string(&AlarmDoc::from(alarm)).map_err(unavailable)
}

pub(super) fn from_stored((id, version, text): Stored) -> Result<Alarm> {
    let corrupt = || StoreFailure::Corrupt {
        table: "alarm",
        row: id.clone(),
    };
    let doc: AlarmDoc = serde_json::from_str(&text).map_err(|_| corrupt())?;
    let version = Version(u64::try_from(version).map_err(|_| corrupt())?);
    doc.into_alarm(&id, version).ok_or_else(corrupt)
}

#[derive(Serialize, Deserialize)]
struct AlarmDoc {
    flat: String,
    community: String,
    number: String,
    zone: u8,
    zone_name: String,
    policy: PolicyDoc,
    raised: i64,
    count: u32,
    last: i64,
    again_count: u32,
    ladder: Vec<RungDoc>,
    again_ms: u64,
    /// Household, guard, centre, outside.
    heard: [u64; 4],
    phase: PhaseDoc,
}

/// A policy in alarms and in zones.
#[derive(Serialize, Deserialize)]
pub(super) struct PolicyDoc {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_s: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct RungDoc {
    level: String,
    at: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum PhaseDoc {
    Notified {
        level: String,
        at: i64,
        /// The level that is due; none: everybody again.
        due: Option<String>,
    },
    Acknowledged {
        ack: AckDoc,
    },
    Handling {
        ack: AckDoc,
        by: PersonDoc,
        at: i64,
    },
    Ended {
        ack: AckDoc,
        outcome: String,
        reason: String,
        by: PersonDoc,
        at: i64,
    },
}

#[derive(Serialize, Deserialize)]
struct AckDoc {
    by: PersonDoc,
    going: String,
    at: i64,
}

/// A person in alarms, in arming and in the history.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PersonDoc {
    Resident { id: String, flat: String },
    Screen { id: String, flat: String },
    Operator(String),
    Centre(String),
}

pub(super) fn person_to_text(person: &Person) -> Result<String> {
    serde_json::to_string(&PersonDoc::from(person)).map_err(unavailable)
}

pub(super) fn person_from_text(text: &str) -> Option<Person> {
    let doc: PersonDoc = serde_json::from_str(text).ok()?;
    Some(doc.into())
}

pub(super) fn event_word(event: &Event) -> &'static str {
    match event {
        Event::Raised => "raised",
        Event::Told(level) => level.name(),
        Event::Acknowledged => "acknowledged",
        Event::Handling => "handling",
        Event::Ended(outcome) => outcome.name(),
    }
}

pub(super) fn event(word: &str) -> Option<Event> {
    Some(match word {
        "raised" => Event::Raised,
        "acknowledged" => Event::Acknowledged,
        "handling" => Event::Handling,
        _ => match (level(word), outcome(word)) {
            (Some(level), _) => Event::Told(level),
            (None, outcome) => Event::Ended(outcome?),
        },
    })
}

fn level(word: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| level.name() == word)
}

fn outcome(word: &str) -> Option<Outcome> {
    Outcome::ALL.into_iter().find(|one| one.name() == word)
}

impl From<Policy> for PolicyDoc {
    fn from(policy: Policy) -> Self {
        Self {
            name: policy.name().to_owned(),
            time_s: policy.time().map(|time| time.as_secs()),
        }
    }
}

impl PolicyDoc {
    pub(super) fn into_policy(self) -> Option<Policy> {
        let time = self.time_s.map(Duration::from_secs);
        match (self.name.as_str(), time) {
            ("immediate", None) => Some(Policy::Immediate),
            ("duress", None) => Some(Policy::Duress),
            ("delayed", Some(time)) => Some(Policy::Delayed(time)),
            ("nursing", Some(time)) => Some(Policy::Nursing(time)),
            _ => None,
        }
    }
}

impl From<&Person> for PersonDoc {
    fn from(person: &Person) -> Self {
        match person {
            Person::Resident { resident, flat } => Self::Resident {
                id: resident.to_string(),
                flat: flat.to_string(),
            },
            Person::Screen { screen, flat } => Self::Screen {
                id: screen.to_string(),
                flat: flat.to_string(),
            },
            Person::Operator(operator) => Self::Operator(operator.to_string()),
            Person::Centre(endpoint) => Self::Centre(endpoint.to_string()),
        }
    }
}

impl From<PersonDoc> for Person {
    fn from(doc: PersonDoc) -> Self {
        match doc {
            PersonDoc::Resident { id, flat } => Self::Resident {
                resident: id.into(),
                flat: flat.into(),
            },
            PersonDoc::Screen { id, flat } => Self::Screen {
                screen: id.into(),
                flat: flat.into(),
            },
            PersonDoc::Operator(operator) => Self::Operator(operator.into()),
            PersonDoc::Centre(endpoint) => Self::Centre(endpoint.into()),
        }
    }
}

impl From<&Ack> for AckDoc {
    fn from(ack: &Ack) -> Self {
        Self {
            by: (&ack.by).into(),
            going: ack.going.clone(),
            at: ack.at.ms(),
        }
    }
}

impl From<AckDoc> for Ack {
    fn from(doc: AckDoc) -> Self {
        Self {
            by: doc.by.into(),
            going: doc.going,
            at: Instant::from_ms(doc.at),
        }
    }
}

impl From<&Phase> for PhaseDoc {
    fn from(phase: &Phase) -> Self {
        match phase {
            Phase::Notified { level, next } => Self::Notified {
                level: level.name().to_owned(),
                at: next.at.ms(),
                due: match next.due {
                    Due::Level(level) => Some(level.name().to_owned()),
                    Due::Again => None,
                },
            },
            Phase::Acknowledged(ack) => Self::Acknowledged { ack: ack.into() },
            Phase::Handling { ack, by, at } => Self::Handling {
                ack: ack.into(),
                by: by.into(),
                at: at.ms(),
            },
            Phase::Ended {
                ack,
                outcome,
                reason,
                by,
                at,
            } => Self::Ended {
                ack: ack.into(),
                outcome: outcome.name().to_owned(),
                reason: reason.clone(),
                by: by.into(),
                at: at.ms(),
            },
        }
    }
}

impl PhaseDoc {
    fn into_phase(self) -> Option<Phase> {
        Some(match self {
            Self::Notified {
                level: word,
                at,
                due,
            } => Phase::Notified {
                level: level(&word)?,
                next: Armed {
                    at: Instant::from_ms(at),
                    due: match due {
                        Some(word) => Due::Level(level(&word)?),
                        None => Due::Again,
                    },
                },
            },
            Self::Acknowledged { ack } => Phase::Acknowledged(ack.into()),
            Self::Handling { ack, by, at } => Phase::Handling {
                ack: ack.into(),
                by: by.into(),
                at: Instant::from_ms(at),
            },
            Self::Ended {
                ack,
                outcome: word,
                reason,
                by,
                at,
            } => Phase::Ended {
                ack: ack.into(),
                outcome: outcome(&word)?,
                reason,
                by: by.into(),
                at: Instant::from_ms(at),
            },
        })
    }
}

impl From<&Alarm> for AlarmDoc {
    fn from(alarm: &Alarm) -> Self {
        let rung = |rung: &Rung| RungDoc {
            level: rung.level.name().to_owned(),
            at: rung.at.ms(),
        };
        Self {
            flat: alarm.flat.to_string(),
            community: alarm.place.community.to_string(),
            number: alarm.place.number.clone(),
            zone: alarm.zone.number(),
            zone_name: alarm.zone_name.clone(),
            policy: alarm.policy.into(),
            raised: alarm.raised.ms(),
            count: alarm.count,
            last: alarm.last.ms(),
            again_count: alarm.again_count,
            ladder: alarm.ladder.iter().map(rung).collect(),
            again_ms: u64::try_from(alarm.again.as_millis()).unwrap_or(u64::MAX),
            heard: Level::ALL.map(|level| alarm.heard.of(level).0),
            phase: (&alarm.phase).into(),
        }
    }
}

impl AlarmDoc {
    fn into_alarm(self, id: &str, version: Version) -> Option<Alarm> {
        let rung = |doc: RungDoc| {
            let at = Instant::from_ms(doc.at);
            level(&doc.level).map(|level| Rung { level, at })
        };
        Some(Alarm {
            id: id.into(),
            version,
            flat: self.flat.into(),
            place: Place {
                community: self.community.into(),
                number: self.number,
            },
            zone: ZoneNo::new(self.zone)?,
            zone_name: self.zone_name,
            policy: self.policy.into_policy()?,
            raised: Instant::from_ms(self.raised),
            count: self.count,
            last: Instant::from_ms(self.last),
            again_count: self.again_count,
            ladder: self.ladder.into_iter().map(rung).collect::<Option<_>>()?,
            again: Duration::from_millis(self.again_ms),
            heard: Heard::from_versions(self.heard.map(Version)),
            phase: self.phase.into_phase()?,
        })
    }
}
