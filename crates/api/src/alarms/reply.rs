//! An alarm and its history as they are shown.

use app::port::HistoryEntry;
use axum::http::StatusCode;
use engine::alarm::{Alarm, Event, Level, Outcome, Person, Phase, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// An alarm, open or over.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmReply {
    pub(crate) id: String,
    /// Counts its changes, from 1.
    version: u64,
    community: String,
    flat: String,
    /// What a visitor dials for the flat.
    number: String,
    zone: u8,
    zone_name: String,
    /// `immediate`, `delayed`, `duress` or `nursing`.
    policy: &'static str,
    /// `notified`, `acknowledged`, `handling`, `resolved` or `false_alarm`.
    state: &'static str,
    /// Who was told, of `household`, `guard`, `centre`, `outside`.
    told: Vec<&'static str>,
    /// Triggers, from 1.
    count: u32,
    /// Milliseconds since the epoch, like every moment here.
    raised_at: i64,
    /// The last trigger.
    triggered_at: i64,
    /// How often everybody was told again at the last level.
    again_count: u32,
    /// When it is told further by itself; null once acknowledged.
    deadline_at: Option<i64>,
    acknowledged_at: Option<i64>,
    /// Such as `operator:…`, `resident:…`.
    acknowledged_by: Option<String>,
    /// Who is going there.
    going: Option<String>,
    ended_at: Option<i64>,
    /// Why it is over; may be empty.
    reason: Option<String>,
}

/// Something that happened to an alarm.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventReply {
    at: i64,
    /// `raised`, `told`, `acknowledged`, `handling`, `resolved` or `false_alarm`.
    event: &'static str,
    /// Which level was told.
    level: Option<&'static str>,
    /// Who did it; null where time or a sensor did.
    by: Option<String>,
    /// Who is going, or why it is over; may be empty.
    note: String,
}

impl From<&Alarm> for AlarmReply {
    fn from(alarm: &Alarm) -> Self {
        let ack = alarm.ack();
        let told = Level::ALL
            .into_iter()
            .filter(|level| alarm.heard.has(*level));
        Self {
            id: alarm.id.to_string(),
            version: alarm.version.0,
            community: alarm.place.community.to_string(),
            flat: alarm.flat.to_string(),
            number: alarm.place.number.clone(),
            zone: alarm.zone.number(),
            zone_name: alarm.zone_name.clone(),
            policy: alarm.policy.name(),
            state: alarm.state_name(),
            told: told.map(Level::name).collect(),
            count: alarm.count,
            raised_at: alarm.raised.ms(),
            triggered_at: alarm.last.ms(),
            again_count: alarm.again_count,
            deadline_at: alarm.deadline().map(|next| next.at.ms()),
            acknowledged_at: ack.map(|ack| ack.at.ms()),
            acknowledged_by: ack.map(|ack| person(&ack.by)),
            going: ack.map(|ack| ack.going.clone()),
            ended_at: alarm.ended().map(|at| at.ms()),
            reason: reason(&alarm.phase),
        }
    }
}

fn reason(phase: &Phase) -> Option<String> {
    match phase {
        Phase::Ended { reason, .. } => Some(reason.clone()),
        Phase::Notified { .. } | Phase::Acknowledged(_) | Phase::Handling { .. } => None,
    }
}

/// A person as text.
pub(super) fn person(person: &Person) -> String {
    match person {
        Person::Resident { resident, .. } => format!("resident:{resident}"),
        Person::Screen { screen, .. } => screen.to_string(),
        Person::Operator(operator) => format!("operator:{operator}"),
        Person::Centre(endpoint) => endpoint.to_string(),
    }
}

impl From<&HistoryEntry> for EventReply {
    fn from(line: &HistoryEntry) -> Self {
        let (event, level) = match line.entry.event {
            Event::Raised => ("raised", None),
            Event::Told(level) => ("told", Some(level.name())),
            Event::Acknowledged => ("acknowledged", None),
            Event::Handling => ("handling", None),
            Event::Ended(outcome) => (Outcome::name(outcome), None),
        };
        Self {
            at: line.at.ms(),
            event,
            level,
            by: line.entry.by.as_ref().map(person),
            note: line.entry.note.clone(),
        }
    }
}

/// A refusal of the rules as a problem.
pub(super) fn refuse(refusal: Refusal) -> Problem {
    let conflict = |detail: &str| Problem::new(StatusCode::CONFLICT, detail);
    match refusal {
        Refusal::UnknownFlat => Problem::missing("flat"),
        Refusal::UnknownZone => Problem::missing("zone"),
        Refusal::UnknownAlarm => Problem::missing("alarm"),
        Refusal::AlreadyAcknowledged => conflict("somebody else has acknowledged the alarm"),
        Refusal::NotAcknowledged => conflict("nobody has acknowledged the alarm yet"),
        Refusal::Ended => conflict("the alarm is over"),
        Refusal::BadZones => {
            Problem::bad("zones: each number once; time_s: delayed 1 to 300, nursing 60 to 172800")
        }
    }
}
