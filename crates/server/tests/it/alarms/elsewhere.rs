//! Alarms over a broker that is not ours.

use serde_json::json;

use super::scene::Scene;
use crate::external::ear::Ear;
use crate::external::estate::{Estate, GATE};
use crate::push::told;

#[tokio::test]
async fn phones_hear_on_their_own_topic_and_everybody_hears_nothing() {
    let estate = Estate::start().await;
    let mut mum = estate.phone("mum", "mum_android_1").await;
    let secret = estate.community.own_door(GATE).await;
    let shown = estate.door_credentials(GATE, &secret).await;
    let mut shared = estate.tool("mosquitto_sub", &shown);
    let mut shared = Ear::open(shared.args(["-t", "mqtt_call/system"])).await;
    let Estate { community, broker } = estate;
    let scene = Scene::on(community).await;
    scene.arm("away").await;

    let id = scene.raise(1).await;
    let heard = told(&mut mum).await;
    let all = json!({"type": "parcel", "level": "info", "message": "all"});
    let (status, sent) = scene.ask("POST", "/api/mqtt/system/message", all).await;
    let first = shared.next().await;

    assert_eq!(
        (&heard["action"], &heard["alarm_id"]),
        (&json!("alarm"), &json!(id))
    );
    assert_eq!(status, 200, "{sent}");
    assert_eq!(first.said["type"], "parcel");
    drop(broker);
}
