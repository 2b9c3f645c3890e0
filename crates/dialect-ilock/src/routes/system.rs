//! `POST /api/mqtt/system/message`: an operator tells people and doors something. Operators only.
//! Source: S0 §3.2.6, §4.7.

use std::sync::Arc;
use std::time::Duration;

use app::system::{Recipients, UnknownTarget};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bus::{Audience, Message};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::ask::{Ask, No, answer};
use crate::command::check_timestamp;
use crate::dialect::Ilock;
use crate::outbound::Reach;
use crate::topics;
use crate::wire::{Family, System, SystemRequest, encode};
use crate::words::Said;

/// How long a message waits for a client that is away.
const LIFE: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn message(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = send(&ilock, &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn send(ilock: &Ilock, ask: &Ask) -> Result<Value, No> {
    let operator = ask.operator(ilock).await?;
    ilock.ports().audiences.count_message(&operator.operator)?;
    let request = SystemRequest::decode(&ask.body)?;
    let now = ilock.ports().calls.now();
    check_timestamp(request.timestamp, now)?;
    let audience = match ilock
        .ports()
        .audiences
        .find(&operator, request.target)
        .await?
    {
        Ok(Recipients::Everyone) => Audience::Everyone,
        Ok(Recipients::Endpoints(_)) if ilock.ports().reach != Reach::Links => {
            return Err(No::new(StatusCode::NOT_IMPLEMENTED, Said::NotToSome));
        }
        Ok(Recipients::Endpoints(endpoints)) => Audience::Subjects(
            endpoints
                .iter()
                .map(|one| Arc::from(one.as_str()))
                .collect(),
        ),
        Err(UnknownTarget(id)) => {
            return Err(No::new(StatusCode::NOT_FOUND, Said::UnknownTarget(id)));
        }
    };
    let system = System {
        kind: request.kind,
        level: request.level,
        message: request.message,
        data: request.data,
        timestamp: now.ms(),
    };
    let message = Message {
        topic: Arc::from(topics::SYSTEM),
        payload: Bytes::from(encode(&system)),
        qos: 1,
        life: LIFE,
        offline: true,
        audience,
    };
    ilock.ports().bus.publish(message, None);
    Ok(json!({"timestamp": now.ms()}))
}
