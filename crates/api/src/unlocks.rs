//! `/v1/unlocks` and the requests that open doors: one door, every common door of a community.

use app::port::{LoggedUnlock, UnlockQuery};
use app::unlock::{Ask, Asker};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::access::Denial;
use engine::id::{CommunityId, DeviceId};
use engine::unlock::{Phase, Unlock};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::ask::{Asked, Body, Operator};
use crate::directory::entry;
use crate::doors::find_door;
use crate::page::{cut, limit};
use crate::problem::{Problem, Refusals};

/// An order to open a door.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnlockReply {
    id: String,
    /// What whoever asked calls it.
    unlock_id: String,
    /// Who asked, such as `resident:…`, `operator:…`, or `door:…` for what was shown at the panel.
    asker: String,
    door: String,
    community: String,
    /// `call`, `resident`, `code`, `card`, `qr`, `operator` or `alarm`.
    way: &'static str,
    call: Option<String>,
    /// The code or card, if a known one was shown.
    credential: Option<String>,
    /// `denied`, `authorised`, `sent`, `handed_over`, `executed`, `refused`, `unreachable`,
    /// `not_supported`, `expired` or `unknown`.
    state: &'static str,
    /// Why it was denied.
    reason: Option<&'static str>,
    /// What the door said beside.
    note: Option<String>,
    /// Whether nothing more is waited for.
    is_final: bool,
    requested_at: i64,
    /// When it may no longer move the lock.
    ends_at: i64,
    changed_at: i64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UnlockPage {
    unlocks: Vec<UnlockReply>,
    /// `before` of the next page; null on the last.
    next: Option<String>,
}

/// Which orders.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UnlocksQuery {
    /// Only of this community.
    community: Option<String>,
    /// Only of this door.
    door: Option<String>,
    /// The `next` of the page before.
    before: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct UnlockRequest {
    /// Made by the client, 1 to 64 bytes: the same again is the same request and moves nothing.
    unlock_id: String,
    /// The permission of a live alarm, which a flat's own door needs.
    nonce: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct UnlockAllRequest {
    /// As of one door, but at most 32 bytes.
    unlock_id: String,
}

/// What became of every common door.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnlockAllReply {
    doors: Vec<DoorResult>,
    /// Doors that confirmed.
    executed: usize,
    /// All others: they may be closed.
    others: usize,
}

/// What became of one door.
#[derive(Serialize, ToSchema)]
pub(crate) struct DoorResult {
    door: String,
    /// The order; null if the server could not even note it.
    unlock: Option<UnlockReply>,
    /// `executed`, `handed_over`, `refused`, `unreachable`, `not_supported`, `expired`, `denied`,
    /// `unknown`, or `failed` if the server could not do it.
    result: &'static str,
}

impl UnlockReply {
    fn new(unlock: &Unlock, community: &CommunityId) -> Self {
        Self {
            id: unlock.id.to_string(),
            unlock_id: unlock.key.key.clone(),
            asker: unlock.key.asker.clone(),
            door: unlock.door.to_string(),
            community: community.to_string(),
            way: unlock.way.name(),
            call: unlock.call.as_ref().map(ToString::to_string),
            credential: unlock.credential.as_ref().map(ToString::to_string),
            state: unlock.phase.name(),
            reason: unlock.phase.denial().map(Denial::name),
            note: unlock.note.clone(),
            is_final: unlock.phase.is_final(),
            requested_at: unlock.requested.ms(),
            ends_at: unlock.ends.ms(),
            changed_at: unlock.changed.ms(),
        }
    }
}

impl From<&LoggedUnlock> for UnlockReply {
    fn from(logged: &LoggedUnlock) -> Self {
        Self::new(&logged.unlock, &logged.community)
    }
}

/// Opens a door. Managers of its community; a flat's own door against a live alarm only.
///
/// Waits up to 2.5 s for the door's word. The answer says what really happened: `executed` alone means
/// that the door confirmed; what is not final is not known yet, and `GET /v1/unlocks` tells later.
#[utoipa::path(post, path = "/v1/doors/{id}/unlock", tag = "doors",
    params(("id" = String, Path)), request_body = UnlockRequest,
    responses((status = 200, body = UnlockReply), Refusals))]
pub(crate) async fn unlock(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(request): Body<UnlockRequest>,
) -> Result<Json<UnlockReply>, Problem> {
    let door = find_door(&api, &id).await?;
    let community = door.device.community;
    let ask = Ask {
        by: Asker::Operator(operator.0.clone()),
        key: request.unlock_id,
        call: None,
        door: Some(door.device.id),
        nonce: request.nonce.map(app::secret::Secret::new),
    };
    // What is wrong with the request tells a stranger no more than that there is no such door.
    let sees = operator.0.may_see(&community);
    let asked = api.unlocks.ask(ask).await;
    let unlock = match asked {
        Err(_) if !sees => return Err(Problem::missing("door")),
        asked => asked?,
    };
    match unlock.phase.denial() {
        None => Ok(Json(UnlockReply::new(&unlock, &community))),
        // Noted first, then told: an attempt is on record whoever makes it.
        Some(Denial::NoRight) => {
            operator.must_manage(&community, "door")?;
            Err(Problem::missing("door"))
        }
        Some(_) => {
            operator.must_manage(&community, "door")?;
            let said = "a flat's own door opens in a call or against a live alarm only";
            Err(Problem::new(StatusCode::CONFLICT, said))
        }
    }
}

/// Opens every door of a community that is no flat's own, and says of each what really happened.
/// Managers.
#[utoipa::path(post, path = "/v1/communities/{id}/unlock-all", tag = "doors",
    params(("id" = String, Path)), request_body = UnlockAllRequest,
    responses((status = 200, body = UnlockAllReply), Refusals))]
pub(crate) async fn unlock_all(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(request): Body<UnlockAllRequest>,
) -> Result<Json<UnlockAllReply>, Problem> {
    let at = entry::load_to_change::<app::directory::Community>(&api, &operator, &id).await?;
    let community = at.community;
    let opened = api
        .unlocks
        .open_all(&operator.0, community.clone(), &request.unlock_id);
    let doors: Vec<DoorResult> = opened
        .await?
        .into_iter()
        .map(|(door, done)| to_result(&door, done, &community))
        .collect();
    let executed = doors.iter().filter(|one| one.result == "executed").count();
    Ok(Json(UnlockAllReply {
        others: doors.len() - executed,
        executed,
        doors,
    }))
}

fn to_result(
    door: &DeviceId,
    done: Result<Unlock, app::Failure>,
    community: &CommunityId,
) -> DoorResult {
    let unlock = done.inspect_err(|failure| {
        tracing::warn!(%failure, %door, "a door could not be opened with all others");
    });
    let unlock = unlock.ok();
    let shown = |unlock: &Unlock| match unlock.phase.is_final() {
        true => unlock.phase.name(),
        false => Phase::Unknown.name(),
    };
    DoorResult {
        door: door.to_string(),
        result: unlock.as_ref().map_or("failed", shown),
        unlock: unlock.map(|unlock| UnlockReply::new(&unlock, community)),
    }
}

/// Lists orders to open doors, newest first, denied ones included.
#[utoipa::path(get, path = "/v1/unlocks", tag = "doors", params(UnlocksQuery),
    responses((status = 200, body = UnlockPage), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<UnlocksQuery>,
) -> Result<Json<UnlockPage>, Problem> {
    let limit = limit(query.limit)?;
    let asked = UnlockQuery {
        sight: operator.sight(),
        community: query.community.map(Into::into),
        door: query.door.map(Into::into),
        before: query.before.map(Into::into),
        limit: limit + 1,
    };
    let mut found = api.unlocks.list(asked).await?;
    let next = cut(&mut found, limit, |one| one.unlock.id.as_str());
    let unlocks = found.iter().map(UnlockReply::from).collect();
    Ok(Json(UnlockPage { unlocks, next }))
}
