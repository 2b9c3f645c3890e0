//! `/v1/doors`: what a door's sensor says, and whose own door it is.

use app::directory::Flat;
use app::port::{KnownDoor, SensorState};
use axum::Json;
use axum::extract::{Path, State};
use engine::id::DeviceId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::ask::{Body, Operator, given};
use crate::directory::entry;
use crate::problem::{Problem, Refusals};

/// A device with a lock.
#[derive(Serialize, ToSchema)]
pub(crate) struct DoorReply {
    id: String,
    community: String,
    /// The entrance whose flats it serves; null: those of the whole community.
    unit: Option<String>,
    /// The flat whose own door it is; others open it in a call, or against a live alarm.
    flat: Option<String>,
    /// What its sensor said last: `open`, `closed`, `held_open` or `forced`; null if it never did.
    sensor: Option<&'static str>,
    /// When the server heard that.
    sensor_at: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct DoorPatch {
    /// The flat whose own door it is; null: nobody's. Missing: as it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    flat: Option<Option<String>>,
}

/// The door with this id.
pub(crate) async fn find_door(api: &Api, id: &str) -> Result<KnownDoor, Problem> {
    let found = api.unlocks.find_door(DeviceId::from(id)).await?;
    found.ok_or_else(|| Problem::missing("door"))
}

async fn to_reply(api: &Api, known: KnownDoor) -> Result<DoorReply, Problem> {
    let sensed = api.unlocks.find_sensed(known.device.id.clone()).await?;
    Ok(DoorReply {
        id: known.device.id.to_string(),
        community: known.device.community.to_string(),
        unit: known.device.unit.map(|unit| unit.0),
        flat: known.door.flat.map(|flat| flat.to_string()),
        sensor: sensed.map(|sensed| SensorState::name(sensed.state)),
        sensor_at: sensed.map(|sensed| sensed.heard.ms()),
    })
}

/// Shows a door.
#[utoipa::path(get, path = "/v1/doors/{id}", tag = "doors",
    params(("id" = String, Path)),
    responses((status = 200, body = DoorReply), Refusals))]
pub(crate) async fn show(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<DoorReply>, Problem> {
    let door = find_door(&api, &id).await?;
    operator.must_see(&door.device.community, "door")?;
    Ok(Json(to_reply(&api, door).await?))
}

/// Says whose own door it is. Managers.
#[utoipa::path(patch, path = "/v1/doors/{id}", tag = "doors",
    params(("id" = String, Path)), request_body = DoorPatch,
    responses((status = 200, body = DoorReply), Refusals))]
pub(crate) async fn change(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(patch): Body<DoorPatch>,
) -> Result<Json<DoorReply>, Problem> {
    let door = find_door(&api, &id).await?;
    operator.must_manage(&door.device.community, "door")?;
    if let Some(Some(flat)) = &patch.flat {
        let flat = entry::load_to_change::<Flat>(&api, &operator, flat).await?;
        if flat.community != door.device.community {
            return Err(Problem::missing("flat"));
        }
    }
    if let Some(flat) = patch.flat {
        let flat = flat.map(Into::into);
        api.unlocks.set_door_flat(door.device.id, flat).await?;
    }
    Ok(Json(to_reply(&api, find_door(&api, &id).await?).await?))
}
