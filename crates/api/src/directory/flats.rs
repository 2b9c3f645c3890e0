//! `/v1/flats`: the households that visitors dial.

use app::directory::{Community, Flat, UnitId};
use app::manage::{FlatEdit, NewFlat};
use app::port::Found;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::ask::{Asked, Body, Operator, given};
use crate::directory::entry::{self, Shows};
use crate::directory::times::{self, seconds, times};
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, Refusals};

#[derive(Deserialize, ToSchema)]
pub(crate) struct FlatRequest {
    community: String,
    /// An entrance of the community.
    unit: Option<String>,
    /// What visitors dial: 1–64 bytes, unique in the community.
    number: String,
    /// Seconds a call to it rings, 5–180. Null: as the door says.
    #[schema(minimum = 5, maximum = 180)]
    ring_s: Option<u64>,
    /// Seconds a conversation may last, 60–86400. Null: as the door says.
    #[schema(minimum = 60, maximum = 86400)]
    talk_s: Option<u64>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct FlatPatch {
    /// An entrance of the same community; null takes the flat out of its unit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    unit: Option<Option<String>>,
    number: Option<String>,
    /// Null: as the door says.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 5, maximum = 180)]
    ring_s: Option<Option<u64>>,
    /// Null: as the door says.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 60, maximum = 86400)]
    talk_s: Option<Option<u64>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct FlatReply {
    id: String,
    community: String,
    unit: Option<String>,
    number: String,
    /// Null: as the door says.
    #[schema(minimum = 5, maximum = 180)]
    ring_s: Option<u64>,
    /// Null: as the door says.
    #[schema(minimum = 60, maximum = 86400)]
    talk_s: Option<u64>,
}

impl From<Flat> for FlatReply {
    fn from(flat: Flat) -> Self {
        Self {
            id: flat.id.to_string(),
            community: flat.community.to_string(),
            unit: flat.unit.map(|unit| unit.0),
            number: flat.number,
            ring_s: seconds(flat.times.ring),
            talk_s: seconds(flat.times.talk),
        }
    }
}

impl From<Found<Flat>> for FlatReply {
    fn from(found: Found<Flat>) -> Self {
        found.entry.into()
    }
}

impl Shows<Flat> for FlatReply {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Within {
    /// Only those at this unit.
    unit: Option<String>,
}

/// Adds a flat.
#[utoipa::path(post, path = "/v1/flats", tag = "flats", request_body = FlatRequest,
    responses((status = 201, body = FlatReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<FlatRequest>,
) -> Result<(StatusCode, Json<FlatReply>), Problem> {
    let at = entry::load_to_change::<Community>(&api, &operator, &request.community).await?;
    let new = NewFlat {
        community: at.community,
        unit: request.unit.map(UnitId),
        number: request.number,
        times: times(request.ring_s, request.talk_s),
    };
    let added = api.directory.add_flat(new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Lists flats.
#[utoipa::path(get, path = "/v1/flats", tag = "flats", params(PageQuery, Within),
    responses((status = 200, body = Page<FlatReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
    Asked(within): Asked<Within>,
) -> Result<Json<Page<FlatReply>>, Problem> {
    entry::list::<Flat, _>(&api, &operator, query, within.unit).await
}

/// Shows a flat.
#[utoipa::path(get, path = "/v1/flats/{id}", tag = "flats",
    params(("id" = String, Path)),
    responses((status = 200, body = FlatReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<FlatReply>, Problem> {
    let found = entry::load::<Flat>(&api, &operator, &id).await?;
    Ok(Json(found.into()))
}

/// Changes a flat.
#[utoipa::path(patch, path = "/v1/flats/{id}", tag = "flats",
    params(("id" = String, Path)), request_body = FlatPatch,
    responses((status = 200, body = FlatReply), Refusals))]
pub(crate) async fn change(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(patch): Body<FlatPatch>,
) -> Result<Json<FlatReply>, Problem> {
    let found = entry::load_to_change::<Flat>(&api, &operator, &id).await?;
    let edit = FlatEdit {
        number: patch.number,
        unit: patch.unit.map(|unit| unit.map(UnitId)),
        times: times::edit(patch.ring_s, patch.talk_s),
    };
    let changed = api.directory.change_flat(&found.entry.id, edit).await?;
    Ok(Json(changed.into()))
}

/// Removes a flat in which nobody lives.
#[utoipa::path(delete, path = "/v1/flats/{id}", tag = "flats",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let found = entry::load_to_change::<Flat>(&api, &operator, &id).await?;
    api.directory.remove_flat(&found.entry.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
