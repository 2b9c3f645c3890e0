//! What doors ask about themselves. That door only.
//!
//! `POST /api/mqtt/device/status`: whether it is online. Kept and shown in the product's own API,
//! told to nobody: it is no business of other doors. Source: S0 §4.6.
//!
//! `GET /api/mqtt/device/credentials`: where and as whom to connect by MQTT, in the words of S1 §4.3.
//! An extension: a broker that is not ours knows no devices' secrets.

use app::Failure;
use app::port::BrokerAccount;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::ask::{Ask, No, answer, unknown};
use crate::dialect::Ilock;
use crate::routes::client;
use crate::topics;
use crate::wire::{DeviceCredentials, DeviceStatusRequest, DeviceTopics, Family};
use crate::words::Said;

pub(super) async fn status(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = report(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

pub(super) async fn credentials(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = open(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply.map(Some))
}

async fn open(ilock: &Ilock, ask: &Ask) -> Result<DeviceCredentials, No> {
    let (door, secret) = ask.door_and_secret(ilock).await?;
    let id = door.device;
    let shown = match &ilock.ports().accounts {
        Some(accounts) => accounts.open_door(id.clone()).await,
        None => Ok(Some(BrokerAccount {
            username: id.to_string(),
            password: secret,
        })),
    };
    let shown = shown.map_err(Failure::from)?.ok_or_else(unknown)?;
    Ok(DeviceCredentials {
        mqtt_credentials: client::credentials(ilock, ask, shown, id.to_string()),
        topics: DeviceTopics {
            call_control: topics::device_control(&id),
            call_action: topics::device_action(&id),
        },
    })
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
