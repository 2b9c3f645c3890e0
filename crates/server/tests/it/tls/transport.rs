//! HTTP, MQTT and WebSocket over TLS.

use std::process::Command;

use reqwest::StatusCode;
use serde_json::json;
use sim::register;

use super::secure::{Secure, browser, publish};
use crate::community::{Community, HOUSEHOLD, SOON};
use crate::listener::Listener;
use crate::stock::{PAHO, python};

const RESIDENT: &str = "mqtt_call/controller/resident";

async fn mosquitto_answers(secure: &Secure, version: &str) {
    let mum = &secure.community.mum;
    let door = secure.community.door().await;
    let as_mum = |program: &str| {
        let mut command = secure.mosquitto(program);
        let signed_in = ["-u", &mum.resident_id, "-P", &mum.token];
        command.args(["--tls-version", version]).args(signed_in);
        command
    };
    let mut listening = as_mum("mosquitto_sub");
    let phone = Listener::start(listening.args(["-v", "-t", "mqtt_call/incoming", "-t", RESIDENT]));
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let (phone, topic, offer) = phone.next().await;
    assert_eq!(
        (&*topic, &offer["call_id"]),
        ("mqtt_call/incoming", &json!(call))
    );
    let answer = json!({"action": "answered", "call_id": call}).to_string();
    let (is_taken, why) = publish(&mut as_mum("mosquitto_pub"), RESIDENT, &answer);

    assert!(is_taken, "{why}");
    let (_phone, _, answered) = phone.next().await;
    assert_eq!(answered["action"], "answered");
}

#[tokio::test]
async fn mosquitto_takes_part_in_a_call_by_tls_1_2_and_1_3() {
    mosquitto_answers(&Secure::start().await, "tlsv1.2").await;
    mosquitto_answers(&Secure::start().await, "tlsv1.3").await;
}

#[tokio::test]
async fn mosquitto_refuses_a_server_of_another_authority() {
    let secure = Secure::start().await;
    let mum = &secure.community.mum;
    let mqtts = &secure.community.server.mqtts;
    let publish_believing = |authority: &str| {
        let authority = secure.files.path(authority);
        let mut command = super::secure::mosquitto("mosquitto_pub", mqtts, &authority);
        command.args(["-u", &mum.resident_id, "-P", &mum.token]);
        publish(&mut command, RESIDENT, "{}")
    };

    let (is_right, why) = publish_believing("public.crt");
    let (is_wrong, _) = publish_believing("forger.crt");

    assert!(is_right, "{why}");
    assert!(!is_wrong);
}

#[tokio::test]
async fn the_api_answers_by_https_to_those_who_know_its_authority() {
    let secure = Secure::start().await;
    let server = &secure.community.server;
    let path = format!("{}/v1/devices/lobby", server.https);
    let ask = async |authority: &str| {
        let browser = browser(&secure.files.path(authority));
        let request = browser.get(&path).bearer_auth(&secure.community.operator);
        request.send().await
    };

    let answered = ask("public.crt").await.unwrap();
    let refused = ask("forger.crt").await;

    assert_eq!(answered.status(), StatusCode::OK);
    assert!(refused.unwrap_err().is_connect());
}

#[tokio::test]
async fn paho_answers_a_call_over_secure_websocket() {
    let secure = Secure::start().await;
    let Community { mum, server, .. } = &secure.community;
    let door = secure.community.door().await;
    let (_, address) = server.https.split_once("://").unwrap();
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut python = Command::new(python());
    python.args(["-c", PAHO, "3.1.1", host, port]);
    python.args([&mum.resident_id, &mum.token, "websockets"]);
    python.arg(secure.files.path("public.crt"));
    let (phone, topic, _) = Listener::start(&mut python).next().await;
    assert_eq!(topic, "ready");

    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let (phone, _, offer) = phone.next().await;
    assert_eq!(offer["call_id"], json!(call));
    let (_phone, _, answered) = phone.next().await;
    assert_eq!(answered["action"], "answered");
}

#[tokio::test]
async fn only_pages_that_came_by_https_may_open_a_secure_websocket() {
    let secure = Secure::start().await;
    let https = &secure.community.server.https;
    let browser = browser(&secure.files.path("public.crt"));
    let upgrade = async |origin: &str| {
        let request = browser
            .get(format!("{https}/mqtt"))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", "mqtt")
            .header("origin", origin);
        request.send().await.unwrap().status()
    };

    let own = upgrade(https).await;
    let plain = upgrade(&https.replace("https://", "http://")).await;
    let other = upgrade("https://evil.example.org").await;

    assert_eq!(own, StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!([plain, other], [StatusCode::FORBIDDEN; 2]);
}

#[tokio::test]
async fn without_plain_mqtt_clients_are_told_the_port_of_tls() {
    let secure = Secure::with_mqtt("off").await;
    let Community { mum, server, .. } = &secure.community;
    let (_, port) = server.mqtts.rsplit_once(':').unwrap();

    let registered = register(&server.address(), mum, "mum_android_1").await;

    let registration = registered.ok().unwrap();
    let told = registration.mqtt_credentials;
    assert_eq!(told.broker_url, format!("ssl://127.0.0.1:{port}"));
    assert_eq!(server.mqtt, "");
    let mut listening = secure.mosquitto("mosquitto_sub");
    let signed_in = ["-u", &told.username, "-P", &told.password];
    listening.args(["-i", "mum_android_1"]).args(signed_in);
    // It ends when its subscription is confirmed.
    listening.args(["-E", "-t", &registration.topics.incoming_calls]);
    let listening = tokio::task::spawn_blocking(move || listening.output().unwrap());
    let subscribed = tokio::time::timeout(SOON, listening)
        .await
        .unwrap()
        .unwrap();
    let said = String::from_utf8(subscribed.stderr).unwrap();
    assert!(subscribed.status.success() && said.is_empty(), "{said}");
}
