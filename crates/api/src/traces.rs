//! `/v1/connections/trace`: what befalls the clients of one device or resident, and why.

use std::time::Duration;

use app::directory::{Device, Resident};
use app::port::{Trace, TraceEntry, Whom};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::id::CommunityId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::ask::{Asked, Body, Operator};
use crate::connections::whom;
use crate::problem::{Problem, Refusals};

const MINUTES_DEFAULT: u64 = 10;
const MINUTES_MAX: u64 = 60;

#[derive(Deserialize, ToSchema)]
pub(crate) struct TraceRequest {
    /// The device to trace; either this or `resident`.
    device: Option<String>,
    /// The resident to trace, with all clients.
    resident: Option<String>,
    /// How long it goes on; 10 if missing.
    #[schema(minimum = 1, maximum = 60, default = 10)]
    minutes: Option<u64>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Traced {
    /// The device that is traced; either this or `resident`.
    device: Option<String>,
    /// The resident who is traced.
    resident: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TraceReply {
    /// When it ends by itself; what is in it stays for a while.
    ends_at: i64,
    /// Newest last; of more than 500 the newest.
    entries: Vec<TraceEntryReply>,
}

#[derive(Serialize, ToSchema)]
struct TraceEntryReply {
    at: i64,
    /// The MQTT client id.
    client_id: String,
    /// `connected`, `disconnected`, `turned_away`, `sign_in_refused`, `will_refused`,
    /// `subscribe_refused`, `publish_refused` or `publish_dropped`.
    event: &'static str,
    /// Why, where there is more than one reason; null otherwise.
    reason: Option<&'static str>,
    /// The filter or topic; null where there is none.
    topic: Option<String>,
}

impl From<Trace> for TraceReply {
    fn from(trace: Trace) -> Self {
        let entries = trace.entries.into_iter().map(TraceEntryReply::from);
        Self {
            ends_at: trace.until.ms(),
            entries: entries.collect(),
        }
    }
}

impl From<TraceEntry> for TraceEntryReply {
    fn from(entry: TraceEntry) -> Self {
        Self {
            at: entry.at.ms(),
            client_id: entry.client_id,
            event: entry.event,
            reason: entry.reason,
            topic: entry.topic,
        }
    }
}

/// Whom a request means, and where they belong, if the operator may see it.
async fn load(
    api: &Api,
    operator: &Operator,
    device: Option<String>,
    resident: Option<String>,
) -> Result<(Whom, CommunityId), Problem> {
    let missing = || Problem::bad("device: this or resident is needed");
    let whom = whom(device, resident)?.ok_or_else(missing)?;
    let community = match &whom {
        Whom::Door(id) => api.directory.load::<Device>(id.as_str()).await?.community,
        Whom::Resident(id) => api.directory.load::<Resident>(id.as_str()).await?.community,
        Whom::Client(_) => return Err(missing()),
    };
    let what = match &whom {
        Whom::Door(_) => "device",
        Whom::Resident(_) | Whom::Client(_) => "resident",
    };
    operator.must_see(&community, what)?;
    Ok((whom, community))
}

fn none() -> Problem {
    Problem::missing("trace")
}

/// Begins to trace a device or a resident; what an earlier trace of it holds is forgotten.
/// At most 16 run at once; one more is refused with 429.
#[utoipa::path(post, path = "/v1/connections/trace", tag = "connections",
    operation_id = "begin_trace", request_body = TraceRequest,
    responses((status = 201, body = TraceReply), Refusals))]
pub(crate) async fn begin(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<TraceRequest>,
) -> Result<(StatusCode, Json<TraceReply>), Problem> {
    let minutes = request.minutes.unwrap_or(MINUTES_DEFAULT);
    if !(1..=MINUTES_MAX).contains(&minutes) {
        return Err(Problem::bad("minutes: must be 1 to 60"));
    }
    let found = load(&api, &operator, request.device, request.resident).await;
    let (whom, community) = found?;
    operator.must_manage(&community, "trace")?;
    let begun = api.traces.begin(whom, Duration::from_secs(60 * minutes));
    let begun = begun.ok_or_else(|| {
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "traces: 16 are running; end one, or wait",
        )
    })?;
    Ok((StatusCode::CREATED, Json(begun.into())))
}

/// Shows what a trace has seen.
#[utoipa::path(get, path = "/v1/connections/trace", tag = "connections",
    operation_id = "show_trace", params(Traced),
    responses((status = 200, body = TraceReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Asked(of): Asked<Traced>,
) -> Result<Json<TraceReply>, Problem> {
    let (whom, _) = load(&api, &operator, of.device, of.resident).await?;
    let trace = api.traces.find(&whom).ok_or_else(none)?;
    Ok(Json(trace.into()))
}

/// Ends a trace and forgets what it has seen.
#[utoipa::path(delete, path = "/v1/connections/trace", tag = "connections",
    operation_id = "end_trace", params(Traced),
    responses((status = 204), Refusals))]
pub(crate) async fn end(
    operator: Operator,
    State(api): State<Api>,
    Asked(of): Asked<Traced>,
) -> Result<StatusCode, Problem> {
    let (whom, community) = load(&api, &operator, of.device, of.resident).await?;
    operator.must_manage(&community, "trace")?;
    if !api.traces.end(&whom) {
        return Err(none());
    }
    Ok(StatusCode::NO_CONTENT)
}
