//! The scripts against a scripted server: what they tell and how they say it went.
//! Source of the flows: S0 §2.2 to §2.4.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::error::SimError;
use crate::fake;
use crate::fake::broker::{accept, publish, suback};
use crate::fake::web::serve;
use crate::server::{DoorLogin, PhoneLogin, ServerAddress};

const DOOR_TOPIC: &str = "mqtt_call/controller/device";
const OFFER_TOPIC: &str = "mqtt_call/incoming";
const PHONE_TOPIC: &str = "mqtt_call/controller/resident";
const DONE: &str = r#"{"code":200,"message":"成功","data":null}"#;

#[tokio::test]
async fn a_door_rings_talks_and_hangs_up() {
    let (server, web, mqtt) = stage().await;
    let mut told = Vec::new();
    let site = async {
        let mut socket = connected(&mqtt).await;
        let press = serve(&web, "200 OK", &pressed().to_string()).await;
        publish(&mut socket, DOOR_TOPIC, &control("ringing", None)).await;
        publish(&mut socket, DOOR_TOPIC, &control("answered", None)).await;
        let hangup = serve(&web, "200 OK", DONE).await;
        publish(
            &mut socket,
            DOOR_TOPIC,
            &control("hangup", Some("call_completed")),
        )
        .await;
        farewell(socket).await;
        (press, hangup)
    };

    let mut say = |line: Line| told.push(line.text);
    let (outcome, (press, hangup)) = tokio::join!(door(&server, &mut say), site);

    let call_id = "c1".to_owned();
    let reason = "call_completed".to_owned();
    assert_eq!(outcome.unwrap(), DoorOutcome::Talked { call_id, reason });
    assert!(press.ends_with(r#"{"device_device_id":"d1","household_number":"101","timestamp":5}"#));
    assert!(hangup.starts_with("POST /api/mqtt/controller/device "));
    assert!(hangup.ends_with(r#"{"action":"hangup","call_id":"c1","timestamp":5}"#));
    assert_eq!(
        told,
        [
            "connected as d1",
            "rings household 101: call c1, room r1, residents rung: 1",
            "hears ringing",
            "hears answered",
            "talks for up to 0ns",
            "says hangup: 200 成功",
            "hears hangup (call_completed)",
            "disconnected",
        ]
    );
}

#[tokio::test]
async fn a_door_that_nobody_answers_says_why() {
    let (server, web, mqtt) = stage().await;
    let site = async {
        let mut socket = connected(&mqtt).await;
        serve(&web, "200 OK", &pressed().to_string()).await;
        publish(&mut socket, DOOR_TOPIC, &control("hangup", Some("timeout"))).await;
        farewell(socket).await;
    };

    let mut say = |_: Line| {};
    let (outcome, ()) = tokio::join!(door(&server, &mut say), site);

    let (call_id, reason) = ("c1".to_owned(), "timeout".to_owned());
    assert_eq!(
        outcome.unwrap(),
        DoorOutcome::Unanswered { call_id, reason }
    );
}

#[tokio::test]
async fn a_refused_press_is_an_outcome() {
    let (server, web, mqtt) = stage().await;
    let site = async {
        let socket = connected(&mqtt).await;
        let refusal = r#"{"code":404,"message":"住户不存在","data":null}"#;
        serve(&web, "404 Not Found", refusal).await;
        farewell(socket).await;
    };

    let mut say = |_: Line| {};
    let (outcome, ()) = tokio::join!(door(&server, &mut say), site);

    let message = "住户不存在".to_owned();
    assert_eq!(
        outcome.unwrap(),
        DoorOutcome::Refused { code: 404, message }
    );
}

#[tokio::test]
async fn a_phone_answers_and_talks_until_the_end() {
    let (server, web, mqtt) = stage().await;
    let site = async {
        let mut socket = connected(&mqtt).await;
        publish(&mut socket, OFFER_TOPIC, &offer()).await;
        let answer = serve(&web, "200 OK", DONE).await;
        publish(&mut socket, PHONE_TOPIC, &control("answered", None)).await;
        publish(
            &mut socket,
            PHONE_TOPIC,
            &control("hangup", Some("call_completed")),
        )
        .await;
        farewell(socket).await;
        answer
    };

    let mut say = |_: Line| {};
    let (outcome, answer) = tokio::join!(phone(&server, AT_ONCE, &mut say), site);

    let (call_id, reason) = ("c1".to_owned(), "call_completed".to_owned());
    assert_eq!(outcome.unwrap(), PhoneOutcome::Talked { call_id, reason });
    assert!(answer.starts_with("POST /api/mqtt/controller/resident "));
    assert!(answer.ends_with(r#"{"action":"answered","call_id":"c1","timestamp":5}"#));
}

#[tokio::test]
async fn a_phone_that_is_too_late_reports_the_refusal() {
    let (server, web, mqtt) = stage().await;
    let site = async {
        let mut socket = connected(&mqtt).await;
        publish(&mut socket, OFFER_TOPIC, &offer()).await;
        let refusal = r#"{"code":409,"message":"已被接听","data":null}"#;
        serve(&web, "409 Conflict", refusal).await;
        farewell(socket).await;
    };

    let mut say = |_: Line| {};
    let (outcome, ()) = tokio::join!(phone(&server, AT_ONCE, &mut say), site);

    let (call_id, message) = ("c1".to_owned(), "已被接听".to_owned());
    assert_eq!(
        outcome.unwrap(),
        PhoneOutcome::Refused {
            call_id,
            code: 409,
            message
        }
    );
}

#[tokio::test]
async fn a_call_taken_elsewhere_is_missed() {
    let (server, _web, mqtt) = stage().await;
    let slow = Behaviour {
        answer_after: Duration::from_secs(3600),
        ..AT_ONCE
    };
    let site = async {
        let mut socket = connected(&mqtt).await;
        publish(&mut socket, OFFER_TOPIC, &offer()).await;
        publish(&mut socket, PHONE_TOPIC, &control("answered", None)).await;
        farewell(socket).await;
    };

    let mut say = |_: Line| {};
    let (outcome, ()) = tokio::join!(phone(&server, slow, &mut say), site);

    let (call_id, reason) = ("c1".to_owned(), "answered".to_owned());
    assert_eq!(outcome.unwrap(), PhoneOutcome::Missed { call_id, reason });
}

#[tokio::test]
async fn a_phone_that_stays_takes_the_next_call_and_ends_with_the_connection() {
    let (server, web, mqtt) = stage().await;
    let behaviour = Behaviour {
        decline: true,
        unlock: false,
        stay: true,
        ..AT_ONCE
    };
    let site = async {
        let mut socket = connected(&mqtt).await;
        publish(&mut socket, OFFER_TOPIC, &offer()).await;
        let first = serve(&web, "200 OK", DONE).await;
        publish(&mut socket, OFFER_TOPIC, &offer()).await;
        let second = serve(&web, "200 OK", DONE).await;
        [first, second]
    };

    let mut say = |_: Line| {};
    let (outcome, answers) = tokio::join!(phone(&server, behaviour, &mut say), site);

    assert!(matches!(outcome, Err(SimError::Disconnected { .. })));
    assert!(
        answers
            .iter()
            .all(|answer| answer.contains(r#""action":"rejected""#))
    );
}

#[test]
fn both_runs_may_be_moved_to_another_thread() {
    let server = ServerAddress {
        http: String::new(),
        mqtt_host: String::new(),
        mqtt_port: 1,
        clock: || 0,
    };
    let (mut one, mut two) = (|_: Line| {}, |_: Line| {});

    needs_send(door(&server, &mut one));
    needs_send(phone(&server, AT_ONCE, &mut two));
}

const AT_ONCE: Behaviour = Behaviour {
    answer_after: Duration::ZERO,
    decline: false,
    unlock: false,
    stay: false,
};

async fn door(server: &ServerAddress, say: &mut Say<'_>) -> Result<DoorOutcome, SimError> {
    let login = DoorLogin {
        device_id: "d1".to_owned(),
        secret: "s".to_owned(),
    };
    run_door(server, &login, "101", Duration::ZERO, say).await
}

async fn phone(
    server: &ServerAddress,
    behaviour: Behaviour,
    say: &mut Say<'_>,
) -> Result<PhoneOutcome, SimError> {
    let login = PhoneLogin {
        resident_id: "u1".to_owned(),
        token: "t".to_owned(),
    };
    run_phone(server, &login, "p1", behaviour, say).await
}

fn needs_send(_: impl Send) {}

async fn stage() -> (ServerAddress, TcpListener, TcpListener) {
    let (web, mqtt) = (fake::listener().await, fake::listener().await);
    (fake::address(&web, &mqtt), web, mqtt)
}

async fn connected(mqtt: &TcpListener) -> TcpStream {
    let (mut socket, _) = accept(mqtt, 0).await;
    suback(&mut socket, 1).await;
    socket
}

/// Reads to the end of the connection, which must say DISCONNECT.
async fn farewell(mut socket: TcpStream) {
    let mut last_words = Vec::new();
    socket.read_to_end(&mut last_words).await.unwrap();
    assert_eq!(last_words, [0xe0, 0]);
}

fn rtc() -> Value {
    json!({
        "room_id_type": "string", "room_id": "r1", "sdk_app_id": 1, "user_id": "u", "user_sig": "s",
    })
}

fn pressed() -> Value {
    let data = json!({
        "call_id": "c1",
        "device_device_id": "d1",
        "target_resident_ids": ["u1"],
        "timestamp": 7,
        "tencen_rtc": rtc(),
        "call_info": {"action": "ringing", "call_id": "c1", "timestamp": 7},
    });
    json!({"code": 200, "message": "成功", "data": data})
}

fn offer() -> Vec<u8> {
    let offer = json!({
        "call_id": "c1",
        "device_device_id": "d1",
        "target_resident_id": "u1",
        "timestamp": 7,
        "tencen_rtc": rtc(),
    });
    offer.to_string().into_bytes()
}

fn control(action: &str, reason: Option<&str>) -> Vec<u8> {
    let mut message = json!({"action": action, "call_id": "c1", "timestamp": 7});
    if let Some(reason) = reason {
        message["reason"] = json!(reason);
    }
    message.to_string().into_bytes()
}
