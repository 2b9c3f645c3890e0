//! `GET /v1/records`: what became of calls, newest first. Operators only.

use app::port::RecordPage;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::call::{Call, CloseReason, Ended, Leg};
use serde::{Deserialize, Serialize};

use crate::Api;
use crate::ask::Operator;
use crate::problem::Problem;

const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 200;

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    /// The `next` of the page before.
    before: Option<String>,
    /// 1–200, 50 if missing.
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Page {
    records: Vec<Record>,
    /// `before` of the next page; null on the last.
    next: Option<String>,
}

#[derive(Serialize)]
struct Record {
    call: String,
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

#[derive(Serialize)]
struct LegRecord {
    endpoint: String,
    fate: &'static str,
}

pub(crate) async fn records(
    _: Operator,
    State(api): State<Api>,
    query: Result<Query<PageQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, detail);
    let Query(query) = query.map_err(|error| bad(error.body_text()))?;
    let limit = query.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(bad("limit: must be 1 to 200".into()));
    }
    let page = RecordPage {
        before: query.before.map(Into::into),
        limit,
    };
    let calls = api.calls.records(page).await.map_err(app::Failure::from)?;
    let next = (calls.len() == limit).then(|| calls.last().map(|call| call.id.to_string()));
    let records = calls
        .iter()
        .filter_map(|call| Some(to_record(call, call.ended()?)))
        .collect();
    Ok(axum::Json(Page {
        records,
        next: next.flatten(),
    })
    .into_response())
}

fn to_record(call: &Call, ended: &Ended) -> Record {
    let answer = ended.answer.as_ref();
    Record {
        call: call.id.to_string(),
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
