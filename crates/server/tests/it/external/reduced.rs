//! S0 in its reduced form: everyone is woken, and asks for what is theirs.

use serde_json::{Value, json};

use crate::external::estate::{Estate, credentials};
use crate::unlock::lock::ask_door;

const FIXED: [&str; 3] = [
    "mqtt_call/incoming",
    "mqtt_call/controller/resident",
    "mqtt_call/system",
];

#[tokio::test]
async fn everyone_is_woken_and_only_those_who_ring_learn_more() {
    let estate = Estate::start().await;
    let gate = estate.gate().await;
    let (mum, registered) = estate.register("mum", "mum_1").await;
    let mut mum_hears = estate.ear(&registered, &FIXED).await;
    let (neighbour, registered) = estate.register("neighbour", "n_1").await;
    let mut neighbour_hears = estate.ear(&registered, &FIXED).await;
    let lobby = &estate.community.lobby;
    let shown = estate
        .door_credentials(&lobby.device_id, &lobby.secret)
        .await;
    let mut listen = estate.tool("mosquitto_sub", &shown);
    let mut door_hears =
        crate::external::ear::Ear::open(listen.args(["-t", "mqtt_call/controller/device"])).await;

    let pressed = estate.press(&gate).await;
    let call = pressed["call_id"].as_str().unwrap();
    let woken = mum_hears.next().await;
    let path = format!("/api/mqtt/session?call_id={call}");
    let (status, session) = estate.community.server.get(&path, &mum.token).await;
    let (foreign, _) = estate.community.server.get(&path, &neighbour.token).await;
    let body = json!({"call_id": call, "action": "answered", "reason": "in private"});
    let path = "/api/mqtt/controller/resident";
    let (answered, reply) = estate.as_resident(&mum, path, &body).await;

    assert_eq!(woken.topic, "mqtt_call/incoming");
    let timestamp = &woken.said["timestamp"];
    let wake_up = json!({"call_id": call, "device_device_id": "", "target_resident_id": "",
        "timestamp": timestamp});
    assert_eq!(woken.said, wake_up);
    assert_eq!((status, foreign), (200, 404));
    let rtc = &session["data"]["tencen_rtc"];
    assert_eq!(rtc["room_id"], pressed["tencen_rtc"]["room_id"]);
    assert_eq!(answered, 200, "{reply}");
    assert_eq!(neighbour_hears.next().await.said["call_id"], call);
    for ear in [&mut mum_hears, &mut neighbour_hears] {
        let heard = ear.next().await;
        let timestamp = &heard.said["timestamp"];
        let answered = json!({"action": "answered", "call_id": call, "timestamp": timestamp});
        assert_eq!(heard.said, answered);
    }
    assert_eq!(door_hears.next().await.said["action"], "ringing");
    assert_eq!(door_hears.next().await.said["action"], "answered");
}

#[tokio::test]
async fn nobody_can_publish_on_a_topic_that_others_share() {
    let estate = Estate::start().await;
    let gate = estate.gate().await;
    let (_, registered) = estate.register("mum", "mum_1").await;
    let call = estate.press(&gate).await["call_id"].clone();
    let answered = json!({"call_id": call, "action": "answered"}).to_string();
    let cancelled = json!({"call_id": call, "action": "cancelled"}).to_string();

    let mut forged = Vec::new();
    for (shown, topic, payload) in [
        (
            credentials(&registered),
            "mqtt_call/controller/resident",
            &answered,
        ),
        (
            gate.shown.clone(),
            "mqtt_call/controller/device",
            &cancelled,
        ),
        (
            credentials(&registered),
            "devices/gate/calls/action",
            &cancelled,
        ),
        (gate.shown.clone(), "devices/lobby/calls/action", &cancelled),
    ] {
        let mut publish = estate.tool("mosquitto_pub", &shown);
        publish.args([
            "-i",
            shown["mqtt_credentials"]["client_id"].as_str().unwrap(),
        ]);
        let said = publish.args(["-t", topic, "-m", payload]).output().unwrap();
        forged.push(String::from_utf8_lossy(&said.stderr).into_owned());
    }

    for said in forged {
        assert!(
            said.contains("Not authorized") || said.contains("135"),
            "{said}"
        );
    }
    let path = format!("/v1/calls/{}", call.as_str().unwrap());
    let (status, live) = estate
        .community
        .server
        .get(&path, &estate.community.operator)
        .await;
    assert_eq!(
        (status, &live["phase"]),
        (200, &json!("alerting")),
        "{live}"
    );
}

#[tokio::test]
async fn system_messages_go_to_everyone_or_to_nobody() {
    let mut estate = Estate::start().await;
    let (mum, registered) = estate.register("mum", "mum_1").await;
    let mut ear = estate.ear(&registered, &FIXED).await;
    let bearer = format!("Bearer {}", estate.community.operator);
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept-language", "en"),
    ];
    let message = |target: Value| json!({"type": "maintenance", "level": "info", "message": "lift stops", "target": target});

    let server = &estate.community.server;
    let path = "/api/mqtt/system/message";
    let (to_some, refusal) = server
        .post(path, &headers, &message(json!([mum.resident_id])))
        .await;
    let (to_all, _) = server.post(path, &headers, &message(json!([]))).await;

    assert_eq!(to_some, 501, "{refusal}");
    assert!(
        refusal["message"].as_str().unwrap().contains("target"),
        "{refusal}"
    );
    assert_eq!(to_all, 200);
    let heard = ear.next().await;
    assert_eq!(
        (&*heard.topic, &heard.said["message"]),
        (FIXED[2], &json!("lift stops"))
    );
    assert!(heard.left > 23 * 3600, "{}", heard.left);

    estate.broker.kill();
    let server = &estate.community.server;
    let (away, _) = server.post(path, &headers, &message(json!([]))).await;
    assert_eq!(away, 503);
}

#[tokio::test]
async fn the_fixed_topics_can_be_silent() {
    let estate = Estate::with(&[("MQTT__EXTERNAL__FIXED_TOPICS", "false")]).await;
    let (_, registered) = estate.register("mum", "mum_1").await;

    let mut listen = estate.tool("mosquitto_sub", &credentials(&registered));
    let said = listen.args(["-t", FIXED[0], "-W", "5"]).output().unwrap();

    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("denied"), "{said}");
}

#[tokio::test]
async fn what_only_our_own_broker_knows_is_refused_and_says_why() {
    let estate = Estate::start().await;

    let server = &estate.community.server;
    let (status, problem) = server
        .get("/v1/connections", &estate.community.operator)
        .await;

    assert_eq!(status, 501);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("another broker"),
        "{problem}"
    );
}

#[tokio::test]
async fn no_door_is_opened_over_a_broker_that_tells_neither_who_is_there_nor_who_speaks() {
    let estate = Estate::start().await;
    let mut gate = estate.gate().await;
    let mum = &estate.community.mum;

    let asked = ask_door(&estate.community, mum, "gate", "u-1").await;
    // The first thing that the gate hears is the press after it.
    estate.press(&gate).await;

    assert_eq!(asked.0, 409, "{}", asked.1);
    assert_eq!(asked.1["data"]["result"], "not_supported");
    assert_eq!(gate.ear.next().await.said["action"], "ringing");
}
