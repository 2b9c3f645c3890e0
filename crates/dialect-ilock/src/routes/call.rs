//! `POST /api/mqtt/call`: a visitor pressed. The calling door only. Source: S0 §4.1.

use app::calls::Done;
use app::principal::DoorPrincipal;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use engine::call::{Call, Refusal};

use crate::ask::{Ask, No, answer};
use crate::dialect::Ilock;
use crate::media::Hearing;
use crate::routes::session::refuse;
use crate::wire::{CallBegun, CallReply, CallRequest, Family};
use crate::words::Said;

pub(super) async fn call(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = press(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn press(ilock: &Ilock, ask: &Ask) -> Result<CallReply, No> {
    let door = ask.door(ilock).await?;
    let request = CallRequest::decode(&ask.body)?;
    if request.device_device_id != door.device.as_str() {
        return Err(No::new(StatusCode::NOT_FOUND, Said::UnknownDevice));
    }
    let done = ilock
        .ports()
        .calls
        .press(&door, &request.household_number)
        .await?;
    note_skew(&door, request.timestamp, &done);
    match done.accepted() {
        Ok(call) => Ok(reply(ilock, &door, call, &done)),
        Err(Refusal::Unreachable) => Err(No::new(StatusCode::NOT_FOUND, Said::NobodyThere)),
        Err(refusal) => Err(refuse(refusal, done.call.as_deref())),
    }
}

/// A door's clock decides nothing; one that is far off is worth knowing.
fn note_skew(door: &DoorPrincipal, shown: Option<i64>, done: &Done) {
    let skew_ms = shown.map_or(0, |ms| ms.abs_diff(done.at.ms()));
    if skew_ms > 60_000 {
        tracing::info!(device = %door.device, skew_ms, "a door's clock is off");
    }
}

fn reply(ilock: &Ilock, door: &DoorPrincipal, call: &Call, done: &Done) -> CallReply {
    let timestamp = done.at.ms();
    let call_id = call.id.to_string();
    let media = &ilock.parts().media;
    CallReply {
        call_id: call_id.clone(),
        device_device_id: door.device.to_string(),
        target_resident_ids: residents(call),
        timestamp,
        tencen_rtc: media.for_talk(call, &call.caller, Hearing::One(&call.caller), done.at),
        call_info: CallBegun {
            action: "ringing",
            call_id,
            timestamp,
        },
    }
}

/// Everyone who is rung, each once.
fn residents(call: &Call) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let rung = call.legs.iter().filter(|leg| leg.is_open());
    for resident in rung.filter_map(|leg| leg.resident.as_ref()) {
        if !ids.iter().any(|id| id == resident.as_str()) {
            ids.push(resident.to_string());
        }
    }
    ids
}
