//! S1 calls, unchanged; and what a resident's phones share there.

use serde_json::{Value, json};
use sim::{PhoneLogin, register};

use crate::external::estate::{Estate, after_offers};
use crate::push::{offer, synced, told};

#[tokio::test]
async fn a_call_rings_is_answered_and_ends_over_another_broker() {
    let estate = Estate::start().await;
    let mut gate = estate.gate().await;
    let mut mum = estate.phone("mum", "mum_android_1").await;
    let mut dad = estate.phone("dad", "dad_ios_1").await;

    let pressed = estate.press(&gate).await;
    let call = pressed["call_id"].as_str().unwrap();
    let ringing = gate.ear.next().await;
    let offered = offer(&mut mum).await;
    assert_eq!(offer(&mut dad).await["call_id"], call);
    let won = mum.act(call, "accepted").await.ok().unwrap();
    let lost = dad.act(call, "accepted").await.ok().unwrap();

    assert_eq!(ringing.topic, "devices/gate/calls/control");
    assert_eq!(ringing.said["action"], "ringing");
    assert_eq!(offered["call_id"], call);
    let room = &offered["room_info"];
    assert_eq!(room["room_id"], pressed["tencen_rtc"]["room_id"]);
    assert_eq!(won.data["tencen_rtc"]["user_id"], room["user_id"]);
    assert_eq!(
        (lost.http_status, &lost.data["status"]),
        (409, &json!("answered"))
    );
    let sync = synced(&mut mum).await;
    assert_eq!(
        (&sync["action"], &sync["device_id"]),
        (&json!("accepted"), &json!("mum_android_1"))
    );
    let elsewhere = told(&mut dad).await;
    assert_eq!(elsewhere["action"], "answered_elsewhere");
    assert_eq!(elsewhere["device_id"], "mum_android_1");
    assert_eq!(gate.ear.next().await.said["action"], "accepted");

    mum.act(call, "hangup").await.ok().unwrap();

    assert_eq!(told(&mut mum).await["action"], "hangup");
    assert_eq!(gate.ear.next().await.said["action"], "hangup");
    assert_eq!(estate.community.records().await[0]["outcome"], "answered");
}

#[tokio::test]
async fn all_phones_of_a_resident_hear_which_one_answered_and_share_one_name_in_the_room() {
    let estate = Estate::start().await;
    let gate = estate.gate().await;
    let mut first = estate.phone("mum", "mum_android_1").await;
    let mut second = estate.phone("mum", "mum_ios_2").await;

    let call = estate.press(&gate).await["call_id"].clone();
    let call = call.as_str().unwrap();
    let offers = [offer(&mut first).await, offer(&mut second).await];
    second.act(call, "accepted").await.ok().unwrap();

    assert_eq!(offers[0]["room_info"], offers[1]["room_info"]);
    for phone in [&mut first, &mut second] {
        assert_eq!(synced(phone).await["device_id"], "mum_ios_2");
    }
    let other = first.act(call, "hangup").await.ok().unwrap();
    assert_eq!(other.http_status, 409, "{}", other.message);
}

#[tokio::test]
async fn a_declined_call_is_synced_and_a_cancelled_one_cancelled() {
    let estate = Estate::start().await;
    let gate = estate.gate().await;
    let mut mum = estate.phone("mum", "mum_android_1").await;
    let mut dad = estate.phone("dad", "dad_ios_1").await;
    let call = estate.press(&gate).await["call_id"].clone();
    offer(&mut mum).await;
    offer(&mut dad).await;

    mum.act(call.as_str().unwrap(), "rejected")
        .await
        .ok()
        .unwrap();
    assert_eq!(synced(&mut mum).await["action"], "rejected");
    let body = json!({"call_id": call, "action": "cancelled"});
    let (status, _) = estate
        .as_gate(&gate, "/api/mqtt/calls/caller-action", &body)
        .await;

    assert_eq!(status, 200);
    assert_eq!(told(&mut dad).await["action"], "cancelled");
}

#[tokio::test]
async fn what_a_door_publishes_on_its_own_topic_is_done_even_if_the_server_was_away() {
    let mut estate = Estate::start().await;
    let gate = estate.gate().await;
    let mut mum = estate.phone("mum", "mum_android_1").await;
    let call = estate.press(&gate).await["call_id"].clone();
    offer(&mut mum).await;
    let topic = gate.shown["topics"]["call_action"].as_str().unwrap();
    let body = json!({"call_id": call, "action": "cancelled", "reason": "went away"});

    estate.community.server.kill();
    let mut publish = estate.tool("mosquitto_pub", &gate.shown);
    publish.args(["-t", topic, "-m", &body.to_string()]);
    assert!(publish.status().unwrap().success());
    estate.restart_server();

    assert_eq!(after_offers(&mut mum).await["action"], "cancelled");
    let records = estate.community.records().await;
    assert_eq!(records[0]["outcome"], "caller_cancelled");
}

#[tokio::test]
async fn an_offer_expires_with_the_ringing_and_what_follows_it_not_before() {
    let estate = Estate::with(&[("CALLS__RING_S", "90")]).await;
    let gate = estate.gate().await;
    let (_, registration) = estate.register("mum", "mum_android_1").await;
    let topics = &registration.topics;
    let mut ear = estate
        .ear(
            &registration,
            &[&topics.incoming_calls, &topics.call_control],
        )
        .await;

    let call = estate.press(&gate).await["call_id"].clone();
    let offered = ear.next().await;
    let (dad, _) = estate.register("dad", "dad_ios_1").await;
    let body = json!({"call_id": call, "action": "accepted"});
    estate
        .as_resident(&dad, "/api/mqtt/calls/callee-action", &body)
        .await;
    let elsewhere = ear.next().await;

    assert_eq!(offered.said["call_id"], call);
    assert!((31..=90).contains(&offered.left), "{}", offered.left);
    assert_eq!(elsewhere.said["action"], "answered_elsewhere");
    assert!((90..=180).contains(&elsewhere.left), "{}", elsewhere.left);
}

#[tokio::test]
async fn only_the_phone_that_answered_gets_into_the_room_under_the_name_they_share() {
    let estate = Estate::start().await;
    let gate = estate.gate().await;
    let (first, _) = estate.register("mum", "mum_1").await;
    let (second, _) = estate.register("mum", "mum_2").await;
    let call = estate.press(&gate).await["call_id"].clone();
    let path = format!("/api/mqtt/session?call_id={}", call.as_str().unwrap());
    let server = &estate.community.server;
    let rtc = async |login: &PhoneLogin| {
        let (_, session) = server.get(&path, &login.token).await;
        session["data"]["tencen_rtc"]["user_id"].clone()
    };
    let rings = [rtc(&first).await, rtc(&second).await];

    let body = json!({"call_id": call, "action": "accepted"});
    let accept = "/api/mqtt/calls/callee-action";
    assert_eq!(estate.as_resident(&second, accept, &body).await.0, 200);

    assert_eq!(rings[0], rings[1]);
    assert_eq!(
        (rtc(&first).await, rtc(&second).await),
        (Value::Null, rings[1].clone())
    );
}

#[tokio::test]
async fn a_phone_that_registers_in_mid_call_can_still_hang_up() {
    let estate = Estate::start().await;
    let gate = estate.gate().await;
    let login = estate.community.sign_in("mum").await;
    let call = estate.press(&gate).await["call_id"].clone();
    let act = async |action: &str| {
        let body = json!({"call_id": call, "action": action});
        let path = "/api/mqtt/calls/callee-action";
        estate.as_resident(&login, path, &body).await.0
    };
    assert_eq!(act("accepted").await, 200);

    let server = estate.community.server.address();
    register(&server, &login, "mum_1").await.ok().unwrap();

    assert_eq!(act("accepted").await, 200);
    assert_eq!(act("hangup").await, 200);
}
