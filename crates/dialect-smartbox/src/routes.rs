//! `POST /api/smartbox/login`: a screen signs in and gets its token. Source: S3 §3.1, which leaves
//! the way open; the envelope is that of S0.
//!
//! | route | who may |
//! |---|---|
//! | `POST /api/smartbox/login` | a screen, by its id and secret |

use app::Failure;
use app::screens::{ScreenSignIn, ScreenToken};
use app::secret::Secret;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::dialect::Smartbox;

/// A sign-in has a few hundred bytes.
const BODY_MAX: usize = 16 * 1024;

#[derive(Deserialize)]
struct LoginRequest {
    device_id: String,
    secret: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    system: String,
}

#[derive(Serialize)]
struct LoginReply {
    token: String,
    /// Milliseconds since the epoch.
    expires_at: i64,
}

#[derive(Serialize)]
struct Envelope {
    code: u16,
    message: String,
    data: Option<LoginReply>,
}

/// The routes below `/api/smartbox`.
pub fn routes(smartbox: Smartbox) -> Router {
    Router::new()
        .route("/api/smartbox/login", post(login))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(smartbox)
}

async fn login(
    State(smartbox): State<Smartbox>,
    request: Result<Json<LoginRequest>, JsonRejection>,
) -> Response {
    let Json(request) = match request {
        Ok(request) => request,
        Err(rejection) => return say(StatusCode::BAD_REQUEST, &rejection.body_text(), None),
    };
    let signed_in = smartbox.ports().screens.sign_in(ScreenSignIn {
        device: request.device_id,
        secret: Secret::new(request.secret),
        kind: request.kind,
        system: request.system,
    });
    match signed_in.await {
        Ok(Some(token)) => say(StatusCode::OK, "成功", Some(token)),
        Ok(None) => {
            let message = "设备或密钥错误 / unknown device or wrong secret";
            say(StatusCode::UNAUTHORIZED, message, None)
        }
        Err(Failure::TooMany) => {
            let message = "请求过于频繁 / too many requests";
            say(StatusCode::TOO_MANY_REQUESTS, message, None)
        }
        Err(Failure::Invalid { field, problem }) => say(
            StatusCode::BAD_REQUEST,
            &format!("{field}: {problem}"),
            None,
        ),
        Err(failure) => {
            tracing::error!(%failure, "a screen could not sign in");
            let message = "服务器错误 / the server failed";
            say(StatusCode::INTERNAL_SERVER_ERROR, message, None)
        }
    }
}

fn say(status: StatusCode, message: &str, token: Option<ScreenToken>) -> Response {
    let envelope = Envelope {
        code: status.as_u16(),
        message: message.to_owned(),
        data: token.map(|token| LoginReply {
            token: token.token.expose().to_owned(),
            expires_at: token.expires.ms(),
        }),
    };
    (status, Json(envelope)).into_response()
}
