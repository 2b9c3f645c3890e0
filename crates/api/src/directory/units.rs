//! `/v1/units`: the entrances of buildings.

use app::directory::{Building, Unit};
use app::manage::NewUnit;
use app::port::Found;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::ask::{Asked, Body, Operator};
use crate::directory::entry::{self, Shows};
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, Refusals};

#[derive(Deserialize, ToSchema)]
pub(crate) struct UnitRequest {
    building: String,
    /// 1–64 bytes, unique in the building.
    name: String,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct UnitPatch {
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UnitReply {
    id: String,
    community: String,
    building: String,
    name: String,
}

impl From<Unit> for UnitReply {
    fn from(unit: Unit) -> Self {
        Self {
            id: unit.id.0,
            community: unit.community.to_string(),
            building: unit.building.0,
            name: unit.name,
        }
    }
}

impl From<Found<Unit>> for UnitReply {
    fn from(found: Found<Unit>) -> Self {
        found.entry.into()
    }
}

impl Shows<Unit> for UnitReply {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Within {
    /// Only those of this building.
    building: Option<String>,
}

/// Adds a unit.
#[utoipa::path(post, path = "/v1/units", tag = "units", request_body = UnitRequest,
    responses((status = 201, body = UnitReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<UnitRequest>,
) -> Result<(StatusCode, Json<UnitReply>), Problem> {
    let at = entry::load_to_change::<Building>(&api, &operator, &request.building).await?;
    let new = NewUnit {
        building: at.entry.id,
        name: request.name,
    };
    let added = api.directory.add_unit(new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Lists units.
#[utoipa::path(get, path = "/v1/units", tag = "units", params(PageQuery, Within),
    responses((status = 200, body = Page<UnitReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
    Asked(within): Asked<Within>,
) -> Result<Json<Page<UnitReply>>, Problem> {
    entry::list::<Unit, _>(&api, &operator, query, within.building).await
}

/// Shows a unit.
#[utoipa::path(get, path = "/v1/units/{id}", tag = "units",
    params(("id" = String, Path)),
    responses((status = 200, body = UnitReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<UnitReply>, Problem> {
    let found = entry::load::<Unit>(&api, &operator, &id).await?;
    Ok(Json(found.into()))
}

/// Renames a unit.
#[utoipa::path(patch, path = "/v1/units/{id}", tag = "units",
    params(("id" = String, Path)), request_body = UnitPatch,
    responses((status = 200, body = UnitReply), Refusals))]
pub(crate) async fn change(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(patch): Body<UnitPatch>,
) -> Result<Json<UnitReply>, Problem> {
    let found = entry::load_to_change::<Unit>(&api, &operator, &id).await?;
    let Some(name) = patch.name else {
        return Ok(Json(found.into()));
    };
    let changed = api.directory.rename_unit(&id, name).await?;
    Ok(Json(changed.into()))
}

/// Removes a unit without flats.
#[utoipa::path(delete, path = "/v1/units/{id}", tag = "units",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    entry::load_to_change::<Unit>(&api, &operator, &id).await?;
    api.directory.remove_unit(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
