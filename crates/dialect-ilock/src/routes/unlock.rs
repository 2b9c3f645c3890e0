//! Opening doors. An extension: S0 and S1 know no unlock.
//!
//! | route | who may |
//! |---|---|
//! | `POST …/calls/unlock` | in a call: an endpoint that rings, then the one that answered; outside: residents whose flat the door serves; operators who manage the community |
//! | `GET …/calls/access-qr` | residents, for themselves |
//! | `POST …/device/unlock-result`, `…/device/access-code`, `…/device/door-state` | the door itself |

use app::port::SensorState;
use app::principal::Principal;
use app::secret::Secret;
use app::unlock::{Ask as Wish, Asker, Shown};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use engine::access::Denial;
use engine::time::Instant;
use engine::unlock::{Phase, Unlock};
use serde_json::{Value, json};

use crate::ask::{Ask, No, answer, unknown};
use crate::command::check_timestamp;
use crate::dialect::Ilock;
use crate::wire::{
    CodeAnswer, CodeReport, Family, UnlockReply, UnlockRequest, UnlockResult, decode_door_state,
};
use crate::words::Said;

pub(super) async fn unlock(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = open(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply)
}

async fn open(ilock: &Ilock, ask: &Ask) -> Result<UnlockReply, No> {
    let by = match ask.anyone(ilock).await? {
        Principal::Resident(resident) => Asker::Resident(resident),
        Principal::Operator(operator) => Asker::Operator(operator),
        Principal::Door(_) => return Err(unknown()),
    };
    let request = UnlockRequest::decode(&ask.body)?;
    let unlocks = &ilock.ports().unlocks;
    check_timestamp(request.timestamp, unlocks.now())?;
    let wish = Wish {
        by,
        key: request.unlock_id,
        call: request.call_id.map(Into::into),
        door: request.device_id.map(Into::into),
        nonce: None,
    };
    let unlock = unlocks.ask(wish).await?;
    let reply = to_reply(&unlock, unlocks.now());
    match refusal(unlock.phase) {
        None => Ok(reply),
        // Strangers learn no more than that there is nothing for them.
        Some((StatusCode::NOT_FOUND, said)) => Err(No::new(StatusCode::NOT_FOUND, said)),
        Some((status, said)) => Err(No {
            status,
            said,
            truth: serde_json::to_value(reply).ok(),
        }),
    }
}

fn to_reply(unlock: &Unlock, now: Instant) -> UnlockReply {
    UnlockReply {
        unlock_id: unlock.key.key.clone(),
        id: unlock.id.to_string(),
        device_id: unlock.door.to_string(),
        call_id: unlock.call.as_ref().map(ToString::to_string),
        result: result(unlock.phase),
        reason: unlock.phase.denial().map(Denial::name),
        is_final: unlock.phase.is_final(),
        timestamp: now.ms(),
    }
}

/// What people are shown: of what has no result yet, that it is not known.
fn result(phase: Phase) -> &'static str {
    if phase.is_final() {
        return phase.name();
    }
    Phase::Unknown.name()
}

/// What is no success, and how that is said. Only what the door confirmed, or took without being
/// able to confirm, is one.
fn refusal(phase: Phase) -> Option<(StatusCode, Said)> {
    Some(match phase {
        Phase::Executed | Phase::HandedOver => return None,
        Phase::Authorised | Phase::Sent | Phase::Unknown => {
            (StatusCode::ACCEPTED, Said::UnlockUnknown)
        }
        Phase::Refused => (StatusCode::CONFLICT, Said::DoorRefused),
        Phase::Unreachable => (StatusCode::CONFLICT, Said::DoorUnreachable),
        Phase::NotSupported => (StatusCode::CONFLICT, Said::LocksNotMoved),
        Phase::Expired => (StatusCode::CONFLICT, Said::UnlockLate),
        Phase::Denied(why) => denial(why),
    })
}

fn denial(why: Denial) -> (StatusCode, Said) {
    match why {
        Denial::NotInCall => (StatusCode::NOT_FOUND, Said::UnknownCall),
        Denial::CallEnded => (StatusCode::CONFLICT, Said::CallEnded),
        Denial::LegClosed => (StatusCode::CONFLICT, Said::NoLongerRinging),
        Denial::NeedsAlarm | Denial::NoAlarm => (StatusCode::CONFLICT, Said::NeedsAlarm),
        Denial::NoRight
        | Denial::WrongCode
        | Denial::NotYet
        | Denial::Over
        | Denial::UsedUp
        | Denial::EntryLocked => (StatusCode::NOT_FOUND, Said::UnknownDevice),
    }
}

/// A QR text that stands for the resident who asks, for a few minutes.
pub(super) async fn access_qr(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = ticket(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply)
}

async fn ticket(ilock: &Ilock, ask: &Ask) -> Result<Value, No> {
    let resident = ask.resident(ilock).await?;
    let unlocks = &ilock.ports().unlocks;
    let (text, expires) = unlocks.resident_ticket(&resident.resident);
    Ok(json!({"qr": text.expose(), "expires_at": expires.ms(), "timestamp": unlocks.now().ms()}))
}

pub(super) async fn unlock_result(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = confirm(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn confirm(ilock: &Ilock, ask: &Ask) -> Result<Value, No> {
    let door = ask.door(ilock).await?;
    let result = UnlockResult::decode(&ask.body)?;
    let unlock_id = result.unlock_id.clone();
    if !ilock.confirm(&door, result).await? {
        return Err(No::new(StatusCode::NOT_FOUND, Said::UnknownUnlock));
    }
    Ok(json!({"unlock_id": unlock_id, "timestamp": ilock.ports().unlocks.now().ms()}))
}

pub(super) async fn door_state(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = sense(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn sense(ilock: &Ilock, ask: &Ask) -> Result<Value, No> {
    let door = ask.door(ilock).await?;
    let word = decode_door_state(&ask.body)?;
    let state = SensorState::ALL.into_iter().find(|one| one.name() == word);
    let state = state.ok_or(Said::Missing("state"))?;
    let sensed = ilock.ports().unlocks.report_sensor(&door, state).await?;
    Ok(json!({"state": word, "timestamp": sensed.heard.ms()}))
}

pub(super) async fn access_code(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = judge(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn judge(ilock: &Ilock, ask: &Ask) -> Result<CodeAnswer, No> {
    let door = ask.door(ilock).await?;
    let CodeReport {
        request_id,
        kind,
        shown,
    } = CodeReport::decode(&ask.body)?;
    let shown = Secret::new(shown);
    let shown = match kind {
        "code" => Shown::Code(shown),
        "card" => Shown::Card(shown),
        _ => Shown::Qr(shown),
    };
    let unlocks = &ilock.ports().unlocks;
    let told = unlocks
        .report_code(&door, request_id.clone(), shown)
        .await?;
    let life = told.open.unwrap_or_default();
    Ok(CodeAnswer {
        open: told.open.is_some(),
        request_id,
        unlock_id: told.unlock.id.to_string(),
        result: result(told.unlock.phase),
        reason: told.unlock.phase.denial().map(Denial::name),
        timestamp: unlocks.now().ms(),
        expires_at: told.unlock.ends.ms(),
        life_ms: u64::try_from(life.as_millis()).unwrap_or(u64::MAX),
    })
}
