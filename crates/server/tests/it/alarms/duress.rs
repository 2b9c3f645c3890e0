//! Duress: nothing at home, straight to the centre.

use serde_json::{Value, json};

use super::scene::{Scene, system};
use crate::push::{registered, told};

#[tokio::test]
async fn duress_never_reaches_the_flats_phones_and_goes_straight_to_the_centre() {
    let scene = Scene::start().await;
    let mut mum = scene.community.phone(&scene.community.mum, "mum-1").await;
    let mut dad = registered(&scene.community, "dad", "dad_android_1").await;
    let guard = scene.hire("gus", "guard").await;
    let manager = scene.hire("mia", "manager").await;

    let id = scene.raise(3).await;

    let path = format!("/v1/alarms/{id}");
    let (status, seen) = scene.ask_as(&manager, "GET", &path, Value::Null).await;
    assert_eq!((status, &seen["alarm"]["told"]), (200, &json!(["centre"])));
    assert_eq!(scene.ask_as(&guard, "GET", &path, Value::Null).await.0, 404);
    let (_, listed) = scene.ask_as(&guard, "GET", "/v1/alarms", Value::Null).await;
    assert_eq!(listed["alarms"], json!([]));
    let take = json!({"alarm_id": id, "going": "nobody"});
    let mum_token = &scene.community.mum.token;
    let route = "/api/mqtt/alarms/acknowledge";
    assert_eq!(scene.ask_as(mum_token, "POST", route, take).await.0, 404);
    let (_, own) = scene
        .ask_as(mum_token, "GET", "/api/mqtt/alarms", Value::Null)
        .await;
    assert_eq!(own["data"]["alarms"], json!([]));
    scene
        .act(&id, "acknowledge", json!({"going": "the police"}))
        .await;
    // Whatever the phones had heard of it would come before the next alarm.
    scene.arm("away").await;
    scene.raise(1).await;
    assert_eq!(system(&mut mum).await.data["zone_name"], "window");
    assert_eq!(told(&mut dad).await["zone_name"], "window");
}
