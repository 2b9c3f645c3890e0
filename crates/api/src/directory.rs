//! Adding communities, flats, residents and devices. Operators only.

use app::manage::NewResident;
use app::secret::Secret;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::Api;
use crate::ask::{Json, Operator};
use crate::problem::Problem;

#[derive(Deserialize)]
pub(crate) struct CommunityRequest {
    name: String,
}

#[derive(Deserialize)]
pub(crate) struct FlatRequest {
    community: String,
    number: String,
}

#[derive(Deserialize)]
pub(crate) struct ResidentRequest {
    flat: String,
    name: String,
    password: String,
}

#[derive(Deserialize)]
pub(crate) struct DeviceRequest {
    community: String,
    id: String,
    name: String,
}

#[derive(Serialize)]
struct Made<'a> {
    id: &'a str,
    /// A device's secret, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
}

pub(crate) async fn add_community(
    _: Operator,
    State(api): State<Api>,
    Json(request): Json<CommunityRequest>,
) -> Result<Response, Problem> {
    let community = api.directory.add_community(&request.name).await?;
    Ok(made(community.id.as_str(), None))
}

pub(crate) async fn add_flat(
    _: Operator,
    State(api): State<Api>,
    Json(request): Json<FlatRequest>,
) -> Result<Response, Problem> {
    let flat = api
        .directory
        .add_flat(request.community.into(), &request.number)
        .await?;
    Ok(made(flat.id.as_str(), None))
}

pub(crate) async fn add_resident(
    _: Operator,
    State(api): State<Api>,
    Json(request): Json<ResidentRequest>,
) -> Result<Response, Problem> {
    let password = Secret::new(request.password);
    let new = NewResident {
        flat: request.flat.into(),
        name: request.name,
        password,
    };
    let id = api.directory.add_resident(new).await?;
    Ok(made(id.as_str(), None))
}

pub(crate) async fn add_device(
    _: Operator,
    State(api): State<Api>,
    Json(request): Json<DeviceRequest>,
) -> Result<Response, Problem> {
    let DeviceRequest {
        community,
        id,
        name,
    } = request;
    let device = api
        .directory
        .add_device(community.into(), &id, &name)
        .await?;
    Ok(made(device.id.as_str(), Some(device.secret.expose())))
}

fn made(id: &str, secret: Option<&str>) -> Response {
    (StatusCode::CREATED, axum::Json(Made { id, secret })).into_response()
}
