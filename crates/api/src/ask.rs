//! Reading requests: JSON bodies whose errors name the field, and the operator behind a token.

use app::principal::{OperatorPrincipal, Principal};
use app::secret::Secret;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::Api;
use crate::problem::Problem;

/// The largest body; the longest request has a few hundred bytes.
const BODY_MAX: usize = 64 * 1024;

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = to_bytes(request.into_body(), BODY_MAX).await.map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is larger than 64 KiB",
            )
        })?;
        let value = serde_json::from_slice(&body)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        Ok(Self(value))
    }
}

/// The operator who asks; anybody else gets 401.
pub(crate) struct Operator(
    #[expect(dead_code, reason = "who may ask, not yet what")] OperatorPrincipal,
);

impl FromRequestParts<Api> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let unknown = || Problem::new(StatusCode::UNAUTHORIZED, "an operator's token is needed");
        let shown = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = shown
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(unknown)?;
        match api
            .logins
            .by_token(&Secret::new(token.trim().to_owned()))
            .await?
        {
            Some(Principal::Operator(operator)) => Ok(Self(operator)),
            Some(Principal::Door(_) | Principal::Resident(_)) | None => Err(unknown()),
        }
    }
}
