//! `/v1/login`: a name and a password for a token, and giving it back.

use app::port::AccountKind;
use app::secret::Secret;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::ask::{Bearer, Body};
use crate::problem::{Problem, Refusals};

#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginRequest {
    name: String,
    password: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LoginReply {
    /// For `Authorization: Bearer`, and as the MQTT password of a resident.
    token: String,
    kind: Kind,
    /// Of the resident or operator; a resident's MQTT user name.
    id: String,
    /// Milliseconds since the epoch.
    expires_at: i64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Resident,
    Operator,
}

/// Signs a resident or operator in.
#[utoipa::path(post, path = "/v1/login", tag = "login", security(()), request_body = LoginRequest,
    responses((status = 200, body = LoginReply), Refusals))]
pub(crate) async fn sign_in(
    State(api): State<Api>,
    Body(request): Body<LoginRequest>,
) -> Result<Json<LoginReply>, Problem> {
    let login = api
        .logins
        .sign_in(&request.name, Secret::new(request.password))
        .await?;
    let wrong = || Problem::new(StatusCode::UNAUTHORIZED, "name or password is wrong");
    let login = login.ok_or_else(wrong)?;
    let (kind, id) = match &login.kind {
        AccountKind::Resident(id) => (Kind::Resident, id.to_string()),
        AccountKind::Operator(id) => (Kind::Operator, id.to_string()),
    };
    Ok(Json(LoginReply {
        token: login.token.expose().to_owned(),
        kind,
        id,
        expires_at: login.expires.ms(),
    }))
}

/// Signs the token that is shown out, and closes the connections of its resident's phones.
///
/// Those that have another token may connect again.
#[utoipa::path(delete, path = "/v1/login", tag = "login",
    responses((status = 204), Refusals))]
pub(crate) async fn sign_out(
    State(api): State<Api>,
    Bearer(token): Bearer,
) -> Result<StatusCode, Problem> {
    if api.directory.sign_out(&token).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        "a valid token is needed",
    ))
}
