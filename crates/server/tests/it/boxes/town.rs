//! A community with boxes: two outdoor units, two screens in the flat, one next door, a desk.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::boxes::peer::Peer;
use crate::community::{Community, HOUSEHOLD, made};
use crate::running::Running;

/// Where each peer of the community's network is.
pub(crate) const GATE: &str = "127.0.1.1";
pub(crate) const YARD: &str = "127.0.1.2";
pub(crate) const DESK: &str = "127.0.1.3";
/// Of the home network; nobody is known by it.
pub(crate) const HOME: &str = "127.0.2.1";

/// A server that is a box for every flat, and the property's end point.
pub(crate) struct Town {
    pub(crate) community: Community,
    /// Where the outdoor units and the desk listen for calls.
    pub(crate) gate: TcpListener,
    pub(crate) desk: TcpListener,
    tokens: Vec<(String, String)>,
}

impl Town {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let boxes = [
            ("SMARTBOX__HOME", "127.0.0.1:0"),
            ("SMARTBOX__COMMUNITY", "127.0.0.1:0"),
            ("SMARTBOX__CENTRE", "127.0.0.1:0"),
            ("SMARTBOX__HOME_MEDIA", "192.168.1.22"),
            ("SMARTBOX__COMMUNITY_MEDIA", "11.0.1.22:954"),
            ("SMARTBOX__CENTRAL_MEDIA", "11.0.0.9"),
            ("SMARTBOX__DEAD_S", "60"),
        ];
        let all: Vec<_> = boxes.iter().chain(settings).copied().collect();
        let community = Community::on(Running::with(&all)).await;
        let gate = TcpListener::bind((GATE, 0)).await.unwrap();
        let desk = TcpListener::bind((DESK, 0)).await.unwrap();
        let mut town = Self {
            community,
            gate,
            desk,
            tokens: Vec::new(),
        };
        town.furnish().await;
        town
    }

    async fn furnish(&mut self) {
        let own = self.flat(HOUSEHOLD).await;
        let next = self.flat("1-102").await;
        let at = |listener: &TcpListener| listener.local_addr().unwrap().to_string();
        let (gate, desk) = (at(&self.gate), at(&self.desk));
        for (id, kind, flat, address) in [
            ("gate", "outdoor", None, Some(gate)),
            ("yard", "outdoor", None, Some(format!("{YARD}:1"))),
            ("desk", "centre", None, Some(desk)),
            ("hall", "screen", Some(&own), None),
            ("kitchen", "screen", Some(&own), None),
            ("next", "screen", Some(&next), None),
        ] {
            let device = json!({"id": id, "kind": kind, "flat": flat, "address": address});
            self.add(device).await;
        }
    }

    /// Adds a device, and signs it in if it is a screen.
    pub(crate) async fn add(&mut self, device: Value) {
        let id = device["id"].as_str().unwrap().to_owned();
        let is_screen = device["kind"] == "screen";
        let secret = add_device(&self.community, device, None).await;
        if is_screen {
            let token = sign_in_screen(&self.community, &id, &secret).await;
            self.tokens.push((id, token));
        }
    }

    /// Ends the server at once and starts it again; the boxes may be elsewhere then.
    pub(crate) fn restart(&mut self) {
        self.community.server.kill_and_restart();
    }

    pub(crate) async fn login(&self, body: &Value) -> (u16, Value) {
        login(&self.community, body).await
    }

    /// The id of the flat with this number.
    pub(crate) async fn flat(&self, number: &str) -> String {
        find_flat(&self.community, number).await
    }

    pub(crate) fn token(&self, screen: &str) -> &str {
        let found = self.tokens.iter().find(|(id, _)| id == screen);
        &found.unwrap().1
    }

    /// A screen that has joined its flat.
    pub(crate) async fn screen(&self, id: &str) -> Peer {
        let mut screen = Peer::connect(HOME, self.community.server.boxes["home"]).await;
        screen
            .say("join_family", &json!({"token": self.token(id)}))
            .await;
        screen.hear("join_accept").await;
        screen
    }

    /// A peer on the community's network.
    pub(crate) async fn peer(&self, ip: &str) -> Peer {
        Peer::connect(ip, self.community.server.boxes["community"]).await
    }

    /// A peer at the property's end point.
    pub(crate) async fn at_centre(&self, ip: &str) -> Peer {
        Peer::connect(ip, self.community.server.boxes["centre"]).await
    }
}

/// Adds a device, to the flat with this number if one is given; its secret.
pub(crate) async fn add_device(
    community: &Community,
    mut device: Value,
    flat: Option<&str>,
) -> String {
    let Community {
        server, operator, ..
    } = community;
    let (_, lobby) = server.get("/v1/devices/lobby", operator).await;
    device["community"] = lobby["community"].clone();
    device["name"] = device["id"].clone();
    if let Some(number) = flat {
        device["flat"] = json!(find_flat(community, number).await);
    }
    let made = made(server, operator, "devices", &device).await;
    made["secret"].as_str().unwrap().to_owned()
}

/// The token of a screen that signs in.
pub(crate) async fn sign_in_screen(community: &Community, id: &str, secret: &str) -> String {
    let body = json!({"device_id": id, "secret": secret, "type": "screen", "system": "android"});
    let (status, reply) = login(community, &body).await;
    assert_eq!(status, 200, "{reply}");
    reply["data"]["token"].as_str().unwrap().to_owned()
}

async fn login(community: &Community, body: &Value) -> (u16, Value) {
    let headers = [("content-type", "application/json")];
    let server = &community.server;
    server.post("/api/smartbox/login", &headers, body).await
}

async fn find_flat(community: &Community, number: &str) -> String {
    let Community {
        server, operator, ..
    } = community;
    let (_, flats) = server.get("/v1/flats", operator).await;
    let flats = flats["items"].as_array().unwrap();
    let flat = flats.iter().find(|flat| flat["number"] == number).unwrap();
    flat["id"].as_str().unwrap().to_owned()
}

/// `call_req` of an outdoor unit for a flat, after the document's section 5, route 2.
pub(crate) fn call_flat(sid: &str, flat: &str) -> Value {
    json!({
        "sid": sid,
        "src": {"id": "2-1-1", "type": 3, "ip": GATE, "video_stream_id": "56780"},
        "dest": {"id": flat, "type": 2, "audio_stream_id": "56781"},
    })
}
