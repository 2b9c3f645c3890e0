//! `/v1/devices`: the panels of doors, screens, property desks.

use app::directory::{Community, Device, DeviceReport, DeviceStatus, UnitId};
use app::manage::DeviceEdit;
use app::port::Found;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::ask::{Asked, Body, Operator, given};
use crate::directory::entry::{self, Shows};
use crate::directory::kind::{self, AskedKind, Control, DeviceSort, Words};
use crate::directory::times::{self, seconds, times};
use crate::page::{Page, PageQuery};
use crate::problem::{Problem, Refusals};

#[derive(Deserialize, ToSchema)]
pub(crate) struct DeviceRequest {
    community: String,
    /// What it signs in with: 1–28 letters, digits, `_` or `-`, unique.
    id: String,
    /// 1–64 bytes.
    name: String,
    /// Where it stands, in words; at most 64 bytes.
    #[serde(default)]
    place: String,
    /// An entrance of the community; null: it serves all of it.
    unit: Option<String>,
    #[serde(default)]
    kind: DeviceSort,
    /// Of a panel. Null: `fixed`.
    control: Option<Control>,
    /// Of a screen or box: the flat it belongs to.
    flat: Option<String>,
    /// Of an outdoor unit, centre or box: its address, which is no other device's, and the port on
    /// which it listens for calls, such as `11.0.1.5:7892`.
    address: Option<String>,
    /// Of all but panels. Null: `v0.4`.
    profile: Option<Words>,
    /// Seconds a call from it rings, 5–180. Null: as the community says.
    #[schema(minimum = 5, maximum = 180)]
    ring_s: Option<u64>,
    /// Seconds a conversation may last, 60–86400. Null: as the community says.
    #[schema(minimum = 60, maximum = 86400)]
    talk_s: Option<u64>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct DevicePatch {
    name: Option<String>,
    place: Option<String>,
    /// An entrance of the same community; null: it serves all of it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    unit: Option<Option<String>>,
    /// Of a panel.
    control: Option<Control>,
    /// Of an outdoor unit, centre or box.
    address: Option<String>,
    /// Of all but panels.
    profile: Option<Words>,
    /// Null: as the community says.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 5, maximum = 180)]
    ring_s: Option<Option<u64>>,
    /// Null: as the community says.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u64>, minimum = 60, maximum = 86400)]
    talk_s: Option<Option<u64>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceReply {
    id: String,
    community: String,
    /// Null: it serves the whole community.
    unit: Option<String>,
    name: String,
    place: String,
    kind: DeviceSort,
    /// A panel's.
    control: Option<Control>,
    /// A screen's or box's.
    flat: Option<String>,
    /// An outdoor unit's, centre's or box's.
    address: Option<String>,
    /// Every one's but a panel's.
    profile: Option<Words>,
    /// Null: as the community says.
    #[schema(minimum = 5, maximum = 180)]
    ring_s: Option<u64>,
    /// Null: as the community says.
    #[schema(minimum = 60, maximum = 86400)]
    talk_s: Option<u64>,
}

/// A device and its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewDeviceReply {
    #[serde(flatten)]
    device: DeviceReply,
    secret: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SecretReply {
    id: String,
    /// Shown this once.
    secret: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceReportReply {
    #[serde(flatten)]
    device: DeviceReply,
    /// What it last said of itself; null if it never did.
    status: Option<StatusReply>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct StatusReply {
    online: bool,
    heard_at: i64,
    /// By the device's own clock.
    device_time: Option<i64>,
}

impl From<Device> for DeviceReply {
    fn from(device: Device) -> Self {
        Self {
            id: device.id.to_string(),
            community: device.community.to_string(),
            unit: device.unit.map(|unit| unit.0),
            name: device.name,
            place: device.place,
            kind: DeviceSort::from(&device.kind),
            control: kind::control(&device.kind),
            flat: device.kind.flat().map(ToString::to_string),
            address: device.kind.peer().map(kind::shown_address),
            profile: device.kind.profile().map(Words::from),
            ring_s: seconds(device.times.ring),
            talk_s: seconds(device.times.talk),
        }
    }
}

impl From<DeviceStatus> for StatusReply {
    fn from(status: DeviceStatus) -> Self {
        Self {
            online: status.online,
            heard_at: status.heard.ms(),
            device_time: status.device_ms,
        }
    }
}

impl From<Found<Device>> for DeviceReply {
    fn from(found: Found<Device>) -> Self {
        found.entry.into()
    }
}

impl Shows<Device> for DeviceReply {
    fn id(&self) -> &str {
        &self.id
    }
}

/// Adds a device. Its secret is shown this once.
#[utoipa::path(post, path = "/v1/devices", tag = "devices", request_body = DeviceRequest,
    responses((status = 201, body = NewDeviceReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<DeviceRequest>,
) -> Result<(StatusCode, Json<NewDeviceReply>), Problem> {
    let at = entry::load_to_change::<Community>(&api, &operator, &request.community);
    let asked = AskedKind {
        kind: request.kind,
        control: request.control,
        flat: request.flat,
        address: request.address,
        profile: request.profile,
    };
    let device = Device {
        id: request.id.into(),
        community: at.await?.community,
        name: request.name,
        place: request.place,
        unit: request.unit.map(UnitId),
        kind: asked.to_kind()?,
        times: times(request.ring_s, request.talk_s),
    };
    let added = api.directory.add_device(device.clone()).await?;
    let reply = NewDeviceReply {
        device: device.into(),
        secret: added.secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(reply)))
}

/// Lists devices.
#[utoipa::path(get, path = "/v1/devices", tag = "devices", params(PageQuery),
    responses((status = 200, body = Page<DeviceReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<DeviceReply>>, Problem> {
    entry::list::<Device, _>(&api, &operator, query, None).await
}

/// Shows a device and what it last said of itself.
#[utoipa::path(get, path = "/v1/devices/{id}", tag = "devices",
    params(("id" = String, Path)),
    responses((status = 200, body = DeviceReportReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<DeviceReportReply>, Problem> {
    let report = api.directory.find_report(id.into()).await?;
    let missing = || Problem::missing("device");
    let DeviceReport { device, status } = report.ok_or_else(missing)?;
    operator.must_see(&device.community, "device")?;
    Ok(Json(DeviceReportReply {
        device: device.into(),
        status: status.map(Into::into),
    }))
}

/// Changes a device. A change of `control`, `address` or `profile` closes its connections. What it is
/// never changes.
#[utoipa::path(patch, path = "/v1/devices/{id}", tag = "devices",
    params(("id" = String, Path)), request_body = DevicePatch,
    responses((status = 200, body = DeviceReply), Refusals))]
pub(crate) async fn change(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(patch): Body<DevicePatch>,
) -> Result<Json<DeviceReply>, Problem> {
    let found = entry::load_to_change::<Device>(&api, &operator, &id).await?;
    let edit = DeviceEdit {
        name: patch.name,
        place: patch.place,
        unit: patch.unit.map(|unit| unit.map(UnitId)),
        control: patch.control.map(Into::into),
        address: patch.address.as_deref().map(kind::address).transpose()?,
        profile: patch.profile.map(Into::into),
        times: times::edit(patch.ring_s, patch.talk_s),
    };
    let changed = api.directory.change_device(&found.entry.id, edit).await?;
    Ok(Json(changed.into()))
}

/// Removes a device that is in no call, and closes its connections.
#[utoipa::path(delete, path = "/v1/devices/{id}", tag = "devices",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let found = entry::load_to_change::<Device>(&api, &operator, &id).await?;
    api.directory.remove_device(&found.entry.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new secret. The old one is worth nothing at once, and the device's connections are
/// closed.
#[utoipa::path(post, path = "/v1/devices/{id}/secret", tag = "devices",
    params(("id" = String, Path)),
    responses((status = 200, body = SecretReply), Refusals))]
pub(crate) async fn renew_secret(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<SecretReply>, Problem> {
    let found = entry::load_to_change::<Device>(&api, &operator, &id).await?;
    let renewed = api.directory.renew_secret(&found.entry.id).await?;
    Ok(Json(SecretReply {
        id,
        secret: renewed.secret.expose().to_owned(),
    }))
}
