//! A community whose flat has zones, and the words to play with them.

use reqwest::Method;
use serde_json::{Value, json};
use sim::{PhoneMessage, SystemMessage};

use crate::community::{Community, HOUSEHOLD, PASSWORD, SOON};
use crate::running::{Running, web_client};

/// The first flat has zone 1, a window that counts when everybody is out; zone 2, a door with an
/// entry delay of a second; zone 3, the duress button.
pub(super) struct Scene {
    pub(super) community: Community,
    pub(super) home: String,
    pub(super) flat: String,
}

impl Scene {
    pub(super) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With settings, such as `ALARMS__CENTRE_S`.
    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let mut all = vec![("LIMITS__TRIGGERS_PER_MIN", "0")];
        all.extend(settings);
        Self::on(Community::on(Running::with(&all)).await).await
    }

    /// In this community.
    pub(super) async fn on(community: Community) -> Self {
        let (_, flats) = community.server.get("/v1/flats", &community.operator).await;
        let flats = flats["items"].as_array().unwrap();
        let own = flats.iter().find(|flat| flat["number"] == HOUSEHOLD);
        let text = |field: &str| own.unwrap()[field].as_str().unwrap().to_owned();
        let scene = Self {
            home: text("community"),
            flat: text("id"),
            community,
        };
        scene.set_zones(&scene.flat, &zones()).await;
        scene
    }

    pub(super) async fn set_zones(&self, flat: &str, zones: &Value) {
        let path = format!("/v1/flats/{flat}/zones");
        let (status, reply) = self.ask("PUT", &path, json!({"zones": zones})).await;
        assert_eq!(status, 200, "{reply}");
    }

    pub(super) async fn arm(&self, mode: &str) {
        let path = format!("/v1/flats/{}/arming", self.flat);
        let (status, reply) = self.ask("PUT", &path, json!({"mode": mode})).await;
        assert_eq!((status, &reply["mode"]), (200, &json!(mode)), "{reply}");
    }

    /// Kills the server and starts it again; connections to the one that is gone are forgotten.
    pub(super) fn kill_and_restart(&mut self) {
        self.community.server.kill_and_restart();
        self.community.server.client = web_client();
    }

    /// What came of a trigger in the first flat.
    pub(super) async fn trigger(&self, zone: u8) -> Value {
        let path = format!("/v1/flats/{}/zones/{zone}/trigger", self.flat);
        let (status, reply) = self.ask("POST", &path, Value::Null).await;
        assert_eq!(status, 200, "{reply}");
        reply
    }

    /// The alarm that a trigger raises.
    pub(super) async fn raise(&self, zone: u8) -> String {
        let raised = self.trigger(zone).await;
        assert_eq!(raised["result"], "raised", "{raised}");
        raised["alarm"].as_str().unwrap().to_owned()
    }

    /// An alarm with its history.
    pub(super) async fn alarm(&self, id: &str) -> Value {
        let (status, story) = self
            .ask("GET", &format!("/v1/alarms/{id}"), Value::Null)
            .await;
        assert_eq!(status, 200, "{story}");
        story
    }

    /// The alarm once the level was told.
    pub(super) async fn told(&self, id: &str, level: &str) -> Value {
        let telling = async {
            loop {
                let alarm = self.alarm(id).await["alarm"].clone();
                let told = alarm["told"].as_array().unwrap();
                if told.iter().any(|one| one == level) {
                    return alarm;
                }
            }
        };
        let told = tokio::time::timeout(SOON, telling).await;
        told.unwrap_or_else(|_| panic!("the {level} was not told"))
    }

    /// Does something to an alarm as the first operator, who is an owner.
    pub(super) async fn act(&self, id: &str, act: &str, body: Value) -> (u16, Value) {
        self.ask("POST", &format!("/v1/alarms/{id}/{act}"), body)
            .await
    }

    pub(super) async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.ask_as(&self.community.operator, method, path, body)
            .await
    }

    /// Asks with a token; a body of null is none.
    pub(super) async fn ask_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> (u16, Value) {
        let server = &self.community.server;
        let verb = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", server.http);
        let mut request = server.client.request(verb, url).bearer_auth(token);
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The token of an operator with this role in the community.
    pub(super) async fn hire(&self, name: &str, role: &str) -> String {
        let roles = json!([{"community": self.home, "role": role}]);
        let body = json!({"name": name, "password": PASSWORD, "roles": roles});
        let (status, added) = self.ask("POST", "/v1/operators", body).await;
        assert_eq!(status, 201, "{added}");
        let body = json!({"name": name, "password": PASSWORD});
        let (status, login) = self.ask("POST", "/v1/login", body).await;
        assert_eq!(status, 200, "{login}");
        login["token"].as_str().unwrap().to_owned()
    }
}

/// The zones of a scene's first flat.
pub(super) fn zones() -> Value {
    json!([
        {"number": 1, "name": "window", "policy": "immediate", "time_s": null, "modes": ["away"]},
        {"number": 2, "name": "door", "policy": "delayed", "time_s": 1, "modes": ["away"]},
        {"number": 3, "name": "button", "policy": "duress", "time_s": null, "modes": []},
    ])
}

/// The next message of a phone, which must be a system message.
pub(super) async fn system(phone: &mut sim::Phone) -> SystemMessage {
    match phone.next(SOON).await.unwrap() {
        PhoneMessage::System(system) => system,
        PhoneMessage::Control(other) => panic!("heard {other:?}"),
        PhoneMessage::Incoming(_) => panic!("heard an offer"),
    }
}
