//! What is not about calls: devices' status and operators' messages.

use serde_json::{Value, json};
use sim::{PhoneMessage, SystemMessage};

use crate::community::{Community, HOUSEHOLD, SOON, incoming};

#[tokio::test]
async fn a11_a_doors_status_is_kept_and_told_to_no_other_door() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let bearer = format!("Bearer {}", community.garage.secret);
    let garage = [("x-device-id", "garage"), ("authorization", &*bearer)];
    let status = json!({"device_id": "garage", "status": {"online": true, "timestamp": 42}});
    let path = "/api/mqtt/device/status";

    let (code, reply) = community.server.post(path, &garage, &status).await;
    assert_eq!((code, &reply["code"]), (200, &json!(200)), "{reply}");
    let foreign = json!({"device_id": "lobby", "status": {"online": false}});
    assert_eq!(community.server.post(path, &garage, &foreign).await.0, 404);
    let vague = json!({"device_id": "garage", "status": {"online": "yes"}});
    let (code, reply) = community.server.post(path, &garage, &vague).await;
    assert_eq!(
        (code, &reply["message"]),
        (400, &json!("字段 online 必须是布尔值"))
    );

    let (_, shown) = community
        .server
        .get("/v1/devices/garage", &community.operator)
        .await;
    assert_eq!(
        (&shown["status"]["online"], &shown["status"]["device_time"]),
        (&json!(true), &json!(42))
    );
    // Whatever the lobby's door had heard would come before its own call.
    door.press(HOUSEHOLD).await.ok().unwrap();
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");
}

async fn send(community: &Community, body: &Value) -> (u16, Value) {
    let bearer = format!("Bearer {}", community.operator);
    let path = "/api/mqtt/system/message";
    community
        .server
        .post(path, &[("authorization", &bearer)], body)
        .await
}

async fn system(phone: &mut sim::Phone) -> SystemMessage {
    match phone.next(SOON).await.unwrap() {
        PhoneMessage::System(system) => system,
        PhoneMessage::Control(other) => panic!("heard {other:?}"),
        PhoneMessage::Incoming(_) => panic!("heard an offer"),
    }
}

#[tokio::test]
async fn a_system_message_reaches_everyone_or_only_its_targets() {
    let community = Community::start().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut neighbour = community.phone(&community.neighbour, "n-1").await;
    let for_mum = json!({
        "type": "parcel", "level": "info", "message": "包裹已到", "data": {"shelf": 3},
        "target": [community.mum.resident_id],
    });
    let for_all =
        json!({"type": "maintenance", "level": "warning", "message": "22:00", "target": []});

    let (status, reply) = send(&community, &for_mum).await;
    assert_eq!(status, 200, "{reply}");
    assert_eq!(send(&community, &for_all).await.0, 200);

    let parcel = system(&mut mum).await;
    assert_eq!((&*parcel.kind, &*parcel.message), ("parcel", "包裹已到"));
    assert_eq!(parcel.data, json!({"shelf": 3}));
    assert_eq!(system(&mut mum).await.kind, "maintenance");
    assert_eq!(system(&mut neighbour).await.kind, "maintenance");
}

#[tokio::test]
async fn a_system_message_is_the_operators_and_its_level_is_checked() {
    let community = Community::start().await;
    let loud = json!({"type": "x", "level": "loud", "message": "x"});
    let lost = json!({"type": "x", "level": "info", "message": "x", "target": ["nobody"]});
    let old = json!({"type": "x", "level": "info", "message": "x", "timestamp": 1_000});
    let bearer = format!("Bearer {}", community.mum.token);
    let path = "/api/mqtt/system/message";

    let (status, reply) = send(&community, &loud).await;
    assert_eq!(
        (status, &reply["message"]),
        (
            400,
            &json!("字段 level 的值无效，可用值：info、warning、error")
        )
    );
    let (status, reply) = send(&community, &lost).await;
    assert_eq!(
        (status, &reply["message"]),
        (404, &json!("字段 target 中的 nobody 不存在"))
    );
    assert_eq!(send(&community, &old).await.0, 400);
    let by_mum = community
        .server
        .post(path, &[("authorization", &bearer)], &lost)
        .await;
    assert_eq!(by_mum.0, 401);
}

#[tokio::test]
async fn a_phones_stale_timestamp_is_a_replay_and_a_doors_is_only_noted() {
    let community = Community::start().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;
    let lobby = format!("Bearer {}", community.lobby.secret);
    let door = [("x-device-id", "lobby"), ("authorization", &*lobby)];
    let press = json!({"device_device_id": "lobby", "household_number": HOUSEHOLD, "timestamp": 0});
    let (status, pressed) = community.server.post("/api/mqtt/call", &door, &press).await;
    assert_eq!(status, 200, "{pressed}");
    let call = incoming(&mut phone).await.call_id;

    let bearer = format!("Bearer {}", community.mum.token);
    let stale = json!({"action": "answered", "call_id": call, "timestamp": 1_746_870_072_136_i64});
    let path = "/api/mqtt/controller/resident";
    let (status, reply) = community
        .server
        .post(path, &[("authorization", &bearer)], &stale)
        .await;

    assert_eq!(
        (status, &reply["message"]),
        (400, &json!("字段 timestamp 与服务器时间相差过大"))
    );
    assert_eq!(phone.session(&call).await.ok().unwrap().status, "ringing");
}
