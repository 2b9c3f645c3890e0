//! `/v1/calls`: what rings and talks, and ending it.

use app::port::{LivePage, LoggedCall};
use axum::Json;
use axum::extract::{Path, State};
use engine::call::{Call, CloseReason, Input, Leg, LegState, Phase};
use engine::id::CallId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::ask::{Asked, Body, Operator};
use crate::page::{Page, PageQuery, limit};
use crate::problem::{Problem, Refusals};

/// The longest reason; it is passed on to the parties.
const REASON_MAX: usize = 256;

/// A call, live or ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallReply {
    id: String,
    /// Counts its changes, from 1.
    version: u64,
    phase: PhaseWord,
    /// Of the calling door; null if it was gone when the call ended.
    community: Option<String>,
    /// The caller's endpoint, such as `door:lobby`.
    caller: String,
    caller_name: String,
    caller_place: String,
    /// What the visitor dialled.
    dialled: String,
    /// Milliseconds since the epoch, like every moment here.
    started_at: i64,
    answered_at: Option<i64>,
    /// The endpoint that answered.
    answered_by: Option<String>,
    ended_at: Option<i64>,
    /// How it ended, as in records.
    outcome: Option<&'static str>,
    /// When something happens by itself; null once ended.
    deadline_at: Option<i64>,
    legs: Vec<LegReply>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PhaseWord {
    Alerting,
    Active,
    Ended,
}

/// One endpoint that was rung.
#[derive(Serialize, ToSchema)]
struct LegReply {
    endpoint: String,
    /// `offered`, `won`, or why it is over.
    state: &'static str,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct EndRequest {
    /// For the parties to read; at most 256 bytes.
    reason: Option<String>,
}

impl CallReply {
    pub(crate) fn new(call: &Call, community: Option<String>) -> Self {
        let answer = call.answer();
        let ended = call.ended();
        Self {
            id: call.id.to_string(),
            version: call.version.0,
            phase: match call.phase {
                Phase::Alerting { .. } => PhaseWord::Alerting,
                Phase::Active { .. } => PhaseWord::Active,
                Phase::Ended(_) => PhaseWord::Ended,
            },
            community,
            caller: call.caller.to_string(),
            caller_name: call.scene.caller_name.clone(),
            caller_place: call.scene.caller_place.clone(),
            dialled: call.dialled.clone(),
            started_at: call.created.ms(),
            answered_at: answer.map(|answer| answer.at.ms()),
            answered_by: answer.map(|answer| call.legs[answer.leg.0].endpoint.to_string()),
            ended_at: ended.map(|ended| ended.at.ms()),
            outcome: ended.map(|ended| ended.outcome.name()),
            deadline_at: call.deadline().map(|deadline| deadline.ms()),
            legs: call.legs.iter().map(LegReply::from).collect(),
        }
    }
}

impl From<&LoggedCall> for CallReply {
    fn from(logged: &LoggedCall) -> Self {
        let community = logged.community.as_ref().map(ToString::to_string);
        Self::new(&logged.call, community)
    }
}

impl From<&Leg> for LegReply {
    fn from(leg: &Leg) -> Self {
        let state = match leg.state {
            LegState::Offered => "offered",
            LegState::Won => "won",
            LegState::Closed(reason) => CloseReason::name(reason),
        };
        Self {
            endpoint: leg.endpoint.to_string(),
            state,
        }
    }
}

/// The call with this id, for an operator who may see it. One without a community is the owners'.
async fn load(api: &Api, operator: &Operator, id: CallId) -> Result<LoggedCall, Problem> {
    let found = api.log.find_logged(id).await.map_err(app::Failure::from)?;
    let logged = found.ok_or_else(|| Problem::missing("call"))?;
    match &logged.community {
        Some(community) => operator.must_see(community, "call")?,
        None if operator.0.is_owner() => {}
        None => return Err(Problem::missing("call")),
    }
    Ok(logged)
}

/// Lists the calls that have not ended.
#[utoipa::path(get, path = "/v1/calls", tag = "calls", params(PageQuery),
    responses((status = 200, body = Page<CallReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<CallReply>>, Problem> {
    let limit = limit(query.limit)?;
    let page = LivePage {
        sight: operator.sight(),
        community: query.community.map(Into::into),
        after: query.after.map(Into::into),
        limit: limit + 1,
    };
    let found = api.log.live(page).await.map_err(app::Failure::from)?;
    let replies = found.iter().map(CallReply::from).collect();
    Ok(Json(Page::cut(replies, limit, |reply| &reply.id)))
}

/// Shows a call, live or ended.
#[utoipa::path(get, path = "/v1/calls/{id}", tag = "calls",
    params(("id" = String, Path)),
    responses((status = 200, body = CallReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<CallReply>, Problem> {
    let logged = load(&api, &operator, id.into()).await?;
    Ok(Json(CallReply::from(&logged)))
}

/// Ends a call. Managers of its community; ending it again changes nothing.
#[utoipa::path(post, path = "/v1/calls/{id}/end", tag = "calls",
    params(("id" = String, Path)), request_body = EndRequest,
    responses((status = 200, body = CallReply), Refusals))]
pub(crate) async fn end(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(request): Body<EndRequest>,
) -> Result<Json<CallReply>, Problem> {
    let LoggedCall { call, community } = load(&api, &operator, id.into()).await?;
    if let Some(community) = &community {
        operator.must_manage(community, "call")?;
    }
    let is_long = |reason: &String| reason.len() > REASON_MAX;
    if request.reason.as_ref().is_some_and(is_long) {
        return Err(Problem::bad("reason: must be at most 256 bytes"));
    }
    let (call, note) = (call.id, request.reason);
    let done = api.calls.handle(Input::End { call, note }).await?;
    let call = done.accepted().map_err(app::Failure::Refused)?;
    let community = community.map(|community| community.to_string());
    Ok(Json(CallReply::new(call, community)))
}
