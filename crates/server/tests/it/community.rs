//! A made-up community on a running server: an operator, two flats, three residents, two doors.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sim::{ControlMessage, Door, DoorLogin, Incoming, Phone, PhoneLogin, PhoneMessage};

use crate::running::{KOUMEN, Running};

/// Longer than anything takes that is not broken.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The household that most tests dial.
pub(crate) const HOUSEHOLD: &str = "1-101";

pub(crate) const PASSWORD: &str = "correct horse";

/// A server with people and doors.
pub(crate) struct Community {
    pub(crate) server: Running,
    pub(crate) operator: String,
    /// Both live in [`HOUSEHOLD`].
    pub(crate) mum: PhoneLogin,
    pub(crate) dad: PhoneLogin,
    /// Lives in the other flat, `1-102`.
    pub(crate) neighbour: PhoneLogin,
    pub(crate) lobby: DoorLogin,
    pub(crate) garage: DoorLogin,
}

impl Community {
    pub(crate) async fn start() -> Self {
        Self::on(Running::start()).await
    }

    pub(crate) async fn on(server: Running) -> Self {
        let operator = operator_token(&server).await;
        let made = async |path: &str, body: Value| made(&server, &operator, path, &body).await;
        let community = id(&made("communities", json!({"name": "Gardens"})).await);
        let flat = json!({"community": community, "number": HOUSEHOLD});
        let flat = id(&made("flats", flat).await);
        let next = json!({"community": community, "number": "1-102"});
        let next = id(&made("flats", next).await);
        for (name, flat) in [("mum", &flat), ("dad", &flat), ("neighbour", &next)] {
            made(
                "residents",
                json!({"flat": flat, "name": name, "password": PASSWORD}),
            )
            .await;
        }
        let mut doors = Vec::new();
        for device in ["lobby", "garage"] {
            let body = json!({"community": community, "id": device, "name": device});
            let secret = made("devices", body).await["secret"]
                .as_str()
                .unwrap()
                .to_owned();
            doors.push(DoorLogin {
                device_id: device.into(),
                secret,
            });
        }
        let (garage, lobby) = (doors.pop().unwrap(), doors.pop().unwrap());
        let [mum, dad, neighbour] = [
            sign_in(&server, "mum").await,
            sign_in(&server, "dad").await,
            sign_in(&server, "neighbour").await,
        ];
        Self {
            operator,
            mum,
            dad,
            neighbour,
            lobby,
            garage,
            server,
        }
    }

    /// Signs a resident in once more, as a second phone of theirs would.
    pub(crate) async fn sign_in(&self, name: &str) -> PhoneLogin {
        sign_in(&self.server, name).await
    }

    pub(crate) async fn door(&self) -> Door {
        Door::connect(&self.server.address(), &self.lobby)
            .await
            .unwrap()
    }

    pub(crate) async fn phone(&self, login: &PhoneLogin, client: &str) -> Phone {
        Phone::connect(&self.server.address(), login, client)
            .await
            .unwrap()
    }

    /// Adds a door that hears a topic of its own; its secret.
    pub(crate) async fn own_door(&self, id: &str) -> String {
        let (_, lobby) = self.server.get("/v1/devices/lobby", &self.operator).await;
        let community = &lobby["community"];
        let body = json!({"community": community, "id": id, "name": id, "control": "own"});
        let made = made(&self.server, &self.operator, "devices", &body).await;
        made["secret"].as_str().unwrap().to_owned()
    }

    /// The records of calls, newest first.
    pub(crate) async fn records(&self) -> Vec<Value> {
        let (status, page) = self.server.get("/v1/records", &self.operator).await;
        assert_eq!(status, 200, "{page}");
        page["records"].as_array().unwrap().clone()
    }
}

async fn operator_token(server: &Running) -> String {
    add_operator(server, "anna");
    let body = json!({"name": "anna", "password": PASSWORD});
    let (status, login) = server.post("/v1/login", &[], &body).await;
    assert_eq!(status, 200, "{login}");
    login["token"].as_str().unwrap().to_owned()
}

/// Adds an operator by the command line, while the server runs.
pub(crate) fn add_operator(server: &Running, name: &str) {
    let mut adding = Command::new(KOUMEN)
        .args(["operator", "add", name, "--password-stdin", "--data"])
        .arg(server.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = adding.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, PASSWORD.as_bytes()).unwrap();
    drop(stdin);
    assert!(adding.wait().unwrap().success());
}

pub(crate) async fn made(server: &Running, token: &str, what: &str, body: &Value) -> Value {
    let bearer = format!("Bearer {token}");
    let path = format!("/v1/{what}");
    let (status, reply) = server
        .post(&path, &[("authorization", &bearer)], body)
        .await;
    assert_eq!(status, 201, "{path}: {reply}");
    reply
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

async fn sign_in(server: &Running, name: &str) -> PhoneLogin {
    sim::login(&server.address(), name, PASSWORD)
        .await
        .unwrap()
        .into_phone_login()
}

/// The next message, which must be the offer of a call.
pub(crate) async fn incoming(phone: &mut Phone) -> Incoming {
    match phone.next(SOON).await.unwrap() {
        PhoneMessage::Incoming(incoming) => *incoming,
        PhoneMessage::Control(control) => panic!("heard {control:?} instead of an offer"),
        PhoneMessage::System(system) => panic!("heard {system:?} instead of an offer"),
    }
}

/// The next message, which must be a control message.
pub(crate) async fn control(phone: &mut Phone) -> ControlMessage {
    match phone.next(SOON).await.unwrap() {
        PhoneMessage::Control(control) => control,
        PhoneMessage::Incoming(_) => panic!("heard an offer instead of a control message"),
        PhoneMessage::System(system) => panic!("heard {system:?} instead of a control message"),
    }
}

/// Action and reason of a control message, for short assertions.
pub(crate) fn said(control: &ControlMessage) -> (&str, Option<&str>) {
    (&control.action, control.reason.as_deref())
}
