//! `POST /api/mqtt/system/message`: an operator tells people and doors something. Operators only.
//! Source: S0 §3.2.6, §4.7.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::system::{Recipients, UnknownTarget};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bus::{Audience, Message, OnOutcome, Outcome};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::ask::{Ask, No, answer};
use crate::command::check_timestamp;
use crate::dialect::Ilock;
use crate::outbound::Reach;
use crate::topics;
use crate::wire::{Family, System, SystemRequest, encode};
use crate::words::Said;

/// How long a message waits for a client that is away.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// How long a broker that is not ours may take to say that it has one.
const BROKER_WAIT: Duration = Duration::from_secs(5);

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
    send_off(ilock, message).await?;
    Ok(json!({"timestamp": now.ms()}))
}

/// Our own broker keeps it. Of another one it is asked whether it has it: nothing says it again.
async fn send_off(ilock: &Ilock, message: Message) -> Result<(), No> {
    let ports = ilock.ports();
    if ports.reach == Reach::Links {
        ports.bus.publish(message, None);
        return Ok(());
    }
    let (taken, is_taken) = oneshot::channel();
    let taken = Mutex::new(Some(taken));
    let told: OnOutcome = Arc::new(move |outcome| {
        let taken = taken.lock().unwrap_or_else(PoisonError::into_inner).take();
        let is_gone = taken.is_some_and(|taken| taken.send(outcome).is_err());
        if is_gone {
            tracing::debug!("whoever sent a system message has gone");
        }
    });
    ports.bus.publish(message, Some(told));
    let is_taken = timeout(BROKER_WAIT, is_taken).await;
    match is_taken {
        Ok(Ok(Outcome::Acknowledged)) => Ok(()),
        Ok(Ok(Outcome::Lost) | Err(_)) | Err(_) => {
            Err(No::new(StatusCode::SERVICE_UNAVAILABLE, Said::BrokerAway))
        }
    }
}
