//! Traces: what befalls one client and why, for those who may know.

use serde_json::{Value, json};
use sim::register;

use super::console::Console;
use crate::raw::{REFUSED, Raw, SignIn};

const TRACE: &str = "/v1/connections/trace";

#[tokio::test]
async fn a_trace_tells_why_a_doors_sign_in_and_its_wishes_were_refused() {
    let console = Console::start().await;
    let address = console.community.server.address();
    let right = SignIn {
        client: "panel",
        user: "lobby",
        password: &console.community.lobby.secret,
        will: None,
    };
    let (status, begun) = console.ask("POST", TRACE, json!({"device": "lobby"})).await;
    assert_eq!((status, &begun["entries"]), (201, &json!([])), "{begun}");

    let wrong = SignIn {
        password: "a wrong secret",
        ..right
    };
    assert_eq!(Raw::open(&address, wrong).await.1, 4);
    let ghost = SignIn {
        will: Some("elsewhere/will"),
        ..right
    };
    assert_eq!(Raw::open(&address, ghost).await.1, 5);
    let (mut door, code) = Raw::open(&address, right).await;
    assert_eq!(code, 0);
    assert_eq!(door.subscribe("mqtt_call/#").await, REFUSED);
    assert_eq!(door.subscribe("mqtt_call/controller/device").await, 1);
    door.publish("elsewhere", "contents").await;
    kick(&console, "panel").await;
    door.closed().await;

    let (status, trace) = console
        .ask("GET", &format!("{TRACE}?device=lobby"), Value::Null)
        .await;
    assert_eq!(status, 200);
    let expected = json!([
        ["panel", "sign_in_refused", "unknown_secret", null],
        ["panel", "will_refused", "topic", "elsewhere/will"],
        ["panel", "connected", null, null],
        ["panel", "subscribe_refused", null, "mqtt_call/#"],
        ["panel", "publish_refused", "topic", "elsewhere"],
        ["panel", "disconnected", "kicked", null],
    ]);
    assert_eq!(json!(told(&trace)), expected);
    for secret in ["a wrong secret", right.password, "contents"] {
        assert!(!trace.to_string().contains(secret), "{trace}");
    }
}

#[tokio::test]
async fn a_trace_tells_why_a_resident_did_not_come_in() {
    let console = Console::start().await;
    let community = &console.community;
    let (mum, address) = (&community.mum, community.server.address());
    let pass = register(&address, mum, "mum_android_1").await.ok().unwrap();
    let pass = &pass.mqtt_credentials.password;
    let user = &*mum.resident_id;
    let asked = json!({"resident": user, "minutes": 60});
    assert_eq!(console.ask("POST", TRACE, asked).await.0, 201);

    for (client, password) in [
        ("phone", "no token"),
        ("phone", &*community.dad.token),
        ("phone", pass),
    ] {
        let sign_in = SignIn {
            client,
            user,
            password,
            will: None,
        };
        assert_eq!(Raw::open(&address, sign_in).await.1, 4);
    }
    let _other = community.phone(&community.dad, "dad-1").await;

    let path = format!("{TRACE}?resident={user}");
    let (_, trace) = console.ask("GET", &path, Value::Null).await;
    let expected = json!([
        ["phone", "sign_in_refused", "unknown_secret", null],
        ["phone", "sign_in_refused", "other_user", null],
        ["phone", "sign_in_refused", "other_client", null],
    ]);
    assert_eq!(json!(told(&trace)), expected);
    assert_eq!(console.ask("DELETE", &path, Value::Null).await.0, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(console.ask(method, &path, Value::Null).await.0, 404);
    }
}

#[tokio::test]
async fn a_trace_tells_whom_the_broker_turned_away() {
    let console = Console::start().await;
    let address = console.community.server.address();
    let (status, _) = console.ask("POST", TRACE, json!({"device": "lobby"})).await;
    assert_eq!(status, 201);
    let long = SignIn {
        client: &"x".repeat(257),
        user: "lobby",
        password: "whatever",
        will: None,
    };

    assert_eq!(Raw::open(&address, long).await.1, 2);

    let path = format!("{TRACE}?device=lobby");
    let (_, trace) = console.ask("GET", &path, Value::Null).await;
    let expected = json!([["x".repeat(256), "turned_away", "client_id", null]]);
    assert_eq!(json!(told(&trace)), expected);
}

#[tokio::test]
async fn a_trace_is_for_those_who_see_and_is_begun_by_managers() {
    let console = Console::start().await;
    let other = console
        .add("/v1/communities", json!({"name": "Other"}))
        .await;
    let role =
        |community: &Value, role: &str| json!({"roles": [{"community": community, "role": role}]});
    let home = json!(console.home().await);
    let stranger = console.hire("otto", role(&other["id"], "manager")).await;
    let viewer = console.hire("vera", role(&home, "viewer")).await;
    let manager = console.hire("max", role(&home, "manager")).await;
    let path = format!("{TRACE}?device=lobby");
    let asked = json!({"device": "lobby"});

    for (token, begun, shown, ended) in [
        (&stranger, 404, 404, 404),
        (&viewer, 403, 404, 403),
        (&manager, 201, 200, 204),
    ] {
        let (status, _) = console.ask_as(token, "POST", TRACE, asked.clone()).await;
        assert_eq!(status, begun);
        let (status, _) = console.ask_as(token, "GET", &path, Value::Null).await;
        assert_eq!(status, shown);
        let (status, _) = console.ask_as(token, "DELETE", &path, Value::Null).await;
        assert_eq!(status, ended);
    }
}

#[tokio::test]
async fn a_door_that_gets_the_id_of_a_removed_one_inherits_no_trace() {
    let console = Console::start().await;
    let path = format!("{TRACE}?device=lobby");
    let begun = console.ask("POST", TRACE, json!({"device": "lobby"}));
    assert_eq!(begun.await.0, 201);

    let (status, _) = console
        .ask("DELETE", "/v1/devices/lobby", Value::Null)
        .await;
    assert_eq!(status, 204);
    let home = console.home().await;
    let again = json!({"community": home, "id": "lobby", "name": "lobby"});
    console.add("/v1/devices", again).await;

    let (status, problem) = console.ask("GET", &path, Value::Null).await;
    assert_eq!(
        (status, &problem["detail"]),
        (404, &json!("trace not found"))
    );
}

#[tokio::test]
async fn a_trace_needs_one_of_two_and_a_time_within_bounds() {
    let console = Console::start().await;
    let cases = [
        (json!({}), "device: this or resident is needed"),
        (
            json!({"device": "lobby", "resident": "x"}),
            "device: not together with resident",
        ),
        (
            json!({"device": "lobby", "minutes": 0}),
            "minutes: must be 1 to 60",
        ),
        (
            json!({"device": "lobby", "minutes": 61}),
            "minutes: must be 1 to 60",
        ),
    ];

    for (asked, detail) in cases {
        let (status, problem) = console.ask("POST", TRACE, asked).await;
        assert_eq!((status, &problem["detail"]), (400, &json!(detail)));
    }
}

async fn kick(console: &Console, client: &str) {
    let path = format!("/v1/connections?client={client}");
    let (_, page) = console.ask("GET", &path, Value::Null).await;
    let id = page["items"][0]["id"].as_str().unwrap();
    let path = format!("/v1/connections/{id}");
    assert_eq!(console.ask("DELETE", &path, Value::Null).await.0, 204);
}

fn told(trace: &Value) -> Vec<Value> {
    let entries = trace["entries"].as_array().unwrap().iter();
    let fields = ["client_id", "event", "reason", "topic"];
    entries
        .map(|entry| json!(fields.map(|field| &entry[field])))
        .collect()
}
