//! A request on the way in and its answer on the way out: body, language, principal, envelope.
//!
//! Doors carry `Authorization: Bearer <secret>` with `X-Device-Id`, or Basic with id and secret;
//! residents and operators carry `Authorization: Bearer <token>`.

use app::Failure;
use app::principal::{DoorPrincipal, OperatorPrincipal, Principal, ResidentPrincipal};
use app::secret::Secret;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::Serialize;

use crate::dialect::Ilock;
use crate::wire::{Family, envelope};
use crate::words::{Kind, Language, Said};

/// The largest body: the longest message of the seed has a few hundred bytes.
const BODY_MAX: usize = 64 * 1024;

/// How much of a larger body is read before the connection is cut.
const DRAINED_MAX: usize = 4 * 1024 * 1024;

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
            Failure::NotFound { what: "client" } => {
                Self::new(StatusCode::NOT_FOUND, Said::UnknownClient)
            }
            Failure::NotFound { what: "door" } => {
                Self::new(StatusCode::NOT_FOUND, Said::UnknownDevice)
            }
            Failure::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, Said::UnknownCall),
            Failure::Conflict {
                what: "unlock_id for another door",
            } => Self::new(StatusCode::CONFLICT, Said::UnlockIdTaken),
            Failure::Invalid {
                field: field @ ("unlock_id" | "code"),
                ..
            } => Self::from(Said::WrongType {
                field,
                expected: Kind::Printable,
            }),
            Failure::Invalid {
                field: field @ "public_key",
                ..
            } => Self::from(Said::WrongType {
                field,
                expected: Kind::PublicKey,
            }),
            Failure::TooMany => Self::new(StatusCode::TOO_MANY_REQUESTS, Said::TooOften),
            failure @ (Failure::Refused(_)
            | Failure::Conflict { .. }
            | Failure::Invalid { .. }
            | Failure::Held { .. }
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
        match read(body).await {
            Some(body) => Ok(Self {
                body,
                language,
                headers: parts.headers,
            }),
            None => {
                let no = No::new(StatusCode::BAD_REQUEST, Said::BodyTooLarge);
                Err(answer::<()>(language, Family::S0, Err(no)))
            }
        }
    }
}

/// The body, or none if it is too large. What is too large is read on for a while and thrown away:
/// a client that is cut off while it writes would never see the answer.
async fn read(body: Body) -> Option<Bytes> {
    let mut stream = body.into_data_stream();
    let mut kept = BytesMut::new();
    let mut length = 0;
    while let Some(Ok(chunk)) = stream.next().await {
        length += chunk.len();
        if length <= BODY_MAX {
            kept.extend_from_slice(&chunk);
        } else if length > DRAINED_MAX {
            return None;
        }
    }
    (length <= BODY_MAX).then(|| kept.freeze())
}

impl Ask {
    /// The door that asks.
    pub(crate) async fn door(&self, ilock: &Ilock) -> Result<DoorPrincipal, No> {
        self.door_and_secret(ilock).await.map(|(door, _)| door)
    }

    /// The door that asks, and what it showed.
    pub(crate) async fn door_and_secret(
        &self,
        ilock: &Ilock,
    ) -> Result<(DoorPrincipal, Secret), No> {
        let shown = self.shown().ok_or_else(unknown)?;
        let (device, secret) = match shown {
            Shown::Bearer(secret) => (
                text(&self.headers, "x-device-id").map(str::to_owned),
                secret,
            ),
            Shown::Basic(device, secret) => (Some(device), secret),
        };
        let device = device.ok_or_else(unknown)?;
        let door = ilock.ports().logins.by_device(&device, &secret).await?;
        Ok((door.ok_or_else(unknown)?, secret))
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

    /// The operator that asks.
    pub(crate) async fn operator(&self, ilock: &Ilock) -> Result<OperatorPrincipal, No> {
        match self.person(ilock).await? {
            Principal::Operator(operator) => Ok(operator),
            Principal::Door(_) | Principal::Resident(_) => Err(unknown()),
        }
    }

    /// The host by which the client reached us, without a port.
    pub(crate) fn host(&self) -> Option<&str> {
        let host = text(&self.headers, header::HOST.as_str())?;
        Some(host.rsplit_once(':').map_or(host, |(name, _)| name))
    }

    async fn person(&self, ilock: &Ilock) -> Result<Principal, No> {
        let Some(Shown::Bearer(token)) = self.shown() else {
            return Err(unknown());
        };
        ilock
            .ports()
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

pub(crate) fn unknown() -> No {
    No::new(StatusCode::UNAUTHORIZED, Said::SignInFirst)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Puts an answer into the envelope.
pub(crate) fn answer<T: Serialize>(
    language: Language,
    family: Family,
    result: Result<T, No>,
) -> Response {
    let (status, body) = match result {
        Ok(data) => {
            let message = Said::Success.text(language);
            (
                StatusCode::OK,
                envelope(family.success(), &message, Some(data)),
            )
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
