//! Adding communities, flats, residents and devices. Operators only.

use app::directory::{Device, DeviceReport, RoomNaming};
use app::manage::NewResident;
use app::principal::DoorControl;
use app::secret::Secret;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::Api;
use crate::ask::{Json, Operator};
use crate::problem::Problem;

#[derive(Deserialize)]
pub(crate) struct CommunityRequest {
    name: String,
    /// How media rooms are named; `auto` if missing.
    #[serde(default)]
    rooms: Rooms,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rooms {
    #[default]
    Auto,
    String,
    Integer,
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
    /// Where it stands, in words; empty if missing.
    #[serde(default)]
    place: String,
    /// Which control messages it hears; `fixed` if missing.
    #[serde(default)]
    control: Control,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Control {
    /// On the topic that all doors share (S0).
    #[default]
    Fixed,
    /// On a topic of its own (S1).
    Own,
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
    let rooms = match request.rooms {
        Rooms::Auto => RoomNaming::Auto,
        Rooms::String => RoomNaming::Text,
        Rooms::Integer => RoomNaming::Number,
    };
    let community = api.directory.add_community(&request.name, rooms).await?;
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
    let control = match request.control {
        Control::Fixed => DoorControl::Fixed,
        Control::Own => DoorControl::Own,
    };
    let device = Device {
        id: request.id.into(),
        community: request.community.into(),
        name: request.name,
        place: request.place,
        control,
    };
    let device = api.directory.add_device(device).await?;
    Ok(made(device.id.as_str(), Some(device.secret.expose())))
}

fn made(id: &str, secret: Option<&str>) -> Response {
    (StatusCode::CREATED, axum::Json(Made { id, secret })).into_response()
}

#[derive(Serialize)]
struct DeviceReply {
    id: String,
    community: String,
    name: String,
    place: String,
    /// What it last said of itself; null if it never did.
    status: Option<StatusReply>,
}

#[derive(Serialize)]
struct StatusReply {
    online: bool,
    heard_at: i64,
    /// By the device's own clock.
    device_time: Option<i64>,
}

pub(crate) async fn device(
    _: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let report = api.directory.find_report(id.into()).await?;
    let Some(DeviceReport { device, status }) = report else {
        return Err(Problem::new(StatusCode::NOT_FOUND, "device not found"));
    };
    let status = status.map(|status| StatusReply {
        online: status.online,
        heard_at: status.heard.ms(),
        device_time: status.device_ms,
    });
    let (id, community) = (device.id.to_string(), device.community.to_string());
    let (name, place) = (device.name, device.place);
    Ok(axum::Json(DeviceReply {
        id,
        community,
        name,
        place,
        status,
    })
    .into_response())
}
