//! `/v1/flats/{id}/zones` and `/v1/flats/{id}/arming`: what raises alarms.

use std::time::Duration;

use app::alarms::Done;
use app::directory::Flat;
use axum::Json;
use axum::extract::{Path, State};
use engine::alarm::{Mode, Modes, Person, Policy, Site, Verdict, Watch, Zone, ZoneNo};
use engine::id::FlatId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::alarms::reply::{person, refuse};
use crate::ask::{Body, Operator, Sensor};
use crate::problem::{Problem, Refusals};

/// The longest name of a zone, in bytes.
const NAME_MAX: usize = 64;

/// One zone of a flat.
#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct ZoneEntry {
    /// 1–8.
    #[schema(minimum = 1, maximum = 8)]
    number: u8,
    /// 1–64 bytes.
    name: String,
    policy: PolicyWord,
    /// The entry delay of `delayed`, 1–300, and the quiet time of `nursing`, 60–172800; null else.
    time_s: Option<u64>,
    /// The modes in which it counts; a duress zone counts in all.
    modes: Vec<ModeWord>,
}

/// What the trigger of a zone means.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PolicyWord {
    Immediate,
    Delayed,
    Duress,
    Nursing,
}

/// How a flat is armed.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ModeWord {
    Disarmed,
    Away,
    Home,
    Sleep,
    Custom,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct ZonesRequest {
    /// All of them; those that are missing are removed.
    zones: Vec<ZoneEntry>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct ArmingRequest {
    mode: ModeWord,
}

/// How a flat is armed, and its zones.
#[derive(Serialize, ToSchema)]
pub(crate) struct ZonesReply {
    flat: String,
    mode: ModeWord,
    /// Who armed or disarmed it last, such as `resident:…`.
    armed_by: Option<String>,
    zones: Vec<ZoneEntry>,
}

/// What came of a trigger.
#[derive(Serialize, ToSchema)]
pub(crate) struct TriggerReply {
    result: TriggerWord,
    /// The alarm that was raised, or on which it was counted.
    alarm: Option<String>,
}

/// `waiting`: an entry delay or a new quiet time runs. `not_armed`: the zone does not count now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TriggerWord {
    Raised,
    Counted,
    Waiting,
    NotArmed,
}

/// Shows how a flat is armed, and its zones.
#[utoipa::path(get, path = "/v1/flats/{id}/zones", tag = "zones",
    params(("id" = String, Path)),
    responses((status = 200, body = ZonesReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<ZonesReply>, Problem> {
    let site = load(&api, &id).await?;
    operator.must_see(&site.place.community, "flat")?;
    Ok(Json(ZonesReply::from(&site)))
}

/// Gives a flat its zones. Managers of its community.
#[utoipa::path(put, path = "/v1/flats/{id}/zones", tag = "zones",
    params(("id" = String, Path)), request_body = ZonesRequest,
    responses((status = 200, body = ZonesReply), Refusals))]
pub(crate) async fn set(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(request): Body<ZonesRequest>,
) -> Result<Json<ZonesReply>, Problem> {
    let site = load(&api, &id).await?;
    operator.must_manage(&site.place.community, "flat")?;
    let zones: Result<Vec<Zone>, Problem> = request.zones.into_iter().map(to_zone).collect();
    let done = api
        .alarms
        .alarms
        .set_zones(site.flat.clone(), zones?)
        .await?;
    changed(&done, &site)
}

/// Arms or disarms a flat. Managers of its community.
#[utoipa::path(put, path = "/v1/flats/{id}/arming", tag = "zones",
    params(("id" = String, Path)), request_body = ArmingRequest,
    responses((status = 200, body = ZonesReply), Refusals))]
pub(crate) async fn arm(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(request): Body<ArmingRequest>,
) -> Result<Json<ZonesReply>, Problem> {
    let site = load(&api, &id).await?;
    operator.must_manage(&site.place.community, "flat")?;
    let by = Person::Operator(operator.0.operator.clone());
    let mode = Mode::from(request.mode);
    let done = api.alarms.alarms.arm(site.flat.clone(), mode, by).await?;
    changed(&done, &site)
}

/// Says that a zone was triggered. Managers of its community, and its devices.
///
/// A device shows its secret as the token and its id in the header `X-Device-Id`.
#[utoipa::path(post, path = "/v1/flats/{id}/zones/{number}/trigger", tag = "zones",
    params(("id" = String, Path), ("number" = u8, Path)),
    responses((status = 200, body = TriggerReply), Refusals))]
pub(crate) async fn trigger(
    sensor: Sensor,
    State(api): State<Api>,
    Path((id, number)): Path<(String, u8)>,
) -> Result<Json<TriggerReply>, Problem> {
    let site = load(&api, &id).await?;
    let community = &site.place.community;
    match &sensor {
        Sensor::Operator(operator) => operator.must_manage(community, "flat")?,
        Sensor::Device(device) if device.community == *community => {}
        Sensor::Device(_) => return Err(Problem::missing("flat")),
    }
    let zone = ZoneNo::new(number).ok_or_else(|| Problem::missing("zone"))?;
    let done = api.alarms.alarms.trigger(site.flat, zone).await?;
    done.accepted().map_err(refuse)?;
    Ok(Json(TriggerReply {
        result: to_word(&done),
        alarm: done.alarm.map(|alarm| alarm.id.to_string()),
    }))
}

fn to_word(done: &Done) -> TriggerWord {
    match (&done.verdict, &done.alarm) {
        (Verdict::Ignored(_), _) => TriggerWord::NotArmed,
        (_, Some(alarm)) if alarm.count == 1 => TriggerWord::Raised,
        (_, Some(_)) => TriggerWord::Counted,
        (_, None) => TriggerWord::Waiting,
    }
}

async fn load(api: &Api, id: &str) -> Result<Site, Problem> {
    let found = api.alarms.alarms.find_site(FlatId::from(id)).await?;
    found.ok_or_else(|| Problem::missing(<Flat as app::port::Entry>::WHAT))
}

fn changed(done: &Done, before: &Site) -> Result<Json<ZonesReply>, Problem> {
    done.accepted().map_err(refuse)?;
    Ok(Json(ZonesReply::from(done.site.as_ref().unwrap_or(before))))
}

fn to_zone(entry: ZoneEntry) -> Result<Zone, Problem> {
    let no = ZoneNo::new(entry.number);
    let name = entry.name;
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Problem::bad("name: must be 1 to 64 bytes of text"));
    }
    let time = entry.time_s.map(Duration::from_secs);
    let policy = match (entry.policy, time) {
        (PolicyWord::Immediate, None) => Policy::Immediate,
        (PolicyWord::Duress, None) => Policy::Duress,
        (PolicyWord::Delayed, Some(time)) => Policy::Delayed(time),
        (PolicyWord::Nursing, Some(time)) => Policy::Nursing(time),
        (PolicyWord::Immediate | PolicyWord::Duress, Some(_))
        | (PolicyWord::Delayed | PolicyWord::Nursing, None) => {
            return Err(Problem::bad("time_s: belongs to delayed and nursing"));
        }
    };
    Ok(Zone {
        no: no.ok_or_else(|| Problem::bad("number: must be 1 to 8"))?,
        name,
        policy,
        modes: entry.modes.into_iter().map(Mode::from).collect::<Modes>(),
    })
}

impl From<&Watch> for ZoneEntry {
    fn from(Watch { zone, .. }: &Watch) -> Self {
        let counts = |mode: &Mode| zone.modes.contains(*mode);
        Self {
            number: zone.no.number(),
            name: zone.name.clone(),
            policy: match zone.policy {
                Policy::Immediate => PolicyWord::Immediate,
                Policy::Delayed(_) => PolicyWord::Delayed,
                Policy::Duress => PolicyWord::Duress,
                Policy::Nursing(_) => PolicyWord::Nursing,
            },
            time_s: zone.policy.time().map(|time| time.as_secs()),
            modes: Mode::ALL
                .into_iter()
                .filter(counts)
                .map(ModeWord::from)
                .collect(),
        }
    }
}

impl From<&Site> for ZonesReply {
    fn from(site: &Site) -> Self {
        Self {
            flat: site.flat.to_string(),
            mode: site.mode.into(),
            armed_by: site.armed_by.as_ref().map(person),
            zones: site.zones.iter().map(ZoneEntry::from).collect(),
        }
    }
}

impl From<ModeWord> for Mode {
    fn from(word: ModeWord) -> Self {
        match word {
            ModeWord::Disarmed => Self::Disarmed,
            ModeWord::Away => Self::Away,
            ModeWord::Home => Self::Home,
            ModeWord::Sleep => Self::Sleep,
            ModeWord::Custom => Self::Custom,
        }
    }
}

impl From<Mode> for ModeWord {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Disarmed => Self::Disarmed,
            Mode::Away => Self::Away,
            Mode::Home => Self::Home,
            Mode::Sleep => Self::Sleep,
            Mode::Custom => Self::Custom,
        }
    }
}
