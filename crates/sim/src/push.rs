//! A simulated phone that registers itself and listens on topics of its own. Source: S1 §2, §4.
//!
//! Does what the document's sample app does: register, connect with what it was given, subscribe
//! to what it was told, act over HTTP.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::SimError;
use crate::http::{Http, Reply};
use crate::link::{Link, SignIn};
use crate::server::{PhoneLogin, ServerAddress};

/// What a registration gives. Without `Debug`: it holds a credential.
#[derive(Clone, Deserialize)]
pub struct Registration {
    /// How to sign in at the broker.
    pub mqtt_credentials: MqttCredentials,
    /// What to listen on.
    pub topics: PushTopics,
}

/// How to sign in at the broker (S1 §4.3.1). Without `Debug`: it holds a credential.
#[derive(Clone, Deserialize)]
pub struct MqttCredentials {
    /// Where the broker is.
    pub broker_url: String,
    /// The resident's id.
    pub username: String,
    /// The pass of this client.
    pub password: String,
    /// The client id it is good for.
    pub client_id: String,
}

/// The topics of one resident (S1 §4.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PushTopics {
    /// Offers of calls.
    pub incoming_calls: String,
    /// What becomes of them.
    pub call_control: String,
    /// What the resident's other devices did.
    pub device_sync: String,
}

/// A message on one of the three topics. Without `Debug`: offers hold credentials.
#[derive(Clone, PartialEq, Eq)]
pub enum PushMessage {
    /// A call wants this resident.
    Incoming(Value),
    /// A call went on.
    Control(Value),
    /// Another device of the resident decided.
    Sync(Value),
}

#[derive(Serialize)]
struct Register<'a> {
    user_id: &'a str,
    device_type: &'a str,
    client_id: &'a str,
    push_token: &'a str,
    app_version: &'a str,
    platform: &'a str,
}

#[derive(Serialize)]
struct Act<'a> {
    call_id: &'a str,
    action: &'a str,
    reason: Option<&'a str>,
}

/// Registers a client of a resident.
pub async fn register(
    server: &ServerAddress,
    login: &PhoneLogin,
    client_id: &str,
) -> Result<Registration, SimError> {
    let body = Register {
        user_id: &login.resident_id,
        device_type: "mobile",
        client_id,
        push_token: "firebase_token123",
        app_version: "1.2.3",
        platform: "android",
    };
    let http = Http::new(&server.http)?.with_token(&login.token);
    http.post("/api/mqtt/clients/register", &body)
        .await?
        .into_typed()
}

/// A connected, registered phone. Dropping it breaks the connection off.
pub struct PushPhone {
    http: Http,
    link: Link,
    topics: PushTopics,
}

impl PushPhone {
    /// Registers, connects with the pass and subscribes; returns after SUBACK, within 5 s.
    pub async fn connect(
        server: &ServerAddress,
        login: &PhoneLogin,
        client_id: &str,
    ) -> Result<Self, SimError> {
        let registration = register(server, login, client_id).await?;
        Self::open(server, &registration, &login.token).await
    }

    /// Connects with an earlier registration. The pass serves for HTTP as well.
    pub async fn with(
        server: &ServerAddress,
        registration: &Registration,
    ) -> Result<Self, SimError> {
        let pass = &registration.mqtt_credentials.password;
        Self::open(server, registration, pass).await
    }

    /// Connects with an earlier registration; `token` is what it shows over HTTP.
    pub async fn open(
        server: &ServerAddress,
        registration: &Registration,
        token: &str,
    ) -> Result<Self, SimError> {
        let MqttCredentials {
            username,
            password,
            client_id,
            ..
        } = &registration.mqtt_credentials;
        let topics = registration.topics.clone();
        let sign_in = SignIn {
            client_id,
            user: username,
            password,
        };
        let filters = [
            &*topics.incoming_calls,
            &topics.call_control,
            &topics.device_sync,
        ];
        let link = Link::open(server, sign_in, &filters).await?;
        let http = Http::new(&server.http)?.with_token(token);
        Ok(Self { http, link, topics })
    }

    /// `accepted`, `rejected` or `hangup`; a refusal is a [`Reply`] like any other.
    pub async fn act(&self, call_id: &str, action: &str) -> Result<Reply, SimError> {
        let body = Act {
            call_id,
            action,
            reason: None,
        };
        self.http.post("/api/mqtt/calls/callee-action", &body).await
    }

    /// The next message, in the broker's order; [`SimError::Quiet`] if none comes in time.
    pub async fn next(&mut self, wait: Duration) -> Result<PushMessage, SimError> {
        let arrived = self.link.next(wait).await?;
        let kind = match &arrived.topic {
            topic if *topic == self.topics.incoming_calls => PushMessage::Incoming,
            topic if *topic == self.topics.call_control => PushMessage::Control,
            topic if *topic == self.topics.device_sync => PushMessage::Sync,
            _ => {
                let why = "not asked for".to_owned();
                return Err(SimError::BadMessage {
                    topic: arrived.topic,
                    why,
                });
            }
        };
        arrived.parse().map(kind)
    }
}
