//! What whoever runs the server relies on: health, counts, limits, a clean end.

use serde_json::json;
use sim::DoorAction;

use crate::community::{Community, HOUSEHOLD};
use crate::raw::{REFUSED, Raw, SignIn};
use crate::running::Running;

async fn text(server: &Running, path: &str) -> (u16, String) {
    let response = server
        .client
        .get(format!("{}{path}", server.http))
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_running_server_is_healthy_and_ready() {
    let server = Running::start();

    assert_eq!(text(&server, "/healthz").await, (200, "ok\n".into()));
    assert_eq!(text(&server, "/readyz").await, (200, "ready\n".into()));
}

#[tokio::test]
async fn metrics_count_calls_and_connections() {
    let community = Community::start().await;
    let door = community.door().await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    door.control(&call, DoorAction::Cancelled, None)
        .await
        .ok()
        .unwrap();

    let (status, shown) = text(&community.server, "/metrics").await;

    assert_eq!(status, 200);
    for line in [
        "koumen_calls_begun_total 1",
        "koumen_calls_ended_total{outcome=\"caller_cancelled\"} 1",
        "koumen_mqtt_connections 1",
        "koumen_http_seconds_count{route=\"/api/mqtt/call\",status=\"200\"} 1",
    ] {
        assert!(shown.contains(line), "no `{line}` in\n{shown}");
    }
}

#[tokio::test]
async fn metrics_count_what_mqtt_clients_were_denied_and_how_they_ended() {
    let community = Community::start().await;
    let address = community.server.address();
    let right = SignIn {
        client: "panel",
        user: "lobby",
        password: &community.lobby.secret,
        will: None,
    };
    let wrong = SignIn {
        password: "wrong",
        ..right
    };
    let ghost = SignIn {
        will: Some("elsewhere"),
        ..right
    };
    let unfit = SignIn {
        client: "panel\0",
        ..right
    };

    assert_eq!(Raw::open(&address, wrong).await.1, 4);
    assert_eq!(Raw::open(&address, ghost).await.1, 5);
    assert_eq!(Raw::open(&address, unfit).await.1, 2);
    let (mut first, _) = Raw::open(&address, right).await;
    assert_eq!(first.subscribe("#").await, REFUSED);
    first.publish("elsewhere", "").await;
    let (_second, _) = Raw::open(&address, right).await;
    first.closed().await;

    let (_, shown) = text(&community.server, "/metrics").await;
    for line in [
        "koumen_mqtt_refused_connects_total{reason=\"unknown_secret\"} 1",
        "koumen_mqtt_refused_connects_total{reason=\"will\"} 1",
        "koumen_mqtt_refused_connects_total{reason=\"client_id\"} 1",
        "koumen_mqtt_denied_total{event=\"will_refused\"} 1",
        "koumen_mqtt_denied_total{event=\"subscribe_refused\"} 1",
        "koumen_mqtt_denied_total{event=\"publish_refused\"} 1",
        "koumen_mqtt_disconnects_total{reason=\"taken_over\"} 1",
    ] {
        assert!(shown.contains(line), "no `{line}` in\n{shown}");
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_so() {
    let limits = [
        ("LIMITS__CALLS_PER_MIN", "2"),
        ("LIMITS__LOGINS_PER_MIN", "5"),
    ];
    let community = Community::on(Running::with(&limits)).await;
    let bearer = format!("Bearer {}", community.lobby.secret);
    let headers = [("x-device-id", "lobby"), ("authorization", &*bearer)];
    let press = json!({"device_device_id": "lobby", "household_number": HOUSEHOLD});

    for _ in 0..2 {
        assert_eq!(
            community
                .server
                .post("/api/mqtt/call", &headers, &press)
                .await
                .0,
            200
        );
    }
    let (status, reply) = community
        .server
        .post("/api/mqtt/call", &headers, &press)
        .await;
    assert_eq!((status, &reply["code"]), (429, &json!(429)), "{reply}");

    let guess = json!({"name": "mum", "password": "wrong horse"});
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(community.server.post("/v1/login", &[], &guess).await.0);
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 401).count(),
        4,
        "{statuses:?}"
    );
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

#[tokio::test]
async fn a_stopped_server_leaves_everything_in_its_database() {
    let mut community = Community::start().await;
    let door = community.door().await;
    door.press(HOUSEHOLD).await.ok().unwrap();

    community.server.stop();

    let folder = community.server.folder();
    let size = std::fs::metadata(folder.join("core.db")).unwrap().len();
    assert!(
        !folder.join("core.db-wal").exists() && size > 4096,
        "{size}"
    );
}
