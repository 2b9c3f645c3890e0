//! A kill in the middle keeps everything.

use serde_json::json;

use super::scene::{Scene, system};

const QUICK: [(&str, &str); 3] = [
    ("ALARMS__GUARD_S", "1"),
    ("ALARMS__CENTRE_S", "1"),
    ("ALARMS__OUTSIDE_S", "2"),
];

#[tokio::test]
async fn an_alarm_escalates_on_after_a_kill_and_the_phone_is_told_again() {
    let mut scene = Scene::with(&QUICK).await;
    scene.arm("away").await;
    let id = scene.raise(1).await;

    scene.kill_and_restart();
    let mut mum = scene.community.phone(&scene.community.mum, "mum-1").await;

    assert_eq!(system(&mut mum).await.data["alarm_id"], json!(id));
    scene.told(&id, "outside").await;
}

#[tokio::test]
async fn an_entry_delay_that_began_before_a_kill_still_ends_in_an_alarm() {
    let mut scene = Scene::start().await;
    scene.arm("away").await;
    assert_eq!(scene.trigger(2).await["result"], "waiting");

    scene.kill_and_restart();
    let mut mum = scene.community.phone(&scene.community.mum, "mum-1").await;

    assert_eq!(system(&mut mum).await.data["zone_name"], "door");
}

#[tokio::test]
async fn an_acknowledgement_survives_a_kill() {
    let mut scene = Scene::with(&QUICK).await;
    scene.arm("away").await;
    let id = scene.raise(1).await;
    scene.act(&id, "acknowledge", json!({"going": "ben"})).await;

    scene.kill_and_restart();

    let alarm = scene.alarm(&id).await["alarm"].clone();
    assert_eq!(
        (&alarm["state"], &alarm["going"]),
        (&json!("acknowledged"), &json!("ben"))
    );
    assert_eq!(alarm["told"], json!(["household", "guard"]));
}
