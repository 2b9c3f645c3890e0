//! `POST /api/mqtt/device/status`: a door says whether it is online. That door only. Source: S0
//! §4.6.
//!
//! Kept and shown in the product's own API, told to nobody: it is no business of other doors.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::ask::{Ask, No, answer};
use crate::dialect::Ilock;
use crate::wire::{DeviceStatusRequest, Family};
use crate::words::Said;

pub(super) async fn status(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = report(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn report(ilock: &Ilock, ask: &Ask) -> Result<Value, No> {
    let door = ask.door(ilock).await?;
    let request = DeviceStatusRequest::decode(&ask.body)?;
    if request.device_id != door.device.as_str() {
        return Err(No::new(StatusCode::NOT_FOUND, Said::UnknownDevice));
    }
    let directory = &ilock.ports().directory;
    let status = directory
        .report_status(&door, request.online, request.timestamp)
        .await?;
    Ok(json!({"device_id": request.device_id, "timestamp": status.heard.ms()}))
}
