//! `/v1/alarms`: how they stand, and what people do to them.

use std::sync::Arc;

use app::port::AlarmQuery;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::alarm::{Alarm, Input, Outcome, Person, Refusal};
use engine::id::AlarmId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::alarms::reply::{AlarmReply, EventReply, refuse};
use crate::ask::{Asked, Body, Operator};
use crate::page::{cut, limit};
use crate::problem::{Problem, Refusals};

/// The longest `going` and `reason`; people read them.
const NOTE_MAX: usize = 256;

/// Which alarms.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlarmsQuery {
    /// Only of this community.
    community: Option<String>,
    /// Only of this flat.
    flat: Option<String>,
    /// Only those that are not over, or only those that are.
    open: Option<bool>,
    /// The `next` of the page before.
    before: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmPage {
    alarms: Vec<AlarmReply>,
    /// `before` of the next page; null on the last.
    next: Option<String>,
}

/// An alarm with everything that happened to it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmStory {
    alarm: AlarmReply,
    history: Vec<EventReply>,
}

/// What opens a flat's own door once, with `POST /v1/doors/{id}/unlock`.
#[derive(Serialize, ToSchema)]
pub(crate) struct NonceReply {
    /// Shown this once.
    nonce: String,
    expires_at: i64,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct AcknowledgeRequest {
    /// Who is going there: 1–256 bytes, for people to read.
    going: String,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct ResolveRequest {
    outcome: OutcomeWord,
    /// For people to read; at most 256 bytes.
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OutcomeWord {
    Resolved,
    FalseAlarm,
}

/// Lists alarms, newest first.
#[utoipa::path(get, path = "/v1/alarms", tag = "alarms", params(AlarmsQuery),
    responses((status = 200, body = AlarmPage), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<AlarmsQuery>,
) -> Result<Json<AlarmPage>, Problem> {
    let limit = limit(query.limit)?;
    let asked = AlarmQuery {
        sight: operator.sight(),
        community: query.community.map(Into::into),
        flat: query.flat.map(Into::into),
        open: query.open,
        before: query.before.map(Into::into),
        limit: limit + 1,
    };
    let mut found = api.alarms.alarms.list(asked).await?;
    let next = cut(&mut found, limit, |alarm| alarm.id.as_str());
    let alarms = found.iter().map(AlarmReply::from).collect();
    Ok(Json(AlarmPage { alarms, next }))
}

/// Shows an alarm with its history.
#[utoipa::path(get, path = "/v1/alarms/{id}", tag = "alarms",
    params(("id" = String, Path)),
    responses((status = 200, body = AlarmStory), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<AlarmStory>, Problem> {
    let alarm = load(&api, &operator, id.into()).await?;
    let history = api.alarms.alarms.history(alarm.id.clone()).await?;
    Ok(Json(AlarmStory {
        alarm: AlarmReply::from(&*alarm),
        history: history.iter().map(EventReply::from).collect(),
    }))
}

/// Takes an alarm on, which ends its escalation. The first person has it.
#[utoipa::path(post, path = "/v1/alarms/{id}/acknowledge", tag = "alarms",
    params(("id" = String, Path)), request_body = AcknowledgeRequest,
    responses((status = 200, body = AlarmReply), Refusals))]
pub(crate) async fn acknowledge(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(request): Body<AcknowledgeRequest>,
) -> Result<Json<AlarmReply>, Problem> {
    let (alarm, by) = load_to_act(&api, &operator, id.into()).await?;
    let going = request.going;
    if going.is_empty() || going.len() > NOTE_MAX {
        return Err(Problem::bad("going: must be 1 to 256 bytes"));
    }
    act(&api, Input::Acknowledge { alarm, by, going }).await
}

/// Says that somebody is there. The alarm must have been acknowledged.
#[utoipa::path(post, path = "/v1/alarms/{id}/handle", tag = "alarms",
    params(("id" = String, Path)),
    responses((status = 200, body = AlarmReply), Refusals))]
pub(crate) async fn handle(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<AlarmReply>, Problem> {
    let (alarm, by) = load_to_act(&api, &operator, id.into()).await?;
    act(&api, Input::Handle { alarm, by }).await
}

/// Says that an alarm is over. It must have been acknowledged.
#[utoipa::path(post, path = "/v1/alarms/{id}/resolve", tag = "alarms",
    params(("id" = String, Path)), request_body = ResolveRequest,
    responses((status = 200, body = AlarmReply), Refusals))]
pub(crate) async fn resolve(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(request): Body<ResolveRequest>,
) -> Result<Json<AlarmReply>, Problem> {
    let (alarm, by) = load_to_act(&api, &operator, id.into()).await?;
    if request.reason.len() > NOTE_MAX {
        return Err(Problem::bad("reason: must be at most 256 bytes"));
    }
    let input = Input::Close {
        alarm,
        by,
        outcome: match request.outcome {
            OutcomeWord::Resolved => Outcome::Resolved,
            OutcomeWord::FalseAlarm => Outcome::FalseAlarm,
        },
        reason: request.reason,
    };
    act(&api, input).await
}

/// Permits one opening of a flat's own door, for two minutes and as long as the alarm is not over.
#[utoipa::path(post, path = "/v1/alarms/{id}/nonce", tag = "alarms",
    params(("id" = String, Path)),
    responses((status = 201, body = NonceReply), Refusals))]
pub(crate) async fn permit(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<NonceReply>), Problem> {
    let alarm = load(&api, &operator, id.into()).await?;
    if !operator.0.may_manage(&alarm.place.community) {
        return Err(Problem::forbidden("a manager of the community may do this"));
    }
    if alarm.ended().is_some() {
        return Err(refuse(Refusal::Ended));
    }
    let (flat, id) = (alarm.flat.clone(), alarm.id.to_string());
    let permission = api.unlocks.permit(flat, id).await?;
    let reply = NonceReply {
        nonce: permission.nonce.expose().to_owned(),
        expires_at: permission.expires.ms(),
    };
    Ok((StatusCode::CREATED, Json(reply)))
}

/// The alarm with this id, for an operator who may know of it.
async fn load(api: &Api, operator: &Operator, id: AlarmId) -> Result<Arc<Alarm>, Problem> {
    let found = api.alarms.alarms.find(&id).await?;
    let seen = found.filter(|alarm| operator.0.may_see_alarm(alarm));
    seen.ok_or_else(|| Problem::missing("alarm"))
}

async fn load_to_act(
    api: &Api,
    operator: &Operator,
    id: AlarmId,
) -> Result<(AlarmId, Person), Problem> {
    let alarm = load(api, operator, id).await?;
    if !operator.0.may_guard(&alarm.place.community) {
        return Err(Problem::forbidden(
            "a guard or manager of the community may do this",
        ));
    }
    let by = Person::Operator(operator.0.operator.clone());
    Ok((alarm.id.clone(), by))
}

async fn act(api: &Api, input: Input) -> Result<Json<AlarmReply>, Problem> {
    let done = api.alarms.alarms.handle(input).await?;
    done.accepted().map_err(refuse)?;
    let alarm = done.alarm.ok_or_else(|| Problem::missing("alarm"))?;
    Ok(Json(AlarmReply::from(&*alarm)))
}
