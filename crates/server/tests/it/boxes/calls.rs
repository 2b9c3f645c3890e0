//! Calls over the box: who rings, who wins, what everybody hears.

use serde_json::json;
use sim::PhoneAction;

use crate::boxes::town::{GATE, Town, call_flat};
use crate::community::{HOUSEHOLD, SOON, control, incoming, said};

#[tokio::test]
async fn an_outdoor_unit_rings_screens_and_phones_at_once_and_one_wins() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut kitchen = town.screen("kitchen").await;
    let mut mum = town.community.phone(&town.community.mum, "mum-1").await;
    let mut gate = town.peer(GATE).await;

    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let sid = hall.hear_offer().await;
    kitchen.hear_offer().await;
    let offer = incoming(&mut mum).await;
    assert_eq!(offer.call_id, sid);
    assert_eq!(offer.device_device_id, "gate");

    hall.say("call_accept", &json!({})).await;

    assert_eq!(gate.hear("call_accept").await, json!({"sid": "g-1"}));
    let end = kitchen.hear("call_end").await;
    assert_eq!(end, json!({"sid": sid, "reason": "answered_elsewhere"}));
    assert_eq!(said(&control(&mut mum).await), ("answered", None));

    gate.say("call_end", &json!({"sid": "g-1", "reason": "bye"}))
        .await;
    assert_eq!(hall.hear("call_end").await["reason"], "answered");

    let records = town.community.records().await;
    assert_eq!(records[0]["outcome"], "answered", "{records:?}");
}

#[tokio::test]
async fn a_phone_answers_an_outdoor_unit_and_the_screens_stop() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut mum = town.community.phone(&town.community.mum, "mum-1").await;
    let mut gate = town.peer(GATE).await;

    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    hall.hear_offer().await;
    let offer = incoming(&mut mum).await;
    let reply = mum
        .respond(&offer.call_id, PhoneAction::Answered, None)
        .await;
    assert!(reply.ok().unwrap().is_success());

    gate.hear("call_accept").await;
    assert_eq!(hall.hear("call_end").await["reason"], "answered_elsewhere");
    mum.respond(&offer.call_id, PhoneAction::Hangup, None)
        .await
        .ok()
        .unwrap();
    assert_eq!(gate.hear("call_end").await["reason"], "answered");
}

#[tokio::test]
async fn an_ilock_door_rings_a_screen() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut door = town.community.door().await;

    let pressed = door.press(HOUSEHOLD).await.ok().unwrap();
    let sid = hall.hear_offer().await;
    assert_eq!(sid, pressed.call_id);
    hall.say("call_accept", &json!({"sid": sid})).await;

    assert_eq!(said(&door.next(SOON).await.unwrap()), ("ringing", None));
    assert_eq!(said(&door.next(SOON).await.unwrap()), ("answered", None));
}
