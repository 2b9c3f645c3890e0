//! Server and broker are killed in the middle; nobody waits for either.

use serde_json::json;

use crate::external::estate::{Estate, after_offers, credentials};
use crate::push::offer;

#[tokio::test]
async fn a_call_goes_on_when_the_server_was_killed() {
    let mut estate = Estate::start().await;
    let mut gate = estate.gate().await;
    let mut mum = estate.phone("mum", "mum_android_1").await;
    let mut dad = estate.phone("dad", "dad_ios_1").await;
    let call = estate.press(&gate).await["call_id"].clone();
    let call = call.as_str().unwrap();
    offer(&mut mum).await;
    offer(&mut dad).await;

    estate.community.server.kill();
    estate.restart_server();
    assert_eq!(offer(&mut mum).await["call_id"], call);
    let won = mum.act(call, "accepted").await.ok().unwrap();

    assert!(won.is_success(), "{}", won.message);
    assert_eq!(after_offers(&mut mum).await["action"], "accepted");
    assert_eq!(after_offers(&mut dad).await["action"], "answered_elsewhere");
    gate.ear.action("accepted").await;
}

#[tokio::test]
async fn a_call_goes_on_when_the_broker_was_killed() {
    let mut estate = Estate::start().await;
    let mut gate = estate.gate().await;
    let (login, registered) = estate.register("mum", "mum_android_1").await;
    let topics = &registered.topics;
    let own = [
        &*topics.incoming_calls,
        &topics.call_control,
        &topics.device_sync,
    ];
    let mut ear = estate.ear(&registered, &own).await;
    let before = estate.press(&gate).await["call_id"].clone();
    assert_eq!(ear.next().await.said["call_id"], before);

    estate.broker.kill();
    let body = json!({"call_id": before, "action": "accepted"});
    let (status, reply) = estate
        .as_resident(&login, "/api/mqtt/calls/callee-action", &body)
        .await;
    assert_eq!(status, 200, "{reply}");
    estate.broker.restart().await;

    assert_eq!(ear.action("accepted").await.said["call_id"], before);
    assert_eq!(gate.ear.action("accepted").await.said["call_id"], before);
    let (status, _) = estate
        .as_resident(
            &login,
            "/api/mqtt/calls/callee-action",
            &json!({"call_id": before, "action": "hangup"}),
        )
        .await;
    assert_eq!(status, 200);
    assert_eq!(gate.ear.action("hangup").await.said["call_id"], before);
}

/// A6: the first message after an outage must not hold up the whole service.
#[tokio::test]
async fn a6_presses_and_answers_do_not_wait_for_a_broker_that_is_away() {
    let mut estate = Estate::with(&[("CALLS__RING_S", "60")]).await;
    let gate = estate.gate().await;
    let (login, _) = estate.register("mum", "mum_android_1").await;
    estate.broker.kill();

    let mut last = serde_json::Value::Null;
    for _ in 0..20 {
        last = estate.press(&gate).await["call_id"].clone();
        let body = json!({"call_id": last, "action": "cancelled"});
        let path = "/api/mqtt/calls/caller-action";
        assert_eq!(estate.as_gate(&gate, path, &body).await.0, 200);
    }
    let (_, later) = estate.register("dad", "dad_ios_1").await;
    let rings = estate.press(&gate).await["call_id"].clone();
    estate.broker.restart().await;

    let topic = &later.topics.incoming_calls;
    estate.until(true, &credentials(&later), topic).await;
    let mut ear = estate.ear(&later, &[topic]).await;
    assert_eq!(ear.next().await.said["call_id"], rings);
    assert_ne!(last, rings);
    let body = json!({"call_id": rings, "action": "accepted"});
    let path = "/api/mqtt/calls/callee-action";
    assert_eq!(estate.as_resident(&login, path, &body).await.0, 200);
}

#[tokio::test]
async fn a_server_stops_in_order_while_its_broker_is_away() {
    let mut estate = Estate::start().await;
    estate.broker.kill();

    estate.community.server.stop();
}

/// S0 in its reduced form, with both killed.
#[tokio::test]
async fn those_who_are_woken_are_woken_again_after_server_and_broker_were_killed() {
    let mut estate = Estate::start().await;
    let gate = estate.gate().await;
    let (login, registered) = estate.register("mum", "mum_1").await;
    let topics = ["mqtt_call/incoming", "mqtt_call/controller/resident"];
    let mut ear = estate.ear(&registered, &topics).await;
    let call = estate.press(&gate).await["call_id"].clone();
    assert_eq!(ear.next().await.said["call_id"], call);

    estate.community.server.kill();
    estate.broker.kill();
    estate.restart_server();
    estate.broker.restart().await;

    assert_eq!(ear.next().await.said["call_id"], call);
    let path = format!("/api/mqtt/session?call_id={}", call.as_str().unwrap());
    let (_, session) = estate.community.server.get(&path, &login.token).await;
    assert!(session["data"]["tencen_rtc"].is_object(), "{session}");
    let body = json!({"call_id": call, "action": "answered"});
    let (status, _) = estate
        .as_resident(&login, "/api/mqtt/controller/resident", &body)
        .await;
    assert_eq!(status, 200);
    assert_eq!(ear.action("answered").await.said["call_id"], call);
}

#[tokio::test]
async fn phones_of_a_resident_agree_after_the_broker_was_killed_in_mid_ring() {
    let mut estate = Estate::start().await;
    let gate = estate.gate().await;
    let mut first = estate.phone("mum", "mum_1").await;
    let call = estate.press(&gate).await["call_id"].clone();
    offer(&mut first).await;
    drop(first);

    estate.broker.kill();
    estate.broker.restart().await;
    let mut second = estate.phone("mum", "mum_2").await;

    assert_eq!(offer(&mut second).await["call_id"], call);
    second
        .act(call.as_str().unwrap(), "accepted")
        .await
        .ok()
        .unwrap();
    loop {
        let said = after_offers(&mut second).await;
        if said["device_id"] == "mum_2" {
            break;
        }
    }
}
