//! Who may: without credentials nothing, with somebody else's 404 and silence.

use std::time::Duration;

use serde_json::{Value, json};
use sim::{Phone, PhoneAction, SimError};

use crate::community::{Community, HOUSEHOLD, SOON, incoming};
use crate::listener::mosquitto;

/// Every S0 path that is there, with a body that would do something.
fn paths(call: &str) -> [(&'static str, Value); 4] {
    [
        (
            "/api/mqtt/call",
            json!({"device_device_id": "lobby", "household_number": HOUSEHOLD}),
        ),
        (
            "/api/mqtt/controller/device",
            json!({"action": "hangup", "call_id": call}),
        ),
        (
            "/api/mqtt/controller/resident",
            json!({"action": "answered", "call_id": call}),
        ),
        ("/api/mqtt/end-session", json!({"call_id": call})),
    ]
}

#[tokio::test]
async fn a7_without_credentials_nothing_happens() {
    let community = Community::start().await;
    let door = community.door().await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    for (path, body) in paths(&call) {
        for headers in [&[][..], &[("authorization", "Bearer nonsense")]] {
            let (status, reply) = community.server.post(path, headers, &body).await;
            assert_eq!(
                (status, &reply["code"]),
                (401, &json!(401)),
                "{path}: {reply}"
            );
            assert_eq!(reply["data"], Value::Null, "{path}");
        }
    }
    let (status, _) = community
        .server
        .get(&format!("/api/mqtt/session?call_id={call}"), "x")
        .await;
    assert_eq!(status, 401);
    let (status, _) = community.server.get("/v1/records", "x").await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn a_door_cannot_speak_for_another_door() {
    let community = Community::start().await;
    let door = community.door().await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    let bearer = format!("Bearer {}", community.garage.secret);
    let as_garage = [("x-device-id", "garage"), ("authorization", &*bearer)];

    for (path, body) in paths(&call) {
        let (status, reply) = community.server.post(path, &as_garage, &body).await;
        let expected = if path.ends_with("resident") { 401 } else { 404 };
        assert_eq!(status, expected, "{path}: {reply}");
    }
    let stolen = [("x-device-id", "lobby"), ("authorization", &*bearer)];
    let (path, body) = &paths(&call)[0];
    assert_eq!(community.server.post(path, &stolen, body).await.0, 401);
}

#[tokio::test]
async fn a8_another_household_sees_nothing_and_hears_nothing() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut neighbour = community.phone(&community.neighbour, "n-1").await;

    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    for action in [
        PhoneAction::Answered,
        PhoneAction::Rejected,
        PhoneAction::Hangup,
    ] {
        let reply = neighbour.respond(&call, action, None).await.ok().unwrap();
        assert_eq!(reply.http_status, 404, "{}", reply.message);
        assert_eq!(reply.data, Value::Null);
    }
    assert!(matches!(
        neighbour.session(&call).await,
        Err(SimError::Refused { code: 404, .. })
    ));
    mum.respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    mum.respond(&call, PhoneAction::Hangup, None)
        .await
        .ok()
        .unwrap();

    // The neighbour's own call is the next thing heard: whatever came before would be first.
    let own = door.press("1-102").await.ok().unwrap().call_id;
    assert_eq!(incoming(&mut neighbour).await.call_id, own);
}

#[tokio::test]
async fn basic_credentials_serve_a_door_as_well() {
    let community = Community::start().await;
    let secret = &community.lobby.secret;
    let path = format!("{}/api/mqtt/call", community.server.http);
    let body = json!({"device_device_id": "lobby", "household_number": HOUSEHOLD});

    let request = community
        .server
        .client
        .post(path)
        .basic_auth("lobby", Some(secret));
    let response = request.body(body.to_string()).send().await.unwrap();

    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn mqtt_needs_the_principals_own_credentials() {
    let community = Community::start().await;
    let address = community.server.address();
    let mut wrong = community.mum.clone();
    wrong.token = community.dad.token.clone();

    let refused = Phone::connect(&address, &wrong, "x").await;

    assert!(matches!(refused, Err(SimError::ConnectRefused { .. })));
}

#[tokio::test]
async fn two_logins_of_one_resident_never_both_answer() {
    let community = Community::start().await;
    let door = community.door().await;
    let second = community.sign_in("mum").await;
    let mut first = community.phone(&community.mum, "mum-1").await;
    let mut second = community.phone(&second, "mum-2").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut first).await;
    incoming(&mut second).await;

    let won = first
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    let lost = second
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    let hangup = second
        .respond(&call, PhoneAction::Hangup, None)
        .await
        .ok()
        .unwrap();

    assert!(won.is_success());
    assert_eq!((lost.http_status, hangup.http_status), (409, 409));
    assert!(first.next(SOON).await.is_ok());
    assert!(matches!(
        first.next(Duration::from_millis(300)).await,
        Err(SimError::Quiet(_))
    ));
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_its_visitors_browser_against_us() {
    let community = Community::start().await;
    let bearer = format!("Bearer {}", community.lobby.secret);
    let body = json!({"device_device_id": "lobby", "household_number": HOUSEHOLD});
    let own = &community.server.http;

    for (origin, expected) in [("https://evil.example.org", 403), (own, 200)] {
        let headers = [
            ("x-device-id", "lobby"),
            ("authorization", &*bearer),
            ("origin", origin),
        ];
        let (status, _) = community
            .server
            .post("/api/mqtt/call", &headers, &body)
            .await;
        assert_eq!(status, expected, "{origin}");
    }
    let url = format!("{own}/mqtt");
    let opening = community
        .server
        .client
        .get(url)
        .header("origin", "https://evil.example.org");
    assert_eq!(opening.send().await.unwrap().status(), 403);
}

/// What SUBACK says to one filter.
fn subscribes(community: &Community, user: &str, password: &str, filter: &str) -> bool {
    let mut asking = mosquitto("mosquitto_sub", community, user, password);
    let output = asking.args(["-d", "-E", "-t", filter]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let answer = said
        .lines()
        .find_map(|line| line.strip_prefix("Subscribed (mid: 1): "));
    match answer.unwrap_or_else(|| panic!("{filter}: {said}")) {
        "128" => false,
        granted => ["0", "1"].contains(&granted),
    }
}

#[tokio::test]
async fn every_filter_of_every_principal_is_checked() {
    let community = Community::start().await;
    let (mum, lobby) = (&community.mum, &community.lobby);
    let own = format!("users/{}/calls/incoming", mum.resident_id);
    let foreign = format!("users/{}/calls/incoming", community.dad.resident_id);
    let at_phone = [
        ("mqtt_call/incoming", true),
        ("mqtt_call/controller/resident", true),
        ("mqtt_call/system", true),
        (&own, true),
        ("mqtt_call/controller/device", false),
        ("mqtt_call/+", false),
        ("devices/lobby/calls/control", false),
        (&foreign, false),
        ("#", false),
    ];
    let at_door = [
        ("mqtt_call/controller/device", true),
        ("mqtt_call/system", true),
        ("devices/lobby/calls/control", true),
        ("devices/garage/calls/control", false),
        ("devices/+/calls/control", false),
        ("mqtt_call/incoming", false),
        (&own, false),
        ("$SYS/#", false),
    ];

    for (filter, allowed) in at_phone {
        let granted = subscribes(&community, &mum.resident_id, &mum.token, filter);
        assert_eq!(granted, allowed, "phone: {filter}");
    }
    for (filter, allowed) in at_door {
        let granted = subscribes(&community, &lobby.device_id, &lobby.secret, filter);
        assert_eq!(granted, allowed, "door: {filter}");
    }
}

#[tokio::test]
async fn a_will_on_a_foreign_topic_is_refused_and_nothing_is_retained() {
    let community = Community::start().await;
    let mum = &community.mum;
    let door = community.door().await;
    let mut phone = community.phone(mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut phone).await;
    let answer = json!({"action": "answered", "call_id": call}).to_string();
    let topic = "mqtt_call/controller/resident";

    for will in [
        "mqtt_call/incoming",
        "mqtt_call/controller/device",
        "anything",
    ] {
        let mut willing = mosquitto("mosquitto_sub", &community, &mum.resident_id, &mum.token);
        let connected = willing
            .args([
                "-E",
                "-t",
                topic,
                "--will-topic",
                will,
                "--will-payload",
                "x",
            ])
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(!connected.success(), "{will}");
    }
    let mut retaining = mosquitto("mosquitto_pub", &community, &mum.resident_id, &mum.token);
    let published = retaining
        .args(["-r", "-t", topic, "-m", &answer])
        .status()
        .unwrap();

    assert!(published.success());
    assert_eq!(phone.session(&call).await.ok().unwrap().status, "ringing");
}

#[tokio::test]
async fn a_phone_that_lost_gets_nothing_from_the_session_by_which_it_could_pass_for_the_winner() {
    let community = Community::start().await;
    let door = community.door().await;
    let winner = community.phone(&community.mum, "mum-1").await;
    let other = community.sign_in("mum").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    winner
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    let path = format!("/api/mqtt/session?call_id={call}");

    let (_, lost) = community.server.get(&path, &other.token).await;
    let (_, won) = community.server.get(&path, &community.mum.token).await;

    assert_eq!(
        (&lost["data"]["status"], &lost["data"]["tencen_rtc"]),
        (&json!("answered"), &Value::Null)
    );
    assert!(won["data"]["tencen_rtc"].is_object(), "{won}");
}
