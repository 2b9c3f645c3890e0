//! The household hears, takes on, and arms.

use serde_json::{Value, json};

use super::scene::{Scene, system};
use crate::push::{registered, told};

#[tokio::test]
async fn b11_an_alarm_is_kept_heard_at_home_and_escalates_until_a_person_acknowledges() {
    let settings = [
        ("ALARMS__CENTRE_S", "1"),
        ("ALARMS__GUARD_S", "1"),
        ("ALARMS__OUTSIDE_S", "2"),
    ];
    let scene = Scene::with(&settings).await;
    let mut mum = scene.community.phone(&scene.community.mum, "mum-1").await;
    scene.arm("away").await;

    let id = scene.raise(1).await;
    let heard = system(&mut mum).await;
    let far = scene.told(&id, "outside").await;
    let (status, taken) = scene.act(&id, "acknowledge", json!({"going": "ben"})).await;
    let over = system(&mut mum).await;

    assert_eq!((&*heard.kind, &*heard.level), ("alarm", "error"));
    assert_eq!(heard.message, "报警：1-101 window");
    assert_eq!(heard.data["alarm_id"], json!(id));
    assert_eq!(heard.data["state"], "raised");
    assert_eq!(
        far["told"],
        json!(["household", "guard", "centre", "outside"])
    );
    assert_eq!((status, &taken["state"]), (200, &json!("acknowledged")));
    assert_eq!(taken["deadline_at"], Value::Null);
    assert_eq!(
        (&*over.level, &over.data["going"]),
        ("warning", &json!("ben"))
    );
    let history = scene.alarm(&id).await["history"].clone();
    let events: Vec<&Value> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["event"])
        .collect();
    assert_eq!(
        events,
        ["raised", "told", "told", "told", "told", "acknowledged"]
    );
}

#[tokio::test]
async fn a_registered_phone_hears_on_its_own_topic_and_the_neighbour_hears_nothing() {
    let scene = Scene::start().await;
    let mut dad = registered(&scene.community, "dad", "dad_android_1").await;
    let mut neighbour = registered(&scene.community, "neighbour", "n_android_1").await;
    scene.arm("away").await;

    let id = scene.raise(1).await;
    let heard = told(&mut dad).await;

    assert_eq!(heard["action"], "alarm");
    assert_eq!(
        (&heard["alarm_id"], &heard["state"]),
        (&json!(id), &json!("raised"))
    );
    assert_eq!(heard["household_number"], "1-101");
    assert_eq!(
        (&heard["zone"], &heard["zone_name"]),
        (&json!(1), &json!("window"))
    );
    // Whatever the neighbour had heard would come before the own alarm.
    let flats = scene.ask("GET", "/v1/flats", Value::Null).await.1;
    let other = &flats["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|flat| flat["number"] == "1-102")
        .unwrap()["id"];
    let other = other.as_str().unwrap();
    scene.set_zones(other, &super::scene::zones()).await;
    scene
        .ask(
            "PUT",
            &format!("/v1/flats/{other}/arming"),
            json!({"mode": "away"}),
        )
        .await;
    scene
        .ask(
            "POST",
            &format!("/v1/flats/{other}/zones/1/trigger"),
            Value::Null,
        )
        .await;
    assert_eq!(told(&mut neighbour).await["household_number"], "1-102");
}

#[tokio::test]
async fn a_phone_that_comes_back_is_told_again_and_one_that_is_late_learns_the_end() {
    let scene = Scene::start().await;
    scene.arm("away").await;
    let id = scene.raise(1).await;

    let mut mum = scene.community.phone(&scene.community.mum, "mum-1").await;
    assert_eq!(system(&mut mum).await.data["state"], "raised");
    drop(mum);
    let mut again = scene.community.phone(&scene.community.mum, "mum-1").await;
    assert_eq!(system(&mut again).await.data["alarm_id"], json!(id));
    scene.act(&id, "acknowledge", json!({"going": "ben"})).await;
    scene
        .act(&id, "resolve", json!({"outcome": "false_alarm"}))
        .await;

    assert_eq!(system(&mut again).await.data["state"], "acknowledged");
    assert_eq!(system(&mut again).await.data["state"], "over");
}

#[tokio::test]
async fn residents_arm_see_and_acknowledge_what_is_their_own() {
    let scene = Scene::start().await;
    let (mum, stranger) = (&scene.community.mum.token, &scene.community.neighbour.token);

    let (status, armed) = scene
        .ask_as(mum, "PUT", "/api/mqtt/arming", json!({"mode": "away"}))
        .await;
    let id = scene.raise(1).await;
    let (_, seen) = scene
        .ask_as(mum, "GET", "/api/mqtt/alarms", Value::Null)
        .await;
    let (_, others) = scene
        .ask_as(stranger, "GET", "/api/mqtt/alarms", Value::Null)
        .await;
    let take = json!({"alarm_id": id, "going": "mum"});
    let path = "/api/mqtt/alarms/acknowledge";
    let foreign = scene.ask_as(stranger, "POST", path, take.clone()).await;
    let (taken, reply) = scene.ask_as(mum, "POST", path, take.clone()).await;
    let (late, _) = scene
        .ask_as(&scene.community.dad.token, "POST", path, take)
        .await;

    assert_eq!(
        (status, &armed["code"], &armed["data"]["mode"]),
        (200, &json!(0), &json!("away"))
    );
    assert_eq!(seen["data"]["alarms"][0]["alarm_id"], json!(id));
    assert_eq!(others["data"], json!({"mode": "disarmed", "alarms": []}));
    assert_eq!(foreign.0, 404);
    assert_eq!(
        (taken, &reply["data"]["state"]),
        (200, &json!("acknowledged"))
    );
    assert_eq!(late, 409);
    let (bad, message) = scene
        .ask_as(mum, "PUT", "/api/mqtt/arming", json!({"mode": "out"}))
        .await;
    assert_eq!(
        (bad, message["message"].as_str().unwrap().contains("mode")),
        (400, true)
    );
    let old = json!({"mode": "disarmed", "timestamp": 1_000});
    assert_eq!(
        scene.ask_as(mum, "PUT", "/api/mqtt/arming", old).await.0,
        400
    );
}

#[tokio::test]
async fn disarming_in_time_cancels_an_entry_and_forgetting_it_raises_the_alarm() {
    let scene = Scene::start().await;
    let mut mum = scene.community.phone(&scene.community.mum, "mum-1").await;
    scene.arm("away").await;

    assert_eq!(scene.trigger(2).await["result"], "waiting");
    scene.arm("disarmed").await;
    assert_eq!(scene.trigger(2).await["result"], "not_armed");
    scene.arm("away").await;
    assert_eq!(scene.trigger(2).await["result"], "waiting");

    assert_eq!(system(&mut mum).await.data["zone_name"], "door");
    let (_, all) = scene.ask("GET", "/v1/alarms", Value::Null).await;
    assert_eq!(all["alarms"].as_array().unwrap().len(), 1);
}
