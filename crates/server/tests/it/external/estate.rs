//! A community whose doors and phones meet at another broker.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use sim::{PhoneLogin, PushMessage, PushPhone, Registration, register};

use crate::community::{Community, HOUSEHOLD, SOON};
use crate::external::broker::{ADMIN, ADMIN_PASSWORD, Mosquitto};
use crate::external::ear::Ear;
use crate::running::{Running, web_client};

pub(crate) struct Estate {
    pub(crate) community: Community,
    pub(crate) broker: Mosquitto,
}

/// A door that hears a topic of its own at the broker.
pub(crate) struct Gate {
    pub(crate) secret: String,
    /// What it shows at the broker, and the topics it was told.
    pub(crate) shown: Value,
    pub(crate) ear: Ear,
}

/// Pause of a client that was not let in.
const AGAIN: Duration = Duration::from_millis(50);

/// The id of the door that most tests press at.
pub(crate) const GATE: &str = "gate";

impl Estate {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With further settings of the server.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let broker = Mosquitto::start().await;
        let community = Community::on(server_at(&broker, settings)).await;
        Self { community, broker }
    }

    /// Starts the killed server again.
    pub(crate) fn restart_server(&mut self) {
        self.community.server.restart();
        // Its connections ended with the old process.
        self.community.server.client = web_client();
        self.community.server.mqtt = self.broker.address.to_string();
    }

    pub(crate) async fn gate(&self) -> Gate {
        let secret = self.community.own_door(GATE).await;
        let shown = self.door_credentials(GATE, &secret).await;
        let topic = shown["topics"]["call_control"].as_str().unwrap();
        let ear = Ear::open(self.tool("mosquitto_sub", &shown).args(["-t", topic])).await;
        Gate { secret, shown, ear }
    }

    /// What a door shows at the broker, as it asks for it.
    pub(crate) async fn door_credentials(&self, id: &str, secret: &str) -> Value {
        let server = &self.community.server;
        let request = server
            .client
            .get(format!("{}/api/mqtt/device/credentials", server.http))
            .header("x-device-id", id)
            .bearer_auth(secret);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["data"].clone()
    }

    /// One of mosquitto's tools, signed in with credentials as the server gives them.
    pub(crate) fn tool(&self, program: &str, shown: &Value) -> Command {
        let field = |name: &str| shown["mqtt_credentials"][name].as_str().unwrap();
        let mut command = Command::new(program);
        let (host, port) = (self.broker.address.ip(), self.broker.address.port());
        command.args(["-h", &host.to_string(), "-p", &port.to_string()]);
        command.args(["-u", field("username"), "-P", field("password")]);
        command.args(["-i", field("client_id"), "-q", "1", "-V", "5"]);
        command
    }

    /// Presses at the gate; what the server says of the call.
    pub(crate) async fn press(&self, gate: &Gate) -> Value {
        let body = json!({"device_device_id": GATE, "household_number": HOUSEHOLD});
        let (status, reply) = self.as_gate(gate, "/api/mqtt/call", &body).await;
        assert_eq!(status, 200, "{reply}");
        reply["data"].clone()
    }

    /// POSTs as the gate.
    pub(crate) async fn as_gate(&self, gate: &Gate, path: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {}", gate.secret);
        let headers = [("x-device-id", GATE), ("authorization", &bearer)];
        self.community.server.post(path, &headers, body).await
    }

    /// POSTs as a resident.
    pub(crate) async fn as_resident(
        &self,
        login: &PhoneLogin,
        path: &str,
        body: &Value,
    ) -> (u16, Value) {
        let bearer = format!("Bearer {}", login.token);
        let headers = [("authorization", bearer.as_str())];
        self.community.server.post(path, &headers, body).await
    }

    /// Registers a client and connects it.
    pub(crate) async fn phone(&self, name: &str, client: &str) -> PushPhone {
        let login = self.community.sign_in(name).await;
        let phone = PushPhone::connect(&self.community.server.address(), &login, client).await;
        phone.ok().unwrap()
    }

    /// Registers a client; its login, and what it is to show and listen to.
    pub(crate) async fn register(&self, name: &str, client: &str) -> (PhoneLogin, Registration) {
        let login = self.community.sign_in(name).await;
        let server = self.community.server.address();
        let registration = register(&server, &login, client).await.ok().unwrap();
        (login, registration)
    }

    /// Whether the broker lets somebody in who shows these credentials, and to the topic.
    pub(crate) fn is_let_in(&self, shown: &Value, topic: &str) -> bool {
        let mut looking = self.tool("mosquitto_sub", shown);
        let looked = looking.args(["-E", "-t", topic]).output().unwrap();
        let said = String::from_utf8_lossy(&looked.stderr);
        looked.status.success() && !said.contains("denied")
    }

    /// Returns once [`Estate::is_let_in`] says so, as a client finds out that tries again and again.
    pub(crate) async fn until(&self, is_let_in: bool, shown: &Value, topic: &str) {
        let trying = async {
            while self.is_let_in(shown, topic) != is_let_in {
                tokio::time::sleep(AGAIN).await;
            }
        };
        tokio::time::timeout(SOON, trying).await.unwrap();
    }

    /// Listens as a registered client.
    pub(crate) async fn ear(&self, registration: &Registration, topics: &[&str]) -> Ear {
        let mut command = self.tool("mosquitto_sub", &credentials(registration));
        for topic in topics {
            command.args(["-t", topic]);
        }
        Ear::open(&command).await
    }
}

/// As [`Estate::tool`] takes them.
pub(crate) fn credentials(registration: &Registration) -> Value {
    let shown = &registration.mqtt_credentials;
    let (username, password) = (&shown.username, &shown.password);
    json!({"mqtt_credentials":
        {"username": username, "password": password, "client_id": shown.client_id}})
}

/// A server that uses the broker; simulators find MQTT there.
pub(crate) fn server_at(broker: &Mosquitto, settings: &[(&str, &str)]) -> Running {
    let url = format!("mqtt://{}", broker.address);
    let external = [
        ("MQTT__EXTERNAL__URL", &*url),
        ("MQTT__EXTERNAL__USERNAME", ADMIN),
        ("MQTT__EXTERNAL__PASSWORD", ADMIN_PASSWORD),
    ];
    let mut server = Running::with(&[&external, settings].concat());
    server.mqtt = broker.address.to_string();
    server
}

/// The next control or sync message; offers are passed over, because after an outage everything that
/// is current is said again.
pub(crate) async fn after_offers(phone: &mut PushPhone) -> Value {
    loop {
        match phone.next(SOON).await.ok().unwrap() {
            PushMessage::Incoming(_) => {}
            PushMessage::Control(said) | PushMessage::Sync(said) => return said,
        }
    }
}
