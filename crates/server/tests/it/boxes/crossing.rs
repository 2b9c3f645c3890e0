//! Calls that cross: both sides call each other, or one calls while it is rung.

use serde_json::{Value, json};

use crate::boxes::peer::Peer;
use crate::boxes::town::{DESK, GATE, HOME, Town, call_flat};
use crate::community::HOUSEHOLD;

fn to(sid: &str, dest: Value) -> Value {
    json!({"sid": sid, "src": {}, "dest": dest})
}

/// Two screens of two flats that have called each other; the one call that came of it.
async fn glare(town: &Town) -> (Peer, Peer) {
    let mut hall = town.screen("hall").await;
    let mut next = town.screen("next").await;
    hall.say("call_req", &to("h", json!({"id": "1-102"}))).await;
    next.hear_offer().await;

    next.say("call_req", &to("n", json!({"id": HOUSEHOLD})))
        .await;

    assert_eq!(hall.hear("call_accept").await, json!({"sid": "h"}));
    assert_eq!(next.hear("call_accept").await, json!({"sid": "n"}));
    (hall, next)
}

#[tokio::test]
async fn who_calls_its_caller_has_answered_and_either_may_hang_up() {
    let town = Town::start().await;
    let (mut hall, mut next) = glare(&town).await;

    next.say("call_end", &json!({"sid": "n"})).await;

    assert_eq!(hall.hear("call_end").await["sid"], "h");
    assert_eq!(town.community.records().await[0]["outcome"], "answered");
}

#[tokio::test]
async fn the_link_of_either_of_two_who_called_each_other_carries_the_call() {
    let town = Town::start().await;
    let (hall, mut next) = glare(&town).await;
    drop(hall);
    assert_eq!(next.hear("call_end").await["sid"], "n");

    drop(next);
    let (mut hall, next) = glare(&town).await;
    drop(next);
    assert_eq!(hall.hear("call_end").await["sid"], "h");
}

#[tokio::test]
async fn a_unit_and_a_desk_that_call_each_other_talk_on_the_units_own_connection() {
    let town = Town::start().await;
    let mut desk = town.at_centre(DESK).await;
    let at = town.gate.local_addr().unwrap();
    let dest = json!({"ip": at.ip(), "port": at.port()});
    desk.say("call_req", &to("d", dest)).await;
    let mut called = Peer::accept(&town.gate).await;
    called.hear("call_req").await;

    let mut gate = town.at_centre(GATE).await;
    gate.say("call_req", &to("g", json!({"id": "desk"}))).await;

    assert_eq!(gate.hear("call_accept").await, json!({"sid": "g"}));
    assert_eq!(desk.hear("call_accept").await, json!({"sid": "d"}));
    called.hear_close().await;
    desk.say("call_end", &json!({})).await;
    assert_eq!(gate.hear("call_end").await["sid"], "g");
}

#[tokio::test]
async fn a_screen_that_calls_while_it_is_rung_rings_no_more_and_hears_no_more_of_it() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut kitchen = town.screen("kitchen").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    hall.hear_offer().await;
    kitchen.hear_offer().await;

    hall.say("call_req", &to("h", json!({"id": "1-102"}))).await;
    let mut next = town.screen("next").await;
    next.hear_offer().await;
    gate.say("call_end", &json!({})).await;
    kitchen.hear("call_end").await;
    next.say("call_accept", &json!({})).await;

    assert_eq!(hall.hear("call_accept").await, json!({"sid": "h"}));
}

#[tokio::test]
async fn a_desk_may_take_its_time_before_it_says_anything() {
    let town = Town::start().await;
    let mut gate = town.at_centre(GATE).await;
    gate.say("call_req", &to("g", json!({"type": 5}))).await;
    let mut desk = Peer::accept(&town.desk).await;
    let sid = desk.hear("call_req").await["sid"].clone();

    // One who comes by itself and says nothing is closed; one who was called is not.
    let home = town.community.server.boxes["home"];
    Peer::connect_silently(HOME, home).await.hear_close().await;
    desk.say("call_accept", &json!({"sid": sid})).await;

    gate.hear("call_accept").await;
}

#[tokio::test]
async fn a_device_may_get_another_name_in_the_middle_of_its_call() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let sid = hall.hear_offer().await;
    hall.say("call_accept", &json!({"sid": sid})).await;
    gate.hear("call_accept").await;

    let server = &town.community.server;
    let renaming = server
        .client
        .patch(format!("{}/v1/devices/gate", server.http));
    let renaming = renaming.bearer_auth(&town.community.operator);
    let renamed = renaming.json(&json!({"name": "North gate"})).send().await;
    assert_eq!(renamed.unwrap().status(), 200);
    gate.say("call_end", &json!({"reason": "bye"})).await;

    hall.hear("call_end").await;
    assert_eq!(town.community.records().await[0]["reason"], "bye");
}
