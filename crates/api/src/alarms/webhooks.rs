//! `/v1/communities/{id}/webhooks`: addresses outside that hear of alarms nobody inside took on.

use app::directory::{Community, Hook, HookId};
use app::port::Entry;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::id::CommunityId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::ask::{Body, Operator};
use crate::problem::{Problem, Refusals};

#[derive(Deserialize, ToSchema)]
pub(crate) struct WebhookRequest {
    /// `https://…`, or `http` to loopback; at most 512 bytes.
    url: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookReply {
    id: String,
    community: String,
    url: String,
    created_at: i64,
    /// What deliveries are signed with; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// At most 8.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookList {
    items: Vec<WebhookReply>,
}

/// Whether the address took it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TestReply {
    delivered: bool,
    /// Why not.
    problem: Option<String>,
}

impl From<Hook> for WebhookReply {
    fn from(hook: Hook) -> Self {
        Self {
            id: hook.id.0,
            community: hook.community.to_string(),
            url: hook.url,
            created_at: hook.created.ms(),
            key: None,
        }
    }
}

/// Registers an address, at most 8 of a community. Its managers.
#[utoipa::path(post, path = "/v1/communities/{id}/webhooks", tag = "webhooks",
    params(("id" = String, Path)), request_body = WebhookRequest,
    responses((status = 201, body = WebhookReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(request): Body<WebhookRequest>,
) -> Result<(StatusCode, Json<WebhookReply>), Problem> {
    let community = managed(&api, &operator, &id).await?;
    let added = api.alarms.hooks.add(community, request.url).await?;
    let reply = WebhookReply {
        key: Some(added.key.expose().to_owned()),
        ..WebhookReply::from(added.hook)
    };
    Ok((StatusCode::CREATED, Json(reply)))
}

/// Lists the addresses of a community. Its managers: an address may hold a secret of its receiver.
#[utoipa::path(get, path = "/v1/communities/{id}/webhooks", tag = "webhooks",
    params(("id" = String, Path)),
    responses((status = 200, body = WebhookList), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<WebhookList>, Problem> {
    let community = managed(&api, &operator, &id).await?;
    let found = api.alarms.hooks.list(community).await?;
    let items = found.into_iter().map(WebhookReply::from).collect();
    Ok(Json(WebhookList { items }))
}

/// Removes an address. Managers of the community.
#[utoipa::path(delete, path = "/v1/communities/{id}/webhooks/{webhook}", tag = "webhooks",
    params(("id" = String, Path), ("webhook" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path((id, webhook)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let hook = load(&api, &operator, &id, webhook).await?;
    api.alarms.hooks.remove(hook.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries an address once, and says how it went. Managers of the community.
#[utoipa::path(post, path = "/v1/communities/{id}/webhooks/{webhook}/test", tag = "webhooks",
    params(("id" = String, Path), ("webhook" = String, Path)),
    responses((status = 200, body = TestReply), Refusals))]
pub(crate) async fn test(
    operator: Operator,
    State(api): State<Api>,
    Path((id, webhook)): Path<(String, String)>,
) -> Result<Json<TestReply>, Problem> {
    let hook = load(&api, &operator, &id, webhook).await?;
    let problem = api.alarms.hooks.test(hook).await?.err();
    Ok(Json(TestReply {
        delivered: problem.is_none(),
        problem: problem.map(|problem| problem.to_string()),
    }))
}

/// The community, if the operator manages it.
async fn managed(api: &Api, operator: &Operator, id: &str) -> Result<CommunityId, Problem> {
    let found = api.directory.load::<Community>(id).await?;
    operator.must_manage(&found.community, Community::WHAT)?;
    Ok(found.community)
}

async fn load(api: &Api, operator: &Operator, id: &str, webhook: String) -> Result<Hook, Problem> {
    let community = managed(api, operator, id).await?;
    let hook = api.alarms.hooks.load(HookId(webhook)).await?;
    if hook.community == community {
        return Ok(hook);
    }
    Err(Problem::missing("webhook"))
}
