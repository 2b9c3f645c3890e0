//! A simulated door: calls over HTTP, hears over MQTT.
//!
//! Does exactly what S0 asks of a device and nothing clever: no retries, no reconnecting.
//! Source: S0 §1.2 (topic), §4.1, §4.2, §4.5, §4.6.

use std::time::Duration;

use crate::error::SimError;
use crate::http::{Http, Reply};
use crate::link::{Link, SignIn};
use crate::server::{DoorLogin, ServerAddress};
use crate::wire::{Control, ControlMessage, EndCall, Online, Press, Pressed, Status, UnlockResult};

const CONTROL_TOPIC: &str = "mqtt_call/controller/device";

/// What a door may do to a call (§5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoorAction {
    /// Ends a call that was answered.
    Hangup,
    /// Takes back a call that still rings.
    Cancelled,
}

impl DoorAction {
    /// The wire's word.
    pub fn as_str(self) -> &'static str {
        match self {
            DoorAction::Hangup => "hangup",
            DoorAction::Cancelled => "cancelled",
        }
    }
}

/// A connected door. Dropping it breaks the connection off; see [`Door::disconnect`].
pub struct Door {
    device_id: String,
    clock: fn() -> i64,
    http: Http,
    link: Link,
}

impl Door {
    /// Connects by MQTT 3.1.1 and subscribes the control topic at QoS 1; returns after SUBACK,
    /// within 5 s.
    ///
    /// A wrong secret is [`SimError::ConnectRefused`].
    pub async fn connect(server: &ServerAddress, login: &DoorLogin) -> Result<Door, SimError> {
        let DoorLogin { device_id, secret } = login;
        let sign_in = SignIn {
            client_id: device_id,
            user: device_id,
            password: secret,
        };
        let link = Link::open(server, sign_in, &[CONTROL_TOPIC]).await?;
        let http = Http::new(&server.http)?
            .with_token(secret)
            .with_device_id(device_id);
        Ok(Door {
            device_id: device_id.clone(),
            clock: server.clock,
            http,
            link,
        })
    }

    /// Rings a household. A refusal is [`SimError::Refused`].
    pub async fn press(&self, household_number: &str) -> Result<Pressed, SimError> {
        let body = Press {
            device_device_id: &self.device_id,
            household_number,
            timestamp: (self.clock)(),
        };
        self.http.post("/api/mqtt/call", &body).await?.into_typed()
    }

    /// Hangs up or cancels. A refusal is a [`Reply`] like any other.
    pub async fn control(
        &self,
        call_id: &str,
        action: DoorAction,
        reason: Option<&str>,
    ) -> Result<Reply, SimError> {
        let timestamp = (self.clock)();
        let body = Control {
            action: action.as_str(),
            call_id,
            timestamp,
            reason,
        };
        self.http.post("/api/mqtt/controller/device", &body).await
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

    /// Reports whether this door is at work (§4.6).
    pub async fn report_status(&self, online: bool) -> Result<Reply, SimError> {
        let status = Online {
            online,
            timestamp: (self.clock)(),
        };
        let body = Status {
            device_id: &self.device_id,
            status,
        };
        self.http.post("/api/mqtt/device/status", &body).await
    }

    /// Says what became of an order to open: moved the lock, or not.
    pub async fn confirm(&self, unlock_id: &str, is_open: bool) -> Result<Reply, SimError> {
        let result = if is_open { "executed" } else { "refused" };
        let body = UnlockResult { unlock_id, result };
        self.http
            .post("/api/mqtt/device/unlock-result", &body)
            .await
    }

    /// The next message on the control topic; [`SimError::Quiet`] if none comes in time.
    ///
    /// Cancelling the wait loses no message. The door ends when 256 messages lie unread.
    pub async fn next(&mut self, wait: Duration) -> Result<ControlMessage, SimError> {
        self.link.next(wait).await?.parse()
    }

    /// Says goodbye to the broker and waits at most 5 s for the socket to close.
    pub async fn disconnect(self) {
        self.link.close().await;
    }
}
