//! Refusals as problem details. Source: RFC 9457.

use app::Failure;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal for a developer to read.
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, Body::from(body.to_string())).into_response()
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let status = match &failure {
            Failure::NotFound { .. } => StatusCode::NOT_FOUND,
            Failure::Refused(_) | Failure::Conflict { .. } => StatusCode::CONFLICT,
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
