//! What a broker asks over HTTP, in EMQX's shape.

use serde_json::{Value, json};
use sim::register;

use crate::community::{Community, HOUSEHOLD};
use crate::running::{Running, now_ms};

const SECRET: &str = "what the broker shows";

/// A community whose broker asks; the broker itself is not there.
struct Asked {
    community: Community,
}

impl Asked {
    async fn start() -> Self {
        let server = Running::with(&[
            ("MQTT__EXTERNAL__URL", "mqtt://127.0.0.1:1"),
            ("MQTT__EXTERNAL__ACCOUNTS", "hooks"),
            ("MQTT__EXTERNAL__HOOK_SECRET", SECRET),
            ("MQTT__EXTERNAL__USERNAME", "koumen"),
            ("MQTT__EXTERNAL__PASSWORD", "its own"),
        ]);
        let community = Community::on(server).await;
        Self { community }
    }

    async fn ask(&self, path: &str, body: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {SECRET}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let path = format!("/broker/emqx/{path}");
        self.community.server.post(&path, &headers, body).await
    }

    async fn sign_in(&self, username: &str, password: &str, client: &str) -> Value {
        let body = json!({"username": username, "password": password, "clientid": client});
        let (status, answer) = self.ask("authenticate", &body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Whether it is allowed.
    async fn may(&self, username: &str, action: &str, topic: &str) -> bool {
        let body = json!({"username": username, "clientid": "any", "action": action,
            "topic": topic, "peerhost": "127.0.0.1"});
        let (status, answer) = self.ask("authorize", &body).await;
        assert_eq!(status, 200, "{answer}");
        answer["result"] == "allow"
    }
}

#[tokio::test]
async fn whoever_does_not_show_the_secret_is_told_nothing() {
    let asked = Asked::start().await;
    let server = &asked.community.server;

    for headers in [&[][..], &[("authorization", "Bearer something else")]] {
        for path in ["authenticate", "authorize"] {
            let path = format!("/broker/emqx/{path}");
            let (status, answer) = server.post(&path, headers, &json!({})).await;
            assert_eq!((status, answer), (401, Value::Null));
        }
    }
    let (status, answer) = asked.ask("authorize", &json!({"topic": 1})).await;
    assert_eq!((status, &answer["result"]), (200, &json!("deny")));
}

#[tokio::test]
async fn those_are_let_in_whom_our_own_broker_would_let_in_and_for_an_hour() {
    let asked = Asked::start().await;
    let Community { mum, lobby, .. } = &asked.community;
    let server = asked.community.server.address();
    let dad = &asked.community.dad;
    let registered = register(&server, dad, "dad_1").await.ok().unwrap();
    let pass = &registered.mqtt_credentials;

    let door = asked.sign_in("lobby", &lobby.secret, "lobby").await;
    let mums = format!("{}_any", mum.resident_id);
    let dads = format!("{}_dad_1", dad.resident_id);
    assert_eq!(pass.client_id, dads);
    let allowed = [
        &door,
        &asked.sign_in(&mum.resident_id, &mum.token, &mums).await,
        &asked.sign_in(&pass.username, &pass.password, &dads).await,
    ];
    for answer in allowed {
        let shown = (&answer["result"], &answer["is_superuser"]);
        assert_eq!(shown, (&json!("allow"), &json!(false)), "{answer}");
    }
    let left = door["expire_at"].as_i64().unwrap() - now_ms() / 1000;
    assert!((3500..=3600).contains(&left), "{left}");
    let denied = json!({"result": "deny"});
    for (username, password, client) in [
        ("lobby", "wrong", "lobby"),
        ("lobby", &lobby.secret, "lobby-2"),
        (&mum.resident_id, &dad.token, &mums),
        (&mum.resident_id, &mum.token, "lobby"),
        (&mum.resident_id, &mum.token, &dads),
        (&pass.username, &pass.password, &format!("{dads}2")),
        (&pass.username, &pass.password, "dad_1"),
        ("nobody", "x", "any"),
        ("", "", ""),
    ] {
        assert_eq!(
            asked.sign_in(username, password, client).await,
            denied,
            "{username}"
        );
    }
}

/// Whoever signs in anew comes with a token, and with the client id that it was told.
#[tokio::test]
async fn a_token_under_the_id_that_was_told_acts_for_that_client() {
    let asked = Asked::start().await;
    let server = &asked.community.server;
    let dad = &asked.community.dad;
    let registered = register(&server.address(), dad, "dad_1")
        .await
        .ok()
        .unwrap();
    let told = &registered.mqtt_credentials.client_id;
    let anew = asked.community.sign_in("dad").await;

    let answer = asked.sign_in(&dad.resident_id, &anew.token, told).await;

    assert_eq!(answer["result"], "allow");
    let door = &asked.community.lobby;
    let bearer = format!("Bearer {}", door.secret);
    let headers = [("x-device-id", "lobby"), ("authorization", &*bearer)];
    let body = json!({"device_device_id": "lobby", "household_number": HOUSEHOLD});
    let (_, pressed) = server.post("/api/mqtt/call", &headers, &body).await;
    let bearer = format!("Bearer {}", anew.token);
    let headers = [("authorization", bearer.as_str())];
    let body = json!({"call_id": pressed["data"]["call_id"], "action": "accepted"});
    let path = "/api/mqtt/calls/callee-action";
    assert_eq!(server.post(path, &headers, &body).await.0, 200);
    // Another login of the same client has the same hand.
    let bearer = format!("Bearer {}", dad.token);
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(server.post(path, &headers, &body).await.0, 200);
}

#[tokio::test]
async fn the_server_itself_may_everything() {
    let asked = Asked::start().await;

    assert_eq!(
        asked.sign_in("koumen", "its own", "x").await["is_superuser"],
        true
    );
    assert_eq!(
        asked.sign_in("koumen", "guessed", "x").await["result"],
        "deny"
    );
    assert!(
        asked
            .may("koumen", "publish", "users/any/calls/incoming")
            .await
    );
}

#[tokio::test]
async fn topics_are_allowed_to_those_whose_they_are() {
    let asked = Asked::start().await;
    let Community {
        mum, dad, lobby, ..
    } = &asked.community;
    let (mum, dad) = (&*mum.resident_id, &*dad.resident_id);
    let own = |who: &str| format!("users/{who}/calls/incoming");

    for (who, action, topic, expected) in [
        (mum, "subscribe", &*own(mum), true),
        (mum, "subscribe", &own(dad), false),
        (mum, "subscribe", "users/+/calls/incoming", false),
        (mum, "subscribe", "#", false),
        (mum, "subscribe", "mqtt_call/incoming", true),
        (mum, "publish", "mqtt_call/controller/resident", false),
        (mum, "publish", &own(mum), false),
        (
            &lobby.device_id,
            "subscribe",
            "devices/lobby/calls/control",
            true,
        ),
        (
            &lobby.device_id,
            "subscribe",
            "devices/garage/calls/control",
            false,
        ),
        (
            &lobby.device_id,
            "publish",
            "devices/lobby/calls/action",
            true,
        ),
        (
            &lobby.device_id,
            "publish",
            "devices/garage/calls/action",
            false,
        ),
        (
            &lobby.device_id,
            "publish",
            "mqtt_call/controller/device",
            false,
        ),
        (
            &lobby.device_id,
            "dance",
            "devices/lobby/calls/action",
            false,
        ),
    ] {
        assert_eq!(
            asked.may(who, action, topic).await,
            expected,
            "{who} {action} {topic}"
        );
    }
    for retain in [json!(true), json!("true"), json!("1"), json!(1)] {
        let body = json!({"username": lobby.device_id, "clientid": "any", "action": "publish",
            "topic": "devices/lobby/calls/action", "retain": retain});
        assert_eq!(
            asked.ask("authorize", &body).await.1["result"],
            "deny",
            "{retain}"
        );
    }
}

#[tokio::test]
async fn a_trace_tells_why_somebody_was_denied() {
    let asked = Asked::start().await;
    let operator = format!("Bearer {}", asked.community.operator);
    let headers = [("authorization", operator.as_str())];
    let server = &asked.community.server;
    let begun = server
        .post(
            "/v1/connections/trace",
            &headers,
            &json!({"device": "lobby"}),
        )
        .await;
    assert!((200..300).contains(&begun.0), "{begun:?}");

    asked.sign_in("lobby", "wrong", "lobby").await;
    asked.may("lobby", "subscribe", "#").await;

    let (_, trace) = server
        .get(
            "/v1/connections/trace?device=lobby",
            &asked.community.operator,
        )
        .await;
    let entries = trace["entries"].as_array().unwrap();
    let shown: Vec<_> = (entries.iter())
        .map(|one| (one["event"].as_str().unwrap(), one["topic"].as_str()))
        .collect();
    assert_eq!(
        shown,
        [("sign_in_refused", None), ("subscribe_refused", Some("#"))]
    );
}
