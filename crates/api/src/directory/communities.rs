//! `/v1/communities`.

use app::directory::{Community, RoomNaming};
use app::manage::CommunityEdit;
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
pub(crate) struct CommunityRequest {
    /// 1–64 bytes, unique.
    name: String,
    #[serde(default)]
    rooms: Rooms,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct CommunityPatch {
    name: Option<String>,
    rooms: Option<Rooms>,
}

/// How media rooms are named: by text, by number, or by number when a registered client is rung.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Rooms {
    #[default]
    Auto,
    String,
    Integer,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CommunityReply {
    id: String,
    name: String,
    rooms: Rooms,
}

impl From<Rooms> for RoomNaming {
    fn from(rooms: Rooms) -> Self {
        match rooms {
            Rooms::Auto => Self::Auto,
            Rooms::String => Self::Text,
            Rooms::Integer => Self::Number,
        }
    }
}

impl From<Community> for CommunityReply {
    fn from(community: Community) -> Self {
        Self {
            id: community.id.to_string(),
            name: community.name,
            rooms: match community.rooms {
                RoomNaming::Auto => Rooms::Auto,
                RoomNaming::Text => Rooms::String,
                RoomNaming::Number => Rooms::Integer,
            },
        }
    }
}

impl From<Found<Community>> for CommunityReply {
    fn from(found: Found<Community>) -> Self {
        found.entry.into()
    }
}

impl Shows<Community> for CommunityReply {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Adds a community. Owners only.
#[utoipa::path(post, path = "/v1/communities", tag = "communities", request_body = CommunityRequest,
    responses((status = 201, body = CommunityReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<CommunityRequest>,
) -> Result<(StatusCode, Json<CommunityReply>), Problem> {
    operator.must_own()?;
    let rooms = request.rooms.into();
    let added = api.directory.add_community(&request.name, rooms).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Lists communities.
#[utoipa::path(get, path = "/v1/communities", tag = "communities", params(PageQuery),
    responses((status = 200, body = Page<CommunityReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<CommunityReply>>, Problem> {
    entry::list::<Community, _>(&api, &operator, query, None).await
}

/// Shows a community.
#[utoipa::path(get, path = "/v1/communities/{id}", tag = "communities",
    params(("id" = String, Path)),
    responses((status = 200, body = CommunityReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<CommunityReply>, Problem> {
    let found = entry::load::<Community>(&api, &operator, &id).await?;
    Ok(Json(found.into()))
}

/// Changes a community. Its managers.
#[utoipa::path(patch, path = "/v1/communities/{id}", tag = "communities",
    params(("id" = String, Path)), request_body = CommunityPatch,
    responses((status = 200, body = CommunityReply), Refusals))]
pub(crate) async fn change(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(patch): Body<CommunityPatch>,
) -> Result<Json<CommunityReply>, Problem> {
    let found = entry::load_to_change::<Community>(&api, &operator, &id).await?;
    let edit = CommunityEdit {
        name: patch.name,
        rooms: patch.rooms.map(Into::into),
    };
    let changed = api.directory.change_community(&found.community, edit);
    Ok(Json(changed.await?.into()))
}

/// Removes a community without buildings, flats and devices. Owners only.
#[utoipa::path(delete, path = "/v1/communities/{id}", tag = "communities",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let found = entry::load::<Community>(&api, &operator, &id).await?;
    operator.must_own()?;
    api.directory.remove_community(&found.community).await?;
    Ok(StatusCode::NO_CONTENT)
}
