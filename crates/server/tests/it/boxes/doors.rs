//! Opening an outdoor unit's door over TCP: by whom, once, and on record.

use serde_json::{Value, json};
use sim::PhoneAction;

use crate::boxes::peer::Peer;
use crate::boxes::town::{GATE, Town, call_flat};
use crate::community::{HOUSEHOLD, control, incoming, said};

/// A call from the gate that rings in the hall and the kitchen.
async fn ring(town: &Town) -> (Peer, Peer, Peer) {
    let mut hall = town.screen("hall").await;
    let mut kitchen = town.screen("kitchen").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    hall.hear_offer().await;
    kitchen.hear_offer().await;
    (gate, hall, kitchen)
}

/// State and asker of every order, newest first.
async fn orders(town: &Town) -> Vec<(String, String)> {
    let (server, operator) = (&town.community.server, &town.community.operator);
    let (status, page) = server.get("/v1/unlocks", operator).await;
    assert_eq!(status, 200, "{page}");
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    let orders = page["unlocks"].as_array().unwrap();
    orders
        .iter()
        .map(|one| (text(one, "state"), text(one, "asker")))
        .collect()
}

#[tokio::test]
async fn a_screen_that_rings_opens_the_door_which_ends_the_ringing() {
    let town = Town::start().await;
    let (mut gate, mut hall, mut kitchen) = ring(&town).await;

    for _ in 0..20 {
        hall.say("open_door", &json!({})).await;
    }

    assert_eq!(gate.hear("open_door").await, json!({"sid": "g-1"}));
    assert_eq!(gate.hear("call_end").await["reason"], "unlocked_unanswered");
    assert_eq!(hall.hear("call_end").await["reason"], "handled_by_unlock");
    assert_eq!(
        kitchen.hear("call_end").await["reason"],
        "handled_by_unlock"
    );
    let handed = ("handed_over".to_owned(), "party:screen:hall".to_owned());
    assert_eq!(orders(&town).await, [handed]);
    assert_eq!(
        town.community.records().await[0]["outcome"],
        "unlocked_unanswered"
    );
}

#[tokio::test]
async fn the_winner_opens_and_goes_on_talking_and_a_loser_does_not_open() {
    let town = Town::start().await;
    let (mut gate, mut hall, mut kitchen) = ring(&town).await;
    let sid = {
        hall.say("call_accept", &json!({})).await;
        gate.hear("call_accept").await;
        kitchen.hear("call_end").await["sid"].clone()
    };

    kitchen.say("open_door", &json!({"sid": sid})).await;
    kitchen
        .say("call_req", &json!({"sid": "n", "dest": {"id": "nobody"}}))
        .await;
    kitchen.hear("call_reject").await;
    hall.say("open_door", &json!({"sid": sid})).await;

    assert_eq!(gate.hear("open_door").await["sid"], "g-1");
    hall.say("call_end", &json!({})).await;
    assert_eq!(gate.hear("call_end").await["reason"], "answered");
    assert_eq!(orders(&town).await.len(), 1);
}

#[tokio::test]
async fn a_phone_opens_an_outdoor_unit_and_without_a_connection_nothing_is_said_to_have_opened() {
    let town = Town::start().await;
    let community = &town.community;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let offer = incoming(&mut mum).await;
    let answered = mum
        .respond(&offer.call_id, PhoneAction::Answered, None)
        .await;
    assert!(answered.ok().unwrap().is_success());
    gate.hear("call_accept").await;
    assert_eq!(said(&control(&mut mum).await), ("answered", None));

    let bearer = format!("Bearer {}", community.mum.token);
    let headers = [("authorization", &*bearer)];
    let ask = async |body: Value| {
        let path = "/api/mqtt/calls/unlock";
        community.server.post(path, &headers, &body).await
    };
    let (status, opened) = ask(json!({"call_id": offer.call_id, "unlock_id": "1"})).await;
    gate.hear("open_door").await;
    let by_right = json!({"device_id": "yard", "unlock_id": "2"});
    let (away, not_there) = ask(by_right).await;

    assert_eq!(
        (status, &opened["data"]["result"]),
        (200, &json!("handed_over")),
        "{opened}"
    );
    assert_eq!(
        (away, &not_there["data"]["result"]),
        (409, &json!("unreachable")),
        "{not_there}"
    );
}

#[tokio::test]
async fn a_screen_opens_an_ilock_door() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut door = town.community.door().await;
    door.press(HOUSEHOLD).await.ok().unwrap();
    let sid = hall.hear_offer().await;

    hall.say("open_door", &json!({"sid": sid})).await;
    let unlock_id = loop {
        let heard = door.next(crate::community::SOON).await.unwrap();
        if heard.action == "unlock" {
            break heard.unlock_id.unwrap();
        }
    };
    door.confirm(&unlock_id, true).await.ok().unwrap();

    assert_eq!(hall.hear("call_end").await["reason"], "handled_by_unlock");
    let executed = ("executed".to_owned(), "party:screen:hall".to_owned());
    assert_eq!(orders(&town).await, [executed]);
}
