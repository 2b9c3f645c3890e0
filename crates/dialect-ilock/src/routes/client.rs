//! Registered clients: `POST …/clients/register`, `PUT …/clients/status`. The resident only.
//! Source: S1 §2.3.1, §4.3.

use std::sync::Arc;

use app::Failure;
use app::clients::Registration;
use app::port::BrokerAccount;
use app::principal::unshared_client_id;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::ask::{Ask, No, answer, unknown};
use crate::dialect::{BrokerAddress, Ilock};
use crate::outbound::Reach;
use crate::topics;
use crate::wire::{
    ClientTopics, Family, MqttCredentials, RegisterReply, RegisterRequest, StatusRequest,
};
use crate::words::Said;

pub(super) async fn register(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = add(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply.map(Some))
}

async fn add(ilock: &Ilock, ask: &Ask) -> Result<RegisterReply, No> {
    let resident = ask.resident(ilock).await?;
    let RegisterRequest { user_id, client } = RegisterRequest::decode(&ask.body)?;
    if user_id != resident.resident.as_str() {
        return Err(No::new(StatusCode::NOT_FOUND, Said::UnknownClient));
    }
    let client_id = match ilock.ports().reach {
        Reach::Links => client.name.clone(),
        Reach::Topics { .. } => unshared_client_id(&resident.resident, &client.name),
    };
    // To its end, even if the client goes away: what is stored must be what is remembered.
    let (clients, who) = (Arc::clone(&ilock.ports().clients), resident.clone());
    let registering = async move { clients.register(&who, client).await };
    let registered = ilock.ports().tasks.detach(registering).await;
    let registered =
        registered.map_err(|_| Failure::Unavailable("the registration died".into()))??;
    let Registration { client, pass } = registered.ok_or_else(unknown)?;
    let id = &resident.resident;
    let shown = match &ilock.ports().accounts {
        Some(accounts) => accounts.open_client(id.clone(), client).await,
        None => Ok(Some(BrokerAccount {
            username: user_id,
            password: pass,
        })),
    };
    let shown = shown.map_err(Failure::from)?.ok_or_else(unknown)?;
    Ok(RegisterReply {
        mqtt_credentials: credentials(ilock, ask, shown, client_id),
        topics: ClientTopics {
            incoming_calls: topics::user_incoming(id),
            call_control: topics::user_control(id),
            device_sync: topics::user_sync(id),
        },
    })
}

pub(super) fn credentials(
    ilock: &Ilock,
    ask: &Ask,
    shown: BrokerAccount,
    client_id: String,
) -> MqttCredentials {
    MqttCredentials {
        broker_url: broker_url(ilock, ask),
        username: shown.username,
        password: shown.password.expose().to_owned(),
        client_id,
    }
}

fn broker_url(ilock: &Ilock, ask: &Ask) -> String {
    let BrokerAddress {
        url,
        scheme,
        port,
        path,
    } = &ilock.ports().broker;
    let host = ask.host().unwrap_or("127.0.0.1");
    url.clone()
        .unwrap_or_else(|| format!("{scheme}://{host}:{port}{path}"))
}

pub(super) async fn status(State(ilock): State<Ilock>, ask: Ask) -> Response {
    let reply = note(&ilock, &ask).await;
    answer(ask.language, Family::S1, reply)
}

/// Data is null in the seed's answer.
async fn note(ilock: &Ilock, ask: &Ask) -> Result<Option<()>, No> {
    let resident = ask.resident(ilock).await?;
    let request = StatusRequest::decode(&ask.body)?;
    let clients = &ilock.ports().clients;
    let StatusRequest { client_id, status } = request;
    // An app may go by the id that it was told to show to another broker.
    let told = format!("{}_", resident.resident);
    match clients.set_status(&resident, &client_id, status).await {
        Err(Failure::NotFound { .. }) if client_id.starts_with(&told) => {
            let name = &client_id[told.len()..];
            clients.set_status(&resident, name, status).await?;
        }
        done => done?,
    }
    Ok(None)
}
