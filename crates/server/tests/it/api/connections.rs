//! Live connections: the list, traffic, who may see and close them.

use serde_json::{Value, json};
use sim::ServerAddress;

use super::console::Console;
use crate::community::HOUSEHOLD;
use crate::push::registered;
use crate::raw::{Raw, SignIn};

const RESIDENT: &str = "mqtt_call/controller/resident";

#[tokio::test]
async fn the_list_shows_a_door_a_phone_and_a_registered_client() {
    let console = Console::start().await;
    let community = &console.community;
    let _door = community.door().await;
    let _phone = community.phone(&community.dad, "dad-1").await;
    let _client = registered(community, "mum", "mum_android_1").await;

    let found = list(&console, "").await;

    let shown: Vec<_> = found.iter().map(who).collect();
    let (dad, mum) = (&community.dad.resident_id, &community.mum.resident_id);
    let expected = json!([
        ["door", "lobby", null, "lobby", 1],
        ["resident", null, dad, "dad-1", 3],
        ["client", null, mum, "mum_android_1", 3],
    ]);
    assert_eq!(json!(shown), expected);
    for one in &found {
        assert_eq!(one["community"], json!(console.home().await));
        assert_eq!(
            (&one["protocol"], &one["session_lasts"]),
            (&json!("3.1.1"), &json!(false))
        );
        assert_eq!(one["received_messages"], 0);
    }
    let (status, shown) = console.ask("GET", &path(&found[0]), Value::Null).await;
    assert_eq!((status, &shown), (200, &found[0]));
}

#[tokio::test]
async fn the_list_is_filtered_and_walked() {
    let console = Console::start().await;
    let community = &console.community;
    let _door = community.door().await;
    let _first = community.phone(&community.mum, "phone").await;
    let _second = community.phone(&community.dad, "phone").await;
    let home = console.home().await;
    let mum = &community.mum.resident_id;
    let cases = [
        ("device=lobby".to_owned(), 1),
        ("device=garage".to_owned(), 0),
        (format!("resident={mum}"), 1),
        ("client=phone".to_owned(), 2),
        (format!("resident={mum}&client=tablet"), 0),
        (format!("community={home}"), 3),
        ("community=none".to_owned(), 0),
    ];

    for (filter, count) in cases {
        assert_eq!(list(&console, &filter).await.len(), count, "{filter}");
    }
    let (_, page) = console
        .ask("GET", "/v1/connections?limit=2", Value::Null)
        .await;
    let next = page["next"].as_str().unwrap();
    let rest = list(&console, &format!("after={next}")).await;
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0]["resident"], json!(community.dad.resident_id));
    for bad in ["after=x", "limit=0", "device=lobby&resident=x"] {
        let path = format!("/v1/connections?{bad}");
        let (status, _) = console.ask("GET", &path, Value::Null).await;
        assert_eq!(status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_connection_shows_its_peer_and_counts_what_is_published_and_delivered() {
    let console = Console::start().await;
    let community = &console.community;
    let door = community.door().await;
    let (mut phone, _) = Raw::open(&address(&console), mum(&console)).await;

    phone.publish(RESIDENT, "{}").await;
    phone.publish("elsewhere", "abc").await;
    phone.subscribe("mqtt_call/incoming").await;
    door.press(HOUSEHOLD).await.ok().unwrap();
    let heard_bytes = phone.heard().await;
    let found = list(&console, "client=raw").await.remove(0);

    assert_eq!(found["peer_address"], json!(phone.address()));
    assert_eq!(found["received_messages"], 2);
    let bytes = RESIDENT.len() + "{}".len() + "elsewhere".len() + "abc".len();
    assert_eq!(found["received_bytes"], bytes);
    assert_eq!(found["delivered_messages"], 1);
    assert_eq!(found["delivered_bytes"], heard_bytes);
    assert_eq!(
        (&found["in_flight"], &found["subscriptions"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&found["queued_messages"], &found["queued_bytes"]),
        (&json!(0), &json!(0))
    );
}

#[tokio::test]
async fn a_kick_closes_the_connection_and_no_other() {
    let console = Console::start().await;
    let _door = console.community.door().await;
    let (phone, _) = Raw::open(&address(&console), mum(&console)).await;
    let found = list(&console, "client=raw").await.remove(0);

    let (status, _) = console.ask("DELETE", &path(&found), Value::Null).await;
    phone.closed().await;

    assert_eq!(status, 204);
    for method in ["GET", "DELETE"] {
        let (status, _) = console.ask(method, &path(&found), Value::Null).await;
        assert_eq!(status, 404, "{method}");
    }
    assert_eq!(list(&console, "").await.len(), 1);
    let (_again, code) = Raw::open(&address(&console), mum(&console)).await;
    assert_eq!(code, 0);
}

#[tokio::test]
async fn only_who_sees_the_community_sees_its_connections_and_managers_close_them() {
    let console = Console::start().await;
    let community = &console.community;
    let other = console
        .add("/v1/communities", json!({"name": "Other"}))
        .await;
    let role =
        |community: &Value, role: &str| json!({"roles": [{"community": community, "role": role}]});
    let home = json!(console.home().await);
    let stranger = console.hire("otto", role(&other["id"], "manager")).await;
    let viewer = console.hire("vera", role(&home, "viewer")).await;
    let manager = console.hire("max", role(&home, "manager")).await;
    let _door = community.door().await;
    let _phone = community.phone(&community.mum, "mum-1").await;

    for one in list(&console, "").await {
        for (token, shown, closed) in [
            (&stranger, 404, 404),
            (&viewer, 200, 403),
            (&manager, 200, 204),
        ] {
            let (status, _) = console.ask_as(token, "GET", &path(&one), Value::Null).await;
            assert_eq!(status, shown);
            let (status, _) = console
                .ask_as(token, "DELETE", &path(&one), Value::Null)
                .await;
            assert_eq!(status, closed);
        }
    }
    let _garage = sim::Door::connect(&address(&console), &community.garage)
        .await
        .unwrap();
    let _phone = community.phone(&community.dad, "dad-1").await;
    for (token, count) in [(&stranger, 0), (&viewer, 2), (&manager, 2)] {
        let asked = console.ask_as(token, "GET", "/v1/connections", Value::Null);
        let (_, page) = asked.await;
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{page}");
    }
}

async fn list(console: &Console, filter: &str) -> Vec<Value> {
    let path = format!("/v1/connections?{filter}");
    let (status, page) = console.ask("GET", &path, Value::Null).await;
    assert_eq!(status, 200, "{path}: {page}");
    page["items"].as_array().unwrap().clone()
}

fn who(one: &Value) -> Value {
    let fields = ["kind", "device", "resident", "client_id", "subscriptions"];
    json!(fields.map(|field| &one[field]))
}

fn path(one: &Value) -> String {
    format!("/v1/connections/{}", one["id"].as_str().unwrap())
}

fn address(console: &Console) -> ServerAddress {
    console.community.server.address()
}

fn mum(console: &Console) -> SignIn<'_> {
    let mum = &console.community.mum;
    SignIn {
        client: "raw",
        user: &mum.resident_id,
        password: &mum.token,
        will: None,
    }
}
