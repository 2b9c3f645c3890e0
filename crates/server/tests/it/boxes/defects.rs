//! What boxes in the field did wrong, each by its number. Source: calls.md §1.2.

use serde_json::{Value, json};

use crate::boxes::peer::Peer;
use crate::boxes::town::{DESK, GATE, HOME, Town, YARD, call_flat};
use crate::community::HOUSEHOLD;

#[tokio::test]
async fn b1_an_idle_connection_occupies_no_line() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let _idle = town.peer(YARD).await;
    let mut gate = town.peer(GATE).await;

    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;

    hall.hear_offer().await;
}

#[tokio::test]
async fn b1_a_connection_that_says_nothing_is_closed() {
    let town = Town::start().await;
    let mut silent = Peer::connect_silently(HOME, town.community.server.boxes["home"]).await;

    silent.hear_close().await;
}

#[tokio::test]
async fn b2_who_has_not_joined_answers_and_opens_nothing() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut stranger = Peer::connect(HOME, town.community.server.boxes["home"]).await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let sid = hall.hear_offer().await;

    for name in ["call_accept", "open_door", "call_reject", "call_end"] {
        stranger.say(name, &json!({"sid": sid})).await;
    }
    stranger.say("call_req", &call_flat("x-1", "1-102")).await;
    stranger.say("join_family", &json!({"token": "none"})).await;
    stranger.hear("join_reject").await;

    hall.say("call_accept", &json!({"sid": sid})).await;
    gate.hear("call_accept").await;
    assert_eq!(dropped(&town, "not_joined").await, 5.0);
}

#[tokio::test]
async fn b2_a_caller_cannot_answer_its_own_call() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let sid = hall.hear_offer().await;

    for name in ["call_accept", "call_reject", "open_door"] {
        gate.say(name, &json!({"sid": "g-1"})).await;
    }
    gate.say("call_end", &json!({"sid": "g-1"})).await;

    let end = hall.hear("call_end").await;
    assert_eq!(end, json!({"sid": sid, "reason": "cancelled"}));
    assert_eq!(dropped(&town, "caller").await, 3.0);
}

#[tokio::test]
async fn b2_an_unregistered_peer_is_turned_away() {
    let town = Town::start().await;
    let community = town.community.server.boxes["community"];

    let mut stranger = Peer::connect_silently("127.0.1.77", community).await;

    stranger.hear_close().await;
    assert_eq!(dropped(&town, "unknown_peer").await, 1.0);
}

#[tokio::test]
async fn b3_a_token_must_be_ours_and_goes_with_the_secret() {
    let mut town = Town::start().await;
    let flat = town.flat(HOUSEHOLD).await;
    town.add(json!({"id": "study", "kind": "screen", "flat": flat}))
        .await;
    let body = json!({"device_id": "study", "secret": "km_wrong"});
    assert_eq!(town.login(&body).await.0, 401);
    let other = json!({"device_id": "lobby", "secret": town.community.lobby.secret});
    assert_eq!(town.login(&other).await.0, 401, "a door is no screen");
    let mut study = town.screen("study").await;

    let token = &town.community.operator;
    let (status, _) = town
        .community
        .server
        .post(
            "/v1/devices/study/secret",
            &[("authorization", &format!("Bearer {token}"))],
            &json!({}),
        )
        .await;
    assert_eq!(status, 200);

    study.hear_close().await;
    let mut again = Peer::connect(HOME, town.community.server.boxes["home"]).await;
    again
        .say("join_family", &json!({"token": town.token("study")}))
        .await;
    assert_eq!(again.hear("join_reject").await["reason"], "token_invalid");
    again.hear_close().await;
}

#[tokio::test]
async fn b4_of_two_screens_that_answer_together_one_wins_and_the_unit_hears_one_answer() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut kitchen = town.screen("kitchen").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    hall.hear_offer().await;
    kitchen.hear_offer().await;

    let accepted = json!({});
    tokio::join!(
        hall.say("call_accept", &accepted),
        kitchen.say("call_accept", &accepted)
    );
    gate.hear("call_accept").await;
    gate.say("call_end", &json!({})).await;

    let ends = tokio::join!(hall.hear("call_end"), kitchen.hear("call_end"));
    let mut reasons = [ends.0["reason"].clone(), ends.1["reason"].clone()];
    reasons.sort_by_key(Value::to_string);
    assert_eq!(reasons, ["answered", "answered_elsewhere"]);
    gate.say("call_req", &call_flat("g-2", HOUSEHOLD)).await;
    hall.hear_offer().await;
}

#[tokio::test]
async fn b5_an_answer_to_no_call_makes_nobody_busy() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;

    hall.say("call_accept", &json!({})).await;
    hall.say("call_end", &json!({})).await;
    is_read(&mut hall).await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;

    hall.hear_offer().await;
    assert_eq!(dropped(&town, "no_call").await, 2.0);
}

#[tokio::test]
async fn b6_what_was_said_to_the_last_call_does_not_touch_the_next() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let first = hall.hear_offer().await;
    gate.say("call_end", &json!({"sid": "g-1"})).await;
    hall.hear("call_end").await;
    hall.say("call_end", &json!({})).await;
    hall.say("call_reject", &json!({"code": 0})).await;
    is_read(&mut hall).await;

    gate.say("call_req", &call_flat("g-2", HOUSEHOLD)).await;
    let second = hall.hear("call_req").await["sid"].clone();
    hall.say("call_end", &json!({"sid": first})).await;
    hall.say("call_reject", &json!({"sid": first})).await;
    hall.say("call_accept", &json!({"sid": second})).await;

    gate.hear("call_accept").await;
    assert_eq!(dropped(&town, "no_call").await, 2.0);
    assert_eq!(dropped(&town, "other_call").await, 2.0);
}

#[tokio::test]
async fn b7_one_screen_refuses_for_itself_alone() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut kitchen = town.screen("kitchen").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    hall.hear_offer().await;
    kitchen.hear_offer().await;

    hall.say("call_reject", &json!({"code": 0, "message": "no"}))
        .await;
    kitchen.say("call_accept", &json!({})).await;

    gate.hear("call_accept").await;
}

#[tokio::test]
async fn b9_a_flood_without_an_end_closes_that_connection_alone() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let flood = Peer::connect(HOME, town.community.server.boxes["home"]).await;

    drown(flood).await;
    let mut gate = town.peer(GATE).await;
    gate.say_bytes(b"\0 \r\n \0{}\0[1,2]\0nonsense\0").await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;

    hall.hear_offer().await;
}

/// Writes until the other side has closed.
async fn drown(mut peer: Peer) {
    let chunk = vec![b'x'; 16 * 1024];
    for _ in 0..1024 {
        if peer.try_say_bytes(&chunk).await.is_err() {
            return;
        }
    }
    panic!("16 MiB without a NUL were taken");
}

#[tokio::test]
async fn b10_a_rejected_caller_may_stay_and_blocks_nobody() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut yard = town.peer(YARD).await;
    yard.say("call_req", &call_flat("y-1", "no such flat"))
        .await;
    assert_eq!(yard.hear("call_reject").await["message"], "nobody_there");

    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let sid = hall.hear_offer().await;
    hall.say("call_accept", &json!({"sid": sid})).await;
    gate.hear("call_accept").await;
    gate.say("call_end", &json!({})).await;
    hall.hear("call_end").await;
    yard.say("call_req", &call_flat("y-2", HOUSEHOLD)).await;

    hall.hear_offer().await;
}

#[tokio::test]
async fn a_lost_link_ends_the_call_for_the_others() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    hall.hear_offer().await;

    drop(gate);
    assert_eq!(hall.hear("call_end").await["reason"], "cancelled");

    let mut gate = town.peer(GATE).await;
    gate.say("call_req", &call_flat("g-2", HOUSEHOLD)).await;
    let sid = hall.hear_offer().await;
    hall.say("call_accept", &json!({"sid": sid})).await;
    gate.hear("call_accept").await;
    drop(hall);
    assert_eq!(gate.hear("call_end").await["reason"], "answered");
}

#[tokio::test]
async fn a_desk_that_goes_while_it_rings_is_out_of_reach() {
    let town = Town::start().await;
    let mut gate = town.at_centre(GATE).await;

    gate.say("call_req", &json!({"sid": "g-1", "dest": {"type": 5}}))
        .await;
    let mut desk = Peer::accept(&town.desk).await;
    desk.hear("call_req").await;
    drop(desk);

    let rejected = gate.hear("call_reject").await;
    assert_eq!(rejected["reason"], "app_offline");
}

#[tokio::test]
async fn a_desk_that_is_busy_says_so_to_the_caller() {
    let town = Town::start().await;
    let mut gate = town.at_centre(GATE).await;

    gate.say("call_req", &json!({"sid": "g-1", "dest": {"type": 5}}))
        .await;
    let mut desk = Peer::accept(&town.desk).await;
    desk.hear_offer().await;
    desk.say("call_reject", &json!({"code": 1})).await;

    assert_eq!(gate.hear("call_reject").await["reason"], "line_busy");
    desk.hear_close().await;
}

#[tokio::test]
async fn a_restart_ends_what_hung_on_a_connection_and_rings_screens_on() {
    let mut town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut gate = town.peer(GATE).await;
    let door = town.community.door().await;
    let pressed = door.press("1-102").await.ok().unwrap();
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    hall.hear_offer().await;

    town.restart();

    let mut next = town.screen("next").await;
    assert_eq!(next.hear_offer().await, pressed.call_id);
    let records = town.community.records().await;
    assert_eq!(records[0]["outcome"], "caller_cancelled", "{records:?}");
    let mut gate = town.peer(GATE).await;
    let mut hall = town.screen("hall").await;
    gate.say("call_req", &call_flat("g-2", HOUSEHOLD)).await;
    hall.hear_offer().await;
}

#[tokio::test]
async fn a_screen_that_joins_late_is_offered_the_running_call_and_a_second_waits() {
    let town = Town::start().await;
    let mut gate = town.peer(GATE).await;
    let mut yard = town.peer(YARD).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let mut hall = town.screen("hall").await;
    let first = hall.hear_offer().await;

    yard.say("call_req", &call_flat("y-1", HOUSEHOLD)).await;
    let mut kitchen = town.screen("kitchen").await;
    assert_eq!(kitchen.hear_offer().await, first);
    gate.say("call_end", &json!({})).await;

    hall.hear("call_end").await;
    let second = hall.hear_offer().await;
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_device_that_is_removed_or_moved_is_turned_away() {
    let town = Town::start().await;
    let mut desk = town.peer(DESK).await;
    let token = &town.community.operator;
    let server = &town.community.server;

    let removing = server
        .client
        .delete(format!("{}/v1/devices/desk", server.http));
    let removed = removing.bearer_auth(token).send().await.unwrap();

    assert_eq!(removed.status(), 204);
    desk.hear_close().await;
}

/// Waits until everything that the screen said was read: a call to nobody is refused after it.
async fn is_read(screen: &mut Peer) {
    let nobody = json!({"sid": "n", "dest": {"id": "no such flat"}});
    screen.say("call_req", &nobody).await;
    screen.hear("call_reject").await;
}

/// How many messages came to nothing for this reason.
async fn dropped(town: &Town, why: &str) -> f64 {
    let server = &town.community.server;
    let metrics = server.client.get(format!("{}/metrics", server.http));
    let text = metrics.send().await.unwrap().text().await.unwrap();
    let wanted = format!("koumen_smartbox_dropped_total{{why=\"{why}\"}} ");
    let line = text.lines().find_map(|line| line.strip_prefix(&wanted));
    line.map_or(0.0, |count| count.parse().unwrap())
}
