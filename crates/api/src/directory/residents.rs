//! `/v1/residents`: people who sign in and are rung.

use app::directory::{Flat, Resident};
use app::manage::{NewResident, ResidentEdit};
use app::port::Found;
use app::secret::Secret;
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
pub(crate) struct ResidentRequest {
    flat: String,
    /// The login name: 1–64 bytes, unique among residents and operators.
    name: String,
    /// 8–128 bytes.
    password: String,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct ResidentPatch {
    /// Another flat of the same community.
    flat: Option<String>,
    name: Option<String>,
    /// A new password ends every login and registration of the resident.
    password: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ResidentReply {
    id: String,
    community: String,
    flat: String,
    name: String,
}

impl From<Found<Resident>> for ResidentReply {
    fn from(found: Found<Resident>) -> Self {
        let Found { entry, community } = found;
        Self {
            id: entry.id.to_string(),
            community: community.to_string(),
            flat: entry.flat.to_string(),
            name: entry.name,
        }
    }
}

impl Shows<Resident> for ResidentReply {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Within {
    /// Only those who live in this flat.
    flat: Option<String>,
}

/// Adds a resident.
#[utoipa::path(post, path = "/v1/residents", tag = "residents", request_body = ResidentRequest,
    responses((status = 201, body = ResidentReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<ResidentRequest>,
) -> Result<(StatusCode, Json<ResidentReply>), Problem> {
    let at = entry::load_to_change::<Flat>(&api, &operator, &request.flat).await?;
    let new = NewResident {
        flat: at.entry.id,
        name: request.name,
        password: Secret::new(request.password),
    };
    let id = api.directory.add_resident(new).await?;
    let added = api.directory.load::<Resident>(id.as_str()).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Lists residents.
#[utoipa::path(get, path = "/v1/residents", tag = "residents", params(PageQuery, Within),
    responses((status = 200, body = Page<ResidentReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
    Asked(within): Asked<Within>,
) -> Result<Json<Page<ResidentReply>>, Problem> {
    entry::list::<Resident, _>(&api, &operator, query, within.flat).await
}

/// Shows a resident.
#[utoipa::path(get, path = "/v1/residents/{id}", tag = "residents",
    params(("id" = String, Path)),
    responses((status = 200, body = ResidentReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<ResidentReply>, Problem> {
    let found = entry::load::<Resident>(&api, &operator, &id).await?;
    Ok(Json(found.into()))
}

/// Changes a resident.
#[utoipa::path(patch, path = "/v1/residents/{id}", tag = "residents",
    params(("id" = String, Path)), request_body = ResidentPatch,
    responses((status = 200, body = ResidentReply), Refusals))]
pub(crate) async fn change(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(patch): Body<ResidentPatch>,
) -> Result<Json<ResidentReply>, Problem> {
    let found = entry::load_to_change::<Resident>(&api, &operator, &id).await?;
    let edit = ResidentEdit {
        flat: patch.flat.map(Into::into),
        name: patch.name,
        password: patch.password.map(Secret::new),
    };
    let changed = api.directory.change_resident(&found.entry.id, edit);
    Ok(Json(changed.await?.into()))
}

/// Removes a resident with every login and registration, and closes their connections.
#[utoipa::path(delete, path = "/v1/residents/{id}", tag = "residents",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let found = entry::load_to_change::<Resident>(&api, &operator, &id).await?;
    api.directory.remove_resident(&found.entry.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
