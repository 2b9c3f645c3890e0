//! `/v1/buildings`.

use app::directory::{Building, Community};
use app::port::Found;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::ask::{Asked, Body, Operator};
use crate::directory::entry::{self, Shows};
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, Refusals};

#[derive(Deserialize, ToSchema)]
pub(crate) struct BuildingRequest {
    community: String,
    /// 1–64 bytes, unique in the community.
    name: String,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct BuildingPatch {
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct BuildingReply {
    id: String,
    community: String,
    name: String,
}

impl From<Building> for BuildingReply {
    fn from(building: Building) -> Self {
        Self {
            id: building.id.0,
            community: building.community.to_string(),
            name: building.name,
        }
    }
}

impl From<Found<Building>> for BuildingReply {
    fn from(found: Found<Building>) -> Self {
        found.entry.into()
    }
}

impl Shows<Building> for BuildingReply {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Adds a building.
#[utoipa::path(post, path = "/v1/buildings", tag = "buildings", request_body = BuildingRequest,
    responses((status = 201, body = BuildingReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<BuildingRequest>,
) -> Result<(StatusCode, Json<BuildingReply>), Problem> {
    let at = entry::load_to_change::<Community>(&api, &operator, &request.community).await?;
    let added = api.directory.add_building(at.community, &request.name);
    Ok((StatusCode::CREATED, Json(added.await?.into())))
}

/// Lists buildings.
#[utoipa::path(get, path = "/v1/buildings", tag = "buildings", params(PageQuery),
    responses((status = 200, body = Page<BuildingReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<BuildingReply>>, Problem> {
    entry::list::<Building, _>(&api, &operator, query, None).await
}

/// Shows a building.
#[utoipa::path(get, path = "/v1/buildings/{id}", tag = "buildings",
    params(("id" = String, Path)),
    responses((status = 200, body = BuildingReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<BuildingReply>, Problem> {
    let found = entry::load::<Building>(&api, &operator, &id).await?;
    Ok(Json(found.into()))
}

/// Renames a building.
#[utoipa::path(patch, path = "/v1/buildings/{id}", tag = "buildings",
    params(("id" = String, Path)), request_body = BuildingPatch,
    responses((status = 200, body = BuildingReply), Refusals))]
pub(crate) async fn change(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(patch): Body<BuildingPatch>,
) -> Result<Json<BuildingReply>, Problem> {
    let found = entry::load_to_change::<Building>(&api, &operator, &id).await?;
    let Some(name) = patch.name else {
        return Ok(Json(found.into()));
    };
    let changed = api.directory.rename_building(&id, name).await?;
    Ok(Json(changed.into()))
}

/// Removes a building without units.
#[utoipa::path(delete, path = "/v1/buildings/{id}", tag = "buildings",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    entry::load_to_change::<Building>(&api, &operator, &id).await?;
    api.directory.remove_building(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
