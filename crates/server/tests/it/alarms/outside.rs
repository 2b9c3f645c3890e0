//! What is said to addresses outside.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::scene::Scene;

const SOON_OUTSIDE: [(&str, &str); 4] = [
    ("ALARMS__GUARD_S", "1"),
    ("ALARMS__CENTRE_S", "1"),
    ("ALARMS__OUTSIDE_S", "1"),
    ("ALARMS__AGAIN_S", "1"),
];

#[tokio::test]
async fn nobody_acknowledges_and_the_address_outside_hears_it_signed_and_again_until_somebody_does()
{
    let scene = Scene::with(&SOON_OUTSIDE).await;
    let mut receiver = Receiver::start(StatusCode::NO_CONTENT).await;
    let hook = register(&scene, &receiver.url).await;
    let key = hook["key"].as_str().unwrap();
    scene.arm("away").await;

    let id = scene.raise(1).await;
    let first = receiver.next().await;
    let again = receiver.next().await;
    scene.act(&id, "acknowledge", json!({"going": "ben"})).await;
    let last = loop {
        let next = receiver.next().await;
        if next.body["alarm"]["state"] == "acknowledged" {
            break next;
        }
    };

    assert!([&first, &again, &last].iter().all(|one| one.is_signed(key)));
    assert!(!first.is_signed("kmwh_other"));
    assert_eq!(
        (&first.body["event"], &first.body["community"]),
        (&json!("alarm"), &json!(scene.home))
    );
    assert_eq!(
        (&first.body["alarm"]["id"], &first.body["alarm"]["level"]),
        (&json!(id), &json!("outside"))
    );
    assert_eq!(
        first.headers["koumen-delivery"].to_str().unwrap(),
        first.body["id"].as_str().unwrap()
    );
    assert!(
        again.body["alarm"]["again_count"].as_u64() >= Some(1),
        "{}",
        again.body
    );
    assert_eq!(
        (
            &last.body["alarm"]["acknowledged_by"],
            &last.body["alarm"]["going"]
        ),
        (&json!("operator"), &json!("ben"))
    );
}

#[tokio::test]
async fn a_delivery_that_was_owed_before_a_kill_is_made_after_it() {
    let mut scene = Scene::with(&SOON_OUTSIDE).await;
    let away = Receiver::start(StatusCode::SERVICE_UNAVAILABLE).await;
    let hook = register(&scene, &away.url).await;
    scene.arm("away").await;
    let id = scene.raise(1).await;
    scene.told(&id, "outside").await;
    scene.act(&id, "acknowledge", json!({"going": "ben"})).await;
    let mut receiver = Receiver::start(StatusCode::OK).await;

    scene.kill_and_restart();
    register(&scene, &receiver.url).await;
    scene
        .act(
            &id,
            "resolve",
            json!({"outcome": "resolved", "reason": "wind"}),
        )
        .await;

    let last = receiver.next().await;
    assert_eq!(last.body["alarm"]["state"], "resolved");
    let mut away = away;
    let mut repeated = away.next().await;
    while repeated.body["alarm"]["state"] != "resolved" {
        repeated = away.next().await;
    }
    assert!(repeated.is_signed(hook["key"].as_str().unwrap()));
}

#[tokio::test]
async fn an_address_is_tried_by_a_button_and_only_its_community_and_safe_addresses_are_taken() {
    let scene = Scene::start().await;
    let mut receiver = Receiver::start(StatusCode::OK).await;
    let broken = Receiver::start(StatusCode::INTERNAL_SERVER_ERROR).await;
    let hook = register(&scene, &receiver.url).await;
    let other = register(&scene, &broken.url).await;
    let viewer = scene.hire("vera", "viewer").await;
    let base = format!("/v1/communities/{}/webhooks", scene.home);
    let path = |hook: &Value, what: &str| format!("{base}/{}{what}", hook["id"].as_str().unwrap());

    let (status, tried) = scene.ask("POST", &path(&hook, "/test"), Value::Null).await;
    let (_, failed) = scene.ask("POST", &path(&other, "/test"), Value::Null).await;

    assert_eq!(
        (status, &tried),
        (200, &json!({"delivered": true, "problem": null}))
    );
    let heard = receiver.next().await;
    assert_eq!(heard.body["event"], "test");
    assert!(heard.is_signed(hook["key"].as_str().unwrap()));
    assert_eq!(failed["delivered"], json!(false));
    let elsewhere = receiver.url.replace("/in", "/elsewhere");
    let elsewhere = register(&scene, &elsewhere).await;
    let (_, sent_on) = scene
        .ask("POST", &path(&elsewhere, "/test"), Value::Null)
        .await;
    assert!(
        sent_on["problem"].as_str().unwrap().contains("307"),
        "{sent_on}"
    );
    for url in ["http://alarms.example.org/", "file:///etc/passwd", ""] {
        let refused = scene.ask("POST", &base, json!({"url": url})).await;
        assert_eq!(refused.0, 400, "{url}");
    }
    assert_eq!(
        scene.ask_as(&viewer, "GET", &base, Value::Null).await.0,
        403
    );
    let (_, listed) = scene.ask("GET", &base, Value::Null).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    assert!(listed["items"][0].get("key").is_none(), "{listed}");
    assert_eq!(
        scene.ask("DELETE", &path(&hook, ""), Value::Null).await.0,
        204
    );
    assert_eq!(
        scene.ask("DELETE", &path(&hook, ""), Value::Null).await.0,
        404
    );
}

async fn register(scene: &Scene, url: &str) -> Value {
    let path = format!("/v1/communities/{}/webhooks", scene.home);
    let (status, added) = scene.ask("POST", &path, json!({"url": url})).await;
    assert_eq!(status, 201, "{added}");
    added
}
