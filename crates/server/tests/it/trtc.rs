//! The media service: rooms are closed at the end, losers and outsiders thrown out.
//!
//! The service is a stand-in on loopback that checks signatures by the vendor's description and
//! shares no code with the client.

use std::sync::{Arc, Mutex};

use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sim::{Door, DoorAction, Phone, PhoneAction, PhoneMessage};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::community::{Community, HOUSEHOLD, SOON};
use crate::running::Running;

const APP: u32 = 1_400_000_001;
const CLOUD_SECRET: &str = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE";
const CALLBACK_KEY: &str = "123654CallbackKey";
const HOOK: &str = "/hooks/trtc/0123456789abcdef";

#[tokio::test]
async fn a_claim_throws_the_losers_out_and_the_end_closes_the_room_once() {
    let mut stage = Stage::open().await;
    let (room, call) = stage.press().await;
    stage.answer(&call).await;

    let removal = stage.service.next().await;
    assert_eq!(removal.action, "RemoveUserByStrRoomId");
    assert_eq!(
        removal.body,
        json!({"SdkAppId": APP, "RoomId": room, "UserIds": [stage.dad_user()]})
    );

    stage.hang_up(&call).await;
    let release = stage.service.next().await;
    assert_eq!(release.action, "DismissRoomByStrRoomId");
    assert_eq!(release.body, json!({"SdkAppId": APP, "RoomId": room}));
    assert!(removal.is_signed && release.is_signed);

    // A second whole call leaves time for a repetition, which there must not be.
    let (_, call) = stage.press().await;
    stage.hang_up(&call).await;
    assert_ne!(stage.service.next().await.body["RoomId"], room.as_str());
}

#[tokio::test]
async fn a_room_is_closed_after_a_restart_if_the_service_was_away() {
    let mut stage = Stage::open().await;
    stage.service.refuse(true);
    let (room, call) = stage.press().await;
    stage.hang_up(&call).await;
    assert_eq!(stage.service.next().await.action, "DismissRoomByStrRoomId");

    stage.community.server.kill();
    stage.service.refuse(false);
    stage.community.server.restart();

    let release = stage.service.next().await;
    assert_eq!(release.body, json!({"SdkAppId": APP, "RoomId": room}));
}

#[tokio::test]
async fn a_loser_who_enters_again_is_thrown_out_again() {
    let mut stage = Stage::open().await;
    let (room, call) = stage.press().await;
    stage.answer(&call).await;
    stage.service.next().await;

    let mum = format!("res_{}", stage.community.mum.resident_id);
    for user in ["dev_lobby", &mum, &stage.dad_user()] {
        let (status, reply) = stage.report_entered(&room, user, CALLBACK_KEY).await;
        assert_eq!((status, reply), (200, json!({"code": 0})), "{user}");
    }

    let removal = stage.service.next().await;
    assert_eq!(removal.action, "RemoveUserByStrRoomId");
    assert_eq!(removal.body["UserIds"], json!([stage.dad_user()]));
}

#[tokio::test]
async fn a_report_that_the_vendor_did_not_sign_is_refused() {
    let mut stage = Stage::open().await;
    let (room, call) = stage.press().await;
    stage.answer(&call).await;
    stage.service.next().await;
    let dad = stage.dad_user();

    let (status, _) = stage.report_entered(&room, &dad, "another key").await;
    assert_eq!(status, 401);
    let server = &stage.community.server;
    let (status, _) = server
        .post("/hooks/trtc/fedcba9876543210", &[], &json!({}))
        .await;
    assert_eq!(status, 404);

    stage.hang_up(&call).await;
    assert_eq!(stage.service.next().await.action, "DismissRoomByStrRoomId");
}

#[tokio::test]
async fn without_keys_there_are_calls_and_no_callbacks() {
    let community = Community::start().await;
    let door = community.door().await;

    let (status, _) = community.server.post(HOOK, &[], &json!({})).await;

    assert_eq!(status, 404);
    assert!(door.press(HOUSEHOLD).await.is_ok());
}

/// A community whose media rooms the stand-in keeps.
struct Stage {
    community: Community,
    service: StandIn,
    door: Door,
    mum: Phone,
    dad: Phone,
}

impl Stage {
    async fn open() -> Self {
        let service = StandIn::start().await;
        let server = Running::with(&[
            ("TRTC__SDK_APP_ID", &APP.to_string()),
            ("TRTC__SECRET_KEY", "5bd2850fff3ecb11d7c805251c51ee46"),
            ("TRTC__SECRET_ID", "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"),
            ("TRTC__CLOUD_SECRET_KEY", CLOUD_SECRET),
            ("TRTC__ENDPOINT", &service.endpoint),
            ("TRTC__CALLBACK_KEY", CALLBACK_KEY),
            ("TRTC__CALLBACK_PATH_SECRET", "0123456789abcdef"),
        ]);
        let community = Community::on(server).await;
        Self {
            door: community.door().await,
            mum: community.phone(&community.mum, "mum-1").await,
            dad: community.phone(&community.dad, "dad-1").await,
            service,
            community,
        }
    }

    fn dad_user(&self) -> String {
        format!("res_{}", self.community.dad.resident_id)
    }

    /// The room and the call, once both phones ring.
    async fn press(&mut self) -> (String, String) {
        let pressed = self.door.press(HOUSEHOLD).await.ok().unwrap();
        for phone in [&mut self.mum, &mut self.dad] {
            until_rung(phone, &pressed.call_id).await;
        }
        (pressed.rtc.room_id, pressed.call_id)
    }

    async fn answer(&self, call: &str) {
        let answered = self.mum.respond(call, PhoneAction::Answered, None).await;
        assert!(answered.ok().unwrap().is_success());
    }

    async fn hang_up(&self, call: &str) {
        let done = self.door.control(call, DoorAction::Hangup, None).await;
        assert!(done.ok().unwrap().is_success());
    }

    /// Reports as the vendor does that somebody entered a room.
    async fn report_entered(&self, room: &str, user: &str, key: &str) -> (u16, Value) {
        let body = format!(
            "{{\n\t\"EventGroupId\":\t1,\n\t\"EventType\":\t103,\n\t\"CallbackTs\":\t1687770731922,\n\t\
             \"EventInfo\":\t{{\"RoomId\":\"{room}\",\"EventTs\":1687770731,\"UserId\":\"{user}\",\
             \"Role\":20,\"Reason\":1}}}}"
        );
        let sign = STANDARD.encode(mac(key.as_bytes(), body.as_bytes()));
        let app = APP.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("SdkAppId", app.as_str()),
            ("Sign", sign.as_str()),
        ];
        self.community
            .server
            .post_bytes(HOOK, &headers, body.into_bytes())
            .await
    }
}

/// Passes over what the phone hears of earlier calls.
async fn until_rung(phone: &mut Phone, call: &str) {
    loop {
        match phone.next(SOON).await.unwrap() {
            PhoneMessage::Incoming(offer) if offer.call_id == call => return,
            PhoneMessage::Incoming(_) | PhoneMessage::Control(_) | PhoneMessage::System(_) => {}
        }
    }
}

/// A request as the service got it.
#[derive(Debug)]
struct Asked {
    action: String,
    body: Value,
    is_signed: bool,
}

/// The vendor's REST API, as far as rooms need it.
struct StandIn {
    endpoint: String,
    refusing: Arc<Mutex<bool>>,
    asked: mpsc::Receiver<Asked>,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
struct Desk {
    refusing: Arc<Mutex<bool>>,
    asking: mpsc::Sender<Asked>,
}

impl StandIn {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (asking, asked) = mpsc::channel(100);
        let refusing = Arc::new(Mutex::new(false));
        let desk = Desk {
            refusing: Arc::clone(&refusing),
            asking,
        };
        let router = Router::new().route("/", post(answer)).with_state(desk);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            endpoint,
            refusing,
            asked,
            _serving: serving,
        }
    }

    /// Whether it says that it is broken.
    fn refuse(&self, refusing: bool) {
        *self.refusing.lock().unwrap() = refusing;
    }

    async fn next(&mut self) -> Asked {
        let asked = tokio::time::timeout(SOON, self.asked.recv()).await;
        asked.expect("the service is asked").unwrap()
    }
}

async fn answer(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> &'static str {
    let asked = Asked {
        action: text(&headers, "x-tc-action").to_owned(),
        body: serde_json::from_slice(&body).unwrap(),
        is_signed: is_signed(&headers, &body),
    };
    desk.asking.send(asked).await.unwrap();
    if *desk.refusing.lock().unwrap() {
        r#"{"Response":{"RequestId":"1","Error":{"Code":"InternalError","Message":""}}}"#
    } else {
        r#"{"Response":{"RequestId":"1"}}"#
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap().to_str().unwrap()
}

/// Checks a TC3 signature from the list of signed headers, as a server must.
fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let part = |name: &str| {
        let (_, rest) = text(headers, "authorization").split_once(name).unwrap();
        rest.split(',').next().unwrap().to_owned()
    };
    let (credential, names) = (part("Credential="), part("SignedHeaders="));
    let (_, scope) = credential.split_once('/').unwrap();
    let line = |name| format!("{name}:{}\n", text(headers, name));
    let signed: String = names.split(';').map(line).collect();
    let canonical = format!("POST\n/\n\n{signed}\n{names}\n{}", sha256(body));
    let at = text(headers, "x-tc-timestamp");
    let to_sign = format!(
        "TC3-HMAC-SHA256\n{at}\n{scope}\n{}",
        sha256(canonical.as_bytes())
    );
    let secret = format!("TC3{CLOUD_SECRET}").into_bytes();
    let key = scope
        .split('/')
        .fold(secret, |key, part| mac(&key, part.as_bytes()));
    hex(&mac(&key, to_sign.as_bytes())) == part("Signature=")
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
