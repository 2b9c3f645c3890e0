//! Refusals as problem details. Source: RFC 9457.

use app::Failure;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// A refusal for a developer to read.
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
}

/// Why the request was not done. Media type `application/problem+json`.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemDetails {
    /// Always `about:blank`: the status says it all.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong; begins with the field, if it is one field.
    detail: String,
}

/// What every request with a token may be answered instead.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "read by the OpenAPI document")]
pub(crate) enum Refusals {
    /// A field is missing, of the wrong type or outside its bounds.
    #[response(status = 400, content_type = "application/problem+json")]
    Bad(ProblemDetails),
    /// No valid operator's token was shown.
    #[response(status = 401, content_type = "application/problem+json")]
    Unknown(ProblemDetails),
    /// The operator may see this and not do that.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemDetails),
    /// It does not exist, or not for this operator.
    #[response(status = 404, content_type = "application/problem+json")]
    Missing(ProblemDetails),
    /// A name is taken, or something refers to what was to go.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemDetails),
    /// The body is larger than 64 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemDetails),
    /// This was asked too often, or too many are open; it may be asked again later.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemDetails),
    /// The server cannot do this now.
    #[response(status = 500, content_type = "application/problem+json")]
    Broken(ProblemDetails),
    /// The MQTT broker in use is another one, over which this cannot be done.
    #[response(status = 501, content_type = "application/problem+json")]
    NotOurs(ProblemDetails),
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
        }
    }

    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(crate) fn missing(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = ProblemDetails {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            detail: self.detail,
        };
        let body = serde_json::to_vec(&details).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, Body::from(body)).into_response()
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let status = match &failure {
            Failure::NotFound { .. } => StatusCode::NOT_FOUND,
            Failure::Refused(_) | Failure::Conflict { .. } | Failure::Held { .. } => {
                StatusCode::CONFLICT
            }
            Failure::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Failure::Invalid { .. } => StatusCode::BAD_REQUEST,
            Failure::Unavailable(_) => {
                tracing::error!(%failure, "a request failed");
                return Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the server cannot do this now",
                );
            }
        };
        Self::new(status, failure.to_string())
    }
}

/// Where nothing is.
pub(crate) fn nothing_here() -> Problem {
    Problem::missing("path")
}

/// Where something is, but not for this method.
pub(crate) fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path has other methods",
    )
}
