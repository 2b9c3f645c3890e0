//! `/v1/operators`: who administers what. Owners only, but anybody may look at themselves.

use std::collections::BTreeMap;

use app::directory;
use app::manage::{NewOperator, OperatorEdit};
use app::principal::{Reach, Role};
use app::secret::Secret;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::id::{CommunityId, OperatorId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::ask::{Asked, Body, Operator};
use crate::page::{Page, limit};
use crate::problem::{Problem, Refusals};

#[derive(Deserialize, ToSchema)]
pub(crate) struct OperatorRequest {
    /// The login name: 1–64 bytes, unique among residents and operators.
    name: String,
    /// 8–128 bytes.
    password: String,
    /// Whether they may everything everywhere.
    #[serde(default)]
    owner: bool,
    /// What they may where; an owner has none.
    #[serde(default)]
    roles: Vec<RoleEntry>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct OperatorPatch {
    name: Option<String>,
    /// A new password ends every login of the operator.
    password: Option<String>,
    /// An owner who is to be none any more has the roles that are given, or none.
    owner: Option<bool>,
    /// All of them; who is given roles is no owner any more.
    roles: Option<Vec<RoleEntry>>,
}

#[derive(Deserialize, Serialize, ToSchema)]
pub(crate) struct RoleEntry {
    community: String,
    role: RoleWord,
}

/// A manager may everything in the community, a guard may look and take alarms on, a viewer may look.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleWord {
    Manager,
    Guard,
    Viewer,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OperatorReply {
    id: String,
    name: String,
    owner: bool,
    roles: Vec<RoleEntry>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OperatorQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Manager => Self::Manager,
            RoleWord::Guard => Self::Guard,
            RoleWord::Viewer => Self::Viewer,
        }
    }
}

fn to_entry((community, role): (CommunityId, Role)) -> RoleEntry {
    RoleEntry {
        community: community.to_string(),
        role: match role {
            Role::Manager => RoleWord::Manager,
            Role::Guard => RoleWord::Guard,
            Role::Viewer => RoleWord::Viewer,
        },
    }
}

impl From<directory::Operator> for OperatorReply {
    fn from(operator: directory::Operator) -> Self {
        let owner = operator.reach == Reach::Everywhere;
        let roles = match operator.reach {
            Reach::Everywhere => BTreeMap::new(),
            Reach::Within(roles) => roles,
        };
        Self {
            id: operator.id.to_string(),
            name: operator.name,
            owner,
            roles: roles.into_iter().map(to_entry).collect(),
        }
    }
}

/// The reach that was asked for, if it is one.
fn reach(owner: bool, roles: Vec<RoleEntry>) -> Result<Reach, Problem> {
    if owner && !roles.is_empty() {
        return Err(Problem::bad("roles: an owner has none"));
    }
    if owner {
        return Ok(Reach::Everywhere);
    }
    let roles = roles
        .into_iter()
        .map(|entry| (entry.community.into(), entry.role.into()));
    Ok(Reach::Within(roles.collect()))
}

/// Adds an operator. Owners only.
#[utoipa::path(post, path = "/v1/operators", tag = "operators", request_body = OperatorRequest,
    responses((status = 201, body = OperatorReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<OperatorRequest>,
) -> Result<(StatusCode, Json<OperatorReply>), Problem> {
    operator.must_own()?;
    let new = NewOperator {
        name: request.name,
        password: Secret::new(request.password),
        reach: reach(request.owner, request.roles)?,
    };
    let added = api.directory.add_operator(new).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Lists operators. Owners only.
#[utoipa::path(get, path = "/v1/operators", tag = "operators", params(OperatorQuery),
    responses((status = 200, body = Page<OperatorReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<OperatorQuery>,
) -> Result<Json<Page<OperatorReply>>, Problem> {
    operator.must_own()?;
    let limit = limit(query.limit)?;
    let after = query.after.map(Into::into);
    let found = api.directory.list_operators(after, limit + 1).await?;
    let replies = found.into_iter().map(OperatorReply::from).collect();
    Ok(Json(Page::cut(replies, limit, |reply| &reply.id)))
}

/// Shows an operator. Owners, and the operator.
#[utoipa::path(get, path = "/v1/operators/{id}", tag = "operators",
    params(("id" = String, Path)),
    responses((status = 200, body = OperatorReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<OperatorReply>, Problem> {
    if operator.0.operator.as_str() != id {
        operator.must_own()?;
    }
    let found = api.directory.load_operator(&OperatorId::from(id)).await?;
    Ok(Json(found.into()))
}

/// Changes an operator. Owners only; the last owner stays one.
#[utoipa::path(patch, path = "/v1/operators/{id}", tag = "operators",
    params(("id" = String, Path)), request_body = OperatorPatch,
    responses((status = 200, body = OperatorReply), Refusals))]
pub(crate) async fn change(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(patch): Body<OperatorPatch>,
) -> Result<Json<OperatorReply>, Problem> {
    operator.must_own()?;
    let id = OperatorId::from(id);
    let is_owner = api.directory.load_operator(&id).await?.reach == Reach::Everywhere;
    let wanted = match (patch.owner, patch.roles) {
        (None, None) => None,
        (Some(owner), None) if owner == is_owner => None,
        (owner, roles) => Some(reach(owner.unwrap_or(false), roles.unwrap_or_default())?),
    };
    let edit = OperatorEdit {
        name: patch.name,
        password: patch.password.map(Secret::new),
        reach: wanted,
    };
    let changed = api.directory.change_operator(&id, edit).await?;
    Ok(Json(changed.into()))
}

/// Removes an operator. Owners only; the last owner stays.
#[utoipa::path(delete, path = "/v1/operators/{id}", tag = "operators",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    operator.must_own()?;
    api.directory.remove_operator(&OperatorId::from(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
