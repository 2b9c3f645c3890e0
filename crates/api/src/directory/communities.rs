//! `/v1/communities`.

use app::directory::{Community, RoomNaming};
use app::manage::{CommunityEdit, NewCommunity};
use app::port::Found;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::call::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::ask::{Asked, Body, Operator, given};
use crate::directory::entry::{self, Shows};
use crate::directory::times::{self, seconds, times};
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, Refusals};

#[derive(Deserialize, ToSchema)]
pub(crate) struct CommunityRequest {
    /// 1–64 bytes, unique.
    name: String,
    #[serde(default)]
    rooms: Rooms,
    /// Seconds a call at its doors rings, 5–180. Null: as the settings say.
    #[schema(minimum = 5, maximum = 180)]
    ring_s: Option<u64>,
    /// Seconds a conversation may last, 60–86400. Null: as the settings say.
    #[schema(minimum = 60, maximum = 86400)]
    talk_s: Option<u64>,
    /// Null: what the phone's protocol means by a decline.
    declines: Option<Declines>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct CommunityPatch {
    name: Option<String>,
    rooms: Option<Rooms>,
    /// Null: as the settings say.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 5, maximum = 180)]
    ring_s: Option<Option<u64>>,
    /// Null: as the settings say.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 60, maximum = 86400)]
    talk_s: Option<Option<u64>>,
    /// Null: what the phone's protocol means by a decline.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Declines>)]
    declines: Option<Option<Declines>>,
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

/// For whom one who declines a call speaks: that phone alone, its resident, or the household.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Declines {
    Device,
    Resident,
    Household,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CommunityReply {
    id: String,
    name: String,
    rooms: Rooms,
    /// Null: as the settings say.
    #[schema(minimum = 5, maximum = 180)]
    ring_s: Option<u64>,
    /// Null: as the settings say.
    #[schema(minimum = 60, maximum = 86400)]
    talk_s: Option<u64>,
    /// Null: what the phone's protocol means by a decline.
    declines: Option<Declines>,
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

impl From<Declines> for Scope {
    fn from(declines: Declines) -> Self {
        match declines {
            Declines::Device => Self::Device,
            Declines::Resident => Self::Resident,
            Declines::Household => Self::Household,
        }
    }
}

impl From<Scope> for Declines {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Device => Self::Device,
            Scope::Resident => Self::Resident,
            Scope::Household => Self::Household,
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
            ring_s: seconds(community.times.ring),
            talk_s: seconds(community.times.talk),
            declines: community.declines.map(Into::into),
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
    let new = NewCommunity {
        name: request.name,
        rooms: request.rooms.into(),
        times: times(request.ring_s, request.talk_s),
        declines: request.declines.map(Into::into),
    };
    let added = api.directory.add_community(new).await?;
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
        times: times::edit(patch.ring_s, patch.talk_s),
        declines: patch.declines.map(|declines| declines.map(Into::into)),
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
