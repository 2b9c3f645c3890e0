//! `GET /v1/records`: what became of calls, newest first.

use app::port::{LoggedCall, RecordFilter, RecordQuery};
use axum::Json;
use axum::extract::State;
use engine::call::{CloseReason, Ended, Leg, Outcome};
use engine::time::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::ask::{Asked, Operator};
use crate::page::{cut, limit};
use crate::problem::{Problem, Refusals};

/// Which records.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordsQuery {
    /// Only of this community.
    community: Option<String>,
    /// Only from this endpoint, such as `door:lobby`.
    caller: Option<String>,
    /// Only those in which this endpoint called or was rung, such as `resident:…`.
    endpoint: Option<String>,
    /// Only with this outcome, such as `no_answer`.
    outcome: Option<String>,
    /// Only those that began at this moment or later, in milliseconds.
    from: Option<i64>,
    /// Only those that began before this moment, in milliseconds.
    to: Option<i64>,
    /// The `next` of the page before.
    before: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RecordPage {
    records: Vec<Record>,
    /// `before` of the next page; null on the last.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Record {
    call: String,
    /// Of the calling door; null if it was gone when the call ended.
    community: Option<String>,
    caller: String,
    dialled: String,
    outcome: &'static str,
    started_at: i64,
    answered_at: Option<i64>,
    answered_by: Option<String>,
    ended_at: i64,
    /// What the party that ended it wrote.
    reason: Option<String>,
    legs: Vec<LegRecord>,
}

#[derive(Serialize, ToSchema)]
struct LegRecord {
    endpoint: String,
    fate: &'static str,
}

/// Lists what became of calls.
#[utoipa::path(get, path = "/v1/records", tag = "records", params(RecordsQuery),
    responses((status = 200, body = RecordPage), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<RecordsQuery>,
) -> Result<Json<RecordPage>, Problem> {
    let limit = limit(query.limit)?;
    let filter = RecordFilter {
        community: query.community.map(Into::into),
        caller: query.caller.map(Into::into),
        endpoint: query.endpoint.map(Into::into),
        outcome: query.outcome.as_deref().map(outcome).transpose()?,
        from: query.from.map(Instant::from_ms),
        to: query.to.map(Instant::from_ms),
    };
    let asked = RecordQuery {
        sight: operator.sight(),
        filter,
        before: query.before.map(Into::into),
        limit: limit + 1,
    };
    let calls = api.log.list_records(asked).await;
    let mut calls = calls.map_err(app::Failure::from)?;
    let next = cut(&mut calls, limit, |logged| logged.call.id.as_str());
    let records = calls
        .iter()
        .filter_map(|logged| Some(to_record(logged, logged.call.ended()?)))
        .collect();
    Ok(Json(RecordPage { records, next }))
}

fn outcome(word: &str) -> Result<Outcome, Problem> {
    let mut all = Outcome::ALL.into_iter();
    all.find(|outcome| outcome.name() == word).ok_or_else(|| {
        let names: Vec<&str> = Outcome::ALL.into_iter().map(Outcome::name).collect();
        Problem::bad(format!("outcome: must be one of {}", names.join(", ")))
    })
}

fn to_record(logged: &LoggedCall, ended: &Ended) -> Record {
    let LoggedCall { call, community } = logged;
    let answer = ended.answer.as_ref();
    Record {
        call: call.id.to_string(),
        community: community.as_ref().map(ToString::to_string),
        caller: call.caller.to_string(),
        dialled: call.dialled.clone(),
        outcome: ended.outcome.name(),
        started_at: call.created.ms(),
        answered_at: answer.map(|answer| answer.at.ms()),
        answered_by: answer.map(|answer| call.legs[answer.leg.0].endpoint.to_string()),
        ended_at: ended.at.ms(),
        reason: ended.note.clone(),
        legs: call.legs.iter().map(to_leg).collect(),
    }
}

fn to_leg(leg: &Leg) -> LegRecord {
    let fate = leg.closed().map_or("open", CloseReason::name);
    LegRecord {
        endpoint: leg.endpoint.to_string(),
        fate,
    }
}
