//! What a resident's phone asks of alarms. That resident's own flat only. An extension.
//!
//! `GET /api/mqtt/alarms`: how the flat is armed, and its alarms that are not over.
//! `POST /api/mqtt/alarms/acknowledge`: takes one on.
//! `PUT /api/mqtt/arming`: arms or disarms the flat.

use app::principal::ResidentPrincipal;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use engine::alarm::{Alarm, Input, Level, Mode, Notice, Person, Refusal, owed};
use engine::call::Version;
use engine::id::FlatId;
use engine::time::Instant;

use crate::ask::{Ask, No, answer, unknown};
use crate::command::check_timestamp;
use crate::dialect::Ilock;
use crate::outbound::to_news;
use crate::wire::{AcknowledgeRequest, AlarmNews, AlarmsReply, ArmingRequest, Family};
use crate::words::Said;

pub(super) async fn list(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = show(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply)
}

pub(super) async fn acknowledge(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = take_on(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply)
}

pub(super) async fn arm(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = set_mode(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply)
}

async fn show(ilock: &Ilock, ask: &Ask) -> Result<AlarmsReply, No> {
    let (_, flat) = asker(ilock, ask).await?;
    reply(ilock, flat).await
}

async fn take_on(ilock: &Ilock, ask: &Ask) -> Result<AlarmNews, No> {
    let (one, flat) = asker(ilock, ask).await?;
    let request = AcknowledgeRequest::decode(&ask.body)?;
    let alarms = &ilock.ports().alarms;
    check_timestamp(request.timestamp, alarms.now())?;
    let input = Input::Acknowledge {
        alarm: request.alarm_id.into(),
        by: person(one, flat),
        going: request.going,
    };
    let done = alarms.handle(input).await?;
    let now = done.at;
    done.accepted().map_err(refuse)?;
    let alarm = done.alarm.ok_or_else(|| refuse(Refusal::UnknownAlarm))?;
    Ok(news(&alarm, now))
}

async fn set_mode(ilock: &Ilock, ask: &Ask) -> Result<AlarmsReply, No> {
    let (one, flat) = asker(ilock, ask).await?;
    let request = ArmingRequest::decode(&ask.body)?;
    let alarms = &ilock.ports().alarms;
    check_timestamp(request.timestamp, alarms.now())?;
    let mode = Mode::ALL
        .into_iter()
        .find(|mode| mode.name() == request.mode);
    let mode = mode.ok_or(Said::Missing("mode"))?;
    let done = alarms
        .arm(flat.clone(), mode, person(one, flat.clone()))
        .await?;
    done.accepted().map_err(refuse)?;
    reply(ilock, flat).await
}

async fn reply(ilock: &Ilock, flat: FlatId) -> Result<AlarmsReply, No> {
    let alarms = &ilock.ports().alarms;
    let (open, now) = (alarms.open_for(&flat), alarms.now());
    let site = alarms.find_site(flat).await?.ok_or_else(unknown)?;
    let open = open.iter().filter(|alarm| alarm.is_open());
    Ok(AlarmsReply {
        mode: site.mode.name(),
        alarms: open.map(|alarm| news(alarm, now)).collect(),
    })
}

/// The resident that asks, and where they live.
async fn asker(ilock: &Ilock, ask: &Ask) -> Result<(ResidentPrincipal, FlatId), No> {
    let one = ask.resident(ilock).await?;
    let flat = ilock.ports().alarms.flat_of(&one.resident).await?;
    Ok((one, flat.ok_or_else(unknown)?))
}

fn person(one: ResidentPrincipal, flat: FlatId) -> Person {
    Person::Resident {
        resident: one.resident,
        flat,
    }
}

fn news(alarm: &Alarm, now: Instant) -> AlarmNews {
    let due = owed(alarm, Level::Household, Version::NONE, now);
    to_news(alarm, due.map_or(Notice::Over, |(notice, _)| notice))
}

fn refuse(refusal: Refusal) -> No {
    let (status, said) = match refusal {
        Refusal::UnknownAlarm | Refusal::UnknownFlat | Refusal::UnknownZone => {
            (StatusCode::NOT_FOUND, Said::UnknownAlarm)
        }
        Refusal::AlreadyAcknowledged => (StatusCode::CONFLICT, Said::AcknowledgedElsewhere),
        Refusal::Ended | Refusal::NotAcknowledged | Refusal::BadZones => {
            (StatusCode::CONFLICT, Said::AlarmOver)
        }
    };
    No::new(status, said)
}
