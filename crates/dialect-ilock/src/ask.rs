//! A request on the way in and its answer on the way out: body, language, principal, envelope.
//!
//! Doors carry `Authorization: Bearer <secret>` with `X-Device-Id`, or Basic with id and secret;
//! residents and operators carry `Authorization: Bearer <token>`.

use app::Failure;
use app::principal::{DoorPrincipal, Principal, ResidentPrincipal};
use app::secret::Secret;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

use crate::dialect::Ilock;
use crate::wire::envelope;
use crate::words::{Language, Said};

/// The largest body: the longest message of the seed has a few hundred bytes.
const BODY_MAX: usize = 64 * 1024;

/// A request that was read whole.
pub(crate) struct Ask {
    pub(crate) body: Bytes,
    pub(crate) language: Language,
    headers: HeaderMap,
}

/// A refusal, ready to be said.
pub(crate) struct No {
    pub(crate) status: StatusCode,
    pub(crate) said: Said,
    /// The truth, for the loser of a race.
    pub(crate) truth: Option<serde_json::Value>,
}

impl No {
    pub(crate) fn new(status: StatusCode, said: Said) -> Self {
        Self {
            status,
            said,
            truth: None,
        }
    }
}

impl From<Said> for No {
    fn from(said: Said) -> Self {
        Self::new(StatusCode::BAD_REQUEST, said)
    }
}

impl From<Failure> for No {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotFound { what: "household" } => {
                Self::new(StatusCode::NOT_FOUND, Said::UnknownHousehold)
            }
            Failure::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, Said::UnknownCall),
            failure @ (Failure::Refused(_)
            | Failure::Conflict { .. }
            | Failure::Invalid { .. }
            | Failure::Unavailable(_)) => {
                tracing::error!(%failure, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, Said::Broken)
            }
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Ask {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let language =
            Language::from_header(text(&parts.headers, header::ACCEPT_LANGUAGE.as_str()));
        match to_bytes(body, BODY_MAX).await {
            Ok(body) => Ok(Self {
                body,
                language,
                headers: parts.headers,
            }),
            Err(_) => {
                let no = No::new(StatusCode::BAD_REQUEST, Said::BodyTooLarge);
                Err(answer::<()>(language, Err(no)))
            }
        }
    }
}

impl Ask {
    /// The door that asks.
    pub(crate) async fn door(&self, ilock: &Ilock) -> Result<DoorPrincipal, No> {
        let shown = self.shown().ok_or_else(unknown)?;
        let (device, secret) = match shown {
            Shown::Bearer(secret) => (
                text(&self.headers, "x-device-id").map(str::to_owned),
                secret,
            ),
            Shown::Basic(device, secret) => (Some(device), secret),
        };
        let device = device.ok_or_else(unknown)?;
        ilock
            .parts()
            .logins
            .by_device(&device, &secret)
            .await?
            .ok_or_else(unknown)
    }

    /// The resident that asks.
    pub(crate) async fn resident(&self, ilock: &Ilock) -> Result<ResidentPrincipal, No> {
        match self.person(ilock).await? {
            Principal::Resident(resident) => Ok(resident),
            Principal::Door(_) | Principal::Operator(_) => Err(unknown()),
        }
    }

    /// Whoever asks: a door if it names itself one, else the owner of the token.
    pub(crate) async fn anyone(&self, ilock: &Ilock) -> Result<Principal, No> {
        let is_door = self.headers.contains_key("x-device-id")
            || matches!(self.shown(), Some(Shown::Basic(..)));
        if is_door {
            return self.door(ilock).await.map(Principal::Door);
        }
        self.person(ilock).await
    }

    async fn person(&self, ilock: &Ilock) -> Result<Principal, No> {
        let Some(Shown::Bearer(token)) = self.shown() else {
            return Err(unknown());
        };
        ilock
            .parts()
            .logins
            .by_token(&token)
            .await?
            .ok_or_else(unknown)
    }

    fn shown(&self) -> Option<Shown> {
        let header = text(&self.headers, header::AUTHORIZATION.as_str())?;
        let (scheme, rest) = header.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Shown::Bearer(Secret::new(rest.trim().to_owned())));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
        let (device, secret) = pair.split_once(':')?;
        Some(Shown::Basic(
            device.to_owned(),
            Secret::new(secret.to_owned()),
        ))
    }
}

enum Shown {
    Bearer(Secret),
    Basic(String, Secret),
}

fn unknown() -> No {
    No::new(StatusCode::UNAUTHORIZED, Said::SignInFirst)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Puts an answer into the envelope.
pub(crate) fn answer<T: Serialize>(language: Language, result: Result<T, No>) -> Response {
    let (status, body) = match result {
        Ok(data) => {
            let message = Said::Success.text(language);
            (StatusCode::OK, envelope(200, &message, Some(data)))
        }
        Err(No {
            status,
            said,
            truth,
        }) => (
            status,
            envelope(status.as_u16(), &said.text(language), truth),
        ),
    };
    let json = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, json, Body::from(body)).into_response()
}
