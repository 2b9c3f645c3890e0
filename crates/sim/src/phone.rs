//! A simulated resident's phone: rings, answers, declines, hangs up.
//!
//! Does exactly what S0 asks of the app and nothing clever: no retries, no reconnecting.
//! Source: S0 §1.1, §1.3, §1.4 (topics), §4.3, §4.4, §4.5.

use std::time::Duration;

use crate::error::SimError;
use crate::http::{Http, Reply};
use crate::link::{Link, SignIn};
use crate::server::{PhoneLogin, ServerAddress};
use crate::wire::{Control, ControlMessage, EndCall, Incoming, Session, SystemMessage, Unlock};

const INCOMING_TOPIC: &str = "mqtt_call/incoming";
const CONTROL_TOPIC: &str = "mqtt_call/controller/resident";
const SYSTEM_TOPIC: &str = "mqtt_call/system";

/// What a resident may do to a call (§5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneAction {
    /// Takes the call.
    Answered,
    /// Declines it.
    Rejected,
    /// Ends it after answering.
    Hangup,
    /// Says that it rang here in vain.
    Timeout,
}

impl PhoneAction {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            PhoneAction::Answered => "answered",
            PhoneAction::Rejected => "rejected",
            PhoneAction::Hangup => "hangup",
            PhoneAction::Timeout => "timeout",
        }
    }
}

/// A message on one of a phone's three topics. Without `Debug`: it may hold credentials.
#[derive(Clone, PartialEq, Eq)]
pub enum PhoneMessage {
    /// A call wants this resident.
    Incoming(Box<Incoming>),
    /// A call went on.
    Control(ControlMessage),
    /// A notice to everybody.
    System(SystemMessage),
}

/// A connected phone. Dropping it breaks the connection off; see [`Phone::disconnect`].
pub struct Phone {
    clock: fn() -> i64,
    http: Http,
    link: Link,
}

impl Phone {
    /// Connects by MQTT 3.1.1 and subscribes the three topics at QoS 1; returns after SUBACK,
    /// within 5 s.
    ///
    /// `client_id` tells several phones of one resident apart. A wrong token is
    /// [`SimError::ConnectRefused`].
    pub async fn connect(
        server: &ServerAddress,
        login: &PhoneLogin,
        client_id: &str,
    ) -> Result<Phone, SimError> {
        let PhoneLogin { resident_id, token } = login;
        let sign_in = SignIn {
            client_id,
            user: resident_id,
            password: token,
        };
        let topics = [INCOMING_TOPIC, CONTROL_TOPIC, SYSTEM_TOPIC];
        let link = Link::open(server, sign_in, &topics).await?;
        let http = Http::new(&server.http)?.with_token(token);
        Ok(Phone {
            clock: server.clock,
            http,
            link,
        })
    }

    /// Answers, declines or hangs up. A refusal (somebody was faster) is a [`Reply`] like any
    /// other.
    pub async fn respond(
        &self,
        call_id: &str,
        action: PhoneAction,
        reason: Option<&str>,
    ) -> Result<Reply, SimError> {
        let timestamp = (self.clock)();
        let body = Control {
            action: action.as_str(),
            call_id,
            timestamp,
            reason,
        };
        self.http.post("/api/mqtt/controller/resident", &body).await
    }

    /// Opens the door that calls. The same `unlock_id` again is the same request. What is no success
    /// is a [`Reply`] like any other.
    pub async fn unlock(&self, call_id: &str, unlock_id: &str) -> Result<Reply, SimError> {
        let body = Unlock {
            unlock_id,
            call_id: Some(call_id),
            device_id: None,
        };
        self.http.post("/api/mqtt/calls/unlock", &body).await
    }

    /// Opens a door outside a call.
    pub async fn open_door(&self, device_id: &str, unlock_id: &str) -> Result<Reply, SimError> {
        let body = Unlock {
            unlock_id,
            call_id: None,
            device_id: Some(device_id),
        };
        self.http.post("/api/mqtt/calls/unlock", &body).await
    }

    /// Asks how a call stands. A refusal, such as 404 for a stranger's call, is
    /// [`SimError::Refused`].
    pub async fn session(&self, call_id: &str) -> Result<Session, SimError> {
        self.http
            .get("/api/mqtt/session", &[("call_id", call_id)])
            .await?
            .into_typed()
    }

    /// Ends a call by the interface that both sides share (§4.5).
    pub async fn end_session(
        &self,
        call_id: &str,
        reason: Option<&str>,
    ) -> Result<Reply, SimError> {
        self.http
            .post("/api/mqtt/end-session", &EndCall { call_id, reason })
            .await
    }

    /// The next message on any of the three topics, in the broker's order; [`SimError::Quiet`]
    /// if none comes in time.
    ///
    /// Cancelling the wait loses no message. The phone ends when 256 messages lie unread.
    pub async fn next(&mut self, wait: Duration) -> Result<PhoneMessage, SimError> {
        let arrived = self.link.next(wait).await?;
        match arrived.topic.as_str() {
            INCOMING_TOPIC => arrived.parse().map(PhoneMessage::Incoming),
            CONTROL_TOPIC => arrived.parse().map(PhoneMessage::Control),
            SYSTEM_TOPIC => arrived.parse().map(PhoneMessage::System),
            _ => Err(SimError::BadMessage {
                topic: arrived.topic,
                why: "not asked for".to_owned(),
            }),
        }
    }

    /// Says goodbye to the broker and waits at most 5 s for the socket to close.
    pub async fn disconnect(self) {
        self.link.close().await;
    }
}
