//! Reading requests: bodies and queries whose errors name the field, and who asks.

use app::port::Sight;
use app::principal::{DoorPrincipal, OperatorPrincipal, Principal};
use app::secret::Secret;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use engine::id::CommunityId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::Api;
use crate::problem::Problem;

/// The largest body; the longest request has a few hundred bytes.
const BODY_MAX: usize = 64 * 1024;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = to_bytes(request.into_body(), BODY_MAX).await.map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is larger than 64 KiB",
            )
        })?;
        let reader = &mut serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(reader);
        Ok(Self(
            value.map_err(|error| Problem::bad(error.to_string()))?,
        ))
    }
}

/// Tells a field that is null from one that is missing, which needs `serde(default)` beside it.
pub(crate) fn given<'de, D, T>(reader: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(reader).map(Some)
}

/// What stands behind the question mark.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(error) => Err(Problem::bad(error.body_text())),
        }
    }
}

/// The token that was shown, whoever's it is.
pub(crate) struct Bearer(pub(crate) Secret);

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let shown = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let shown = shown.ok_or_else(|| unknown("a token is needed"))?;
        Ok(Self(Secret::new(shown.trim().to_owned())))
    }
}

/// The operator who asks; anybody else gets 401.
pub(crate) struct Operator(pub(crate) OperatorPrincipal);

impl FromRequestParts<Api> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let Bearer(token) = Bearer::from_request_parts(parts, api).await?;
        let found = Self::find(api, &token).await?;
        found.ok_or_else(|| unknown("an operator's token is needed"))
    }
}

/// Who speaks for a sensor.
pub(crate) enum Sensor {
    /// An operator.
    Operator(Operator),
    /// A device, which shows its secret as the token and names itself in a header.
    Device(DoorPrincipal),
}

impl FromRequestParts<Api> for Sensor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let Some(device) = parts.headers.get("x-device-id").cloned() else {
            return Operator::from_request_parts(parts, api)
                .await
                .map(Self::Operator);
        };
        let Bearer(secret) = Bearer::from_request_parts(parts, api).await?;
        let found = match device.to_str() {
            Ok(device) => api.logins.by_device(device, &secret).await?,
            Err(_) => None,
        };
        let device = found.ok_or_else(|| unknown("a device's id and secret are needed"))?;
        Ok(Self::Device(device))
    }
}

fn unknown(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, detail)
}

impl Operator {
    /// The operator behind a token, if it is one's.
    pub(crate) async fn find(api: &Api, token: &Secret) -> Result<Option<Self>, Problem> {
        Ok(match api.logins.by_token(token).await? {
            Some(Principal::Operator(operator)) => Some(Self(operator)),
            Some(Principal::Door(_) | Principal::Resident(_)) | None => None,
        })
    }

    /// 404 where they may not look, so that ids cannot be found out by asking.
    pub(crate) fn must_see(&self, community: &CommunityId, what: &str) -> Result<(), Problem> {
        if self.0.may_see(community) {
            return Ok(());
        }
        Err(Problem::missing(what))
    }

    /// 403 where they may only look.
    pub(crate) fn must_manage(&self, community: &CommunityId, what: &str) -> Result<(), Problem> {
        self.must_see(community, what)?;
        if self.0.may_manage(community) {
            return Ok(());
        }
        Err(Problem::forbidden("a manager of the community may do this"))
    }

    pub(crate) fn must_own(&self) -> Result<(), Problem> {
        if self.0.is_owner() {
            return Ok(());
        }
        Err(Problem::forbidden("an owner may do this"))
    }

    /// How far their lists look.
    pub(crate) fn sight(&self) -> Sight {
        if self.0.is_owner() {
            return Sight::Everywhere;
        }
        Sight::Of(self.0.operator.clone())
    }
}
