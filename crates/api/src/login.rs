//! `POST /v1/login`: a name and a password for a token.

use app::port::AccountKind;
use app::secret::Secret;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::Api;
use crate::ask::Json;
use crate::problem::Problem;

#[derive(Deserialize)]
pub(crate) struct LoginRequest {
    name: String,
    password: String,
}

#[derive(Serialize)]
struct LoginReply<'a> {
    /// For `Authorization: Bearer`, and as the MQTT password of a resident.
    token: &'a str,
    /// `resident` or `operator`.
    kind: &'static str,
    /// Of the resident or operator; a resident's MQTT user name.
    id: &'a str,
    /// Milliseconds since the epoch.
    expires_at: i64,
}

pub(crate) async fn login(
    State(api): State<Api>,
    Json(request): Json<LoginRequest>,
) -> Result<Response, Problem> {
    let login = api
        .logins
        .sign_in(&request.name, Secret::new(request.password))
        .await?;
    let Some(login) = login else {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "name or password is wrong",
        ));
    };
    let (kind, id) = match &login.kind {
        AccountKind::Resident(id) => ("resident", id.as_str()),
        AccountKind::Operator(id) => ("operator", id.as_str()),
    };
    let token = login.token.expose();
    let reply = LoginReply {
        token,
        kind,
        id,
        expires_at: login.expires.ms(),
    };
    Ok(axum::Json(reply).into_response())
}
