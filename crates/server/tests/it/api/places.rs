//! What places say of their calls: how long they ring and last, and for whom declines speak.

use serde_json::{Value, json};
use sim::{DoorAction, PhoneAction};

use super::console::Console;
use crate::community::{HOUSEHOLD, SOON, control, incoming, said};
use crate::push::{offer, registered, synced};

#[tokio::test]
async fn a_call_rings_and_lasts_as_flat_door_and_community_say_in_this_order() {
    let console = Console::start().await;
    let community = format!("/v1/communities/{}", console.home().await);
    let flat = flat(&console).await;
    let door = console.community.door().await;
    let mum = console.community.phone(&console.community.mum, "mum-1");
    let mum = mum.await;
    let set = async |path: &str, times: Value| {
        let (status, changed) = console.ask("PATCH", path, times).await;
        assert_eq!(status, 200, "{changed}");
    };
    let rings_s = async || {
        let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
        let rings = shown(&console, &call).await;
        let cancelled = door.control(&call, DoorAction::Cancelled, None).await;
        assert!(cancelled.ok().unwrap().is_success());
        between_s(&rings["started_at"], &rings["deadline_at"])
    };

    assert_eq!(rings_s().await, 30);
    set(&community, json!({"ring_s": 60, "talk_s": 600})).await;
    assert_eq!(rings_s().await, 60);
    set("/v1/devices/lobby", json!({"ring_s": 50})).await;
    assert_eq!(rings_s().await, 50);
    set(&flat, json!({"ring_s": 120})).await;
    assert_eq!(rings_s().await, 120);
    set(&flat, json!({"ring_s": null, "talk_s": null})).await;
    assert_eq!(rings_s().await, 50);

    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    set(&community, json!({"talk_s": 60})).await;
    let answered = mum.respond(&call, PhoneAction::Answered, None).await;
    assert!(answered.ok().unwrap().is_success());
    let talks = shown(&console, &call).await;
    assert_eq!(between_s(&talks["answered_at"], &talks["deadline_at"]), 600);
}

#[tokio::test]
async fn where_a_community_declines_by_device_the_residents_other_phone_still_answers() {
    let console = Console::start().await;
    let community = &console.community;
    set_declines(&console, json!("device")).await;
    let mut door = community.door().await;
    let mut first = registered(community, "mum", "mum_android_1").await;
    let mut second = registered(community, "mum", "mum_ios_2").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    offer(&mut first).await;
    offer(&mut second).await;

    let rejected = first.act(&call, "rejected").await.ok().unwrap();
    let accepted = second.act(&call, "accepted").await.ok().unwrap();

    assert!(rejected.is_success() && accepted.is_success());
    // The first thing that it hears after the offer: nothing took the offer back.
    let sync = synced(&mut second).await;
    assert_eq!(
        (&sync["action"], &sync["device_id"]),
        (&json!("accepted"), &json!("mum_ios_2"))
    );
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");
    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
}

#[tokio::test]
async fn where_a_community_declines_by_household_one_reject_turns_the_visitor_away() {
    let console = Console::start().await;
    let community = &console.community;
    set_declines(&console, json!("household")).await;
    let mut door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut dad = community.phone(&community.dad, "dad-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    incoming(&mut dad).await;

    mum.respond(&call, PhoneAction::Rejected, None)
        .await
        .ok()
        .unwrap();

    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");
    let refused = door.next(SOON).await.unwrap();
    assert_eq!(said(&refused), ("hangup", Some("rejected")));
    let told = control(&mut dad).await;
    assert_eq!(said(&told), ("hangup", Some("rejected_elsewhere")));

    set_declines(&console, Value::Null).await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    mum.respond(&call, PhoneAction::Rejected, None)
        .await
        .ok()
        .unwrap();
    let answered = dad.respond(&call, PhoneAction::Answered, None).await;
    assert!(answered.ok().unwrap().is_success());
}

async fn set_declines(console: &Console, declines: Value) {
    let path = format!("/v1/communities/{}", console.home().await);
    let patch = json!({"declines": declines});
    let (status, changed) = console.ask("PATCH", &path, patch).await;
    assert_eq!((status, &changed["declines"]), (200, &declines));
}

/// The path of the household's flat.
async fn flat(console: &Console) -> String {
    let (_, flats) = console.ask("GET", "/v1/flats", Value::Null).await;
    let mut flats = flats["items"].as_array().unwrap().iter();
    let flat = flats.find(|flat| flat["number"] == HOUSEHOLD).unwrap();
    format!("/v1/flats/{}", flat["id"].as_str().unwrap())
}

async fn shown(console: &Console, call: &str) -> Value {
    let path = format!("/v1/calls/{call}");
    console.ask("GET", &path, Value::Null).await.1
}

fn between_s(from: &Value, to: &Value) -> i64 {
    let ms = to.as_i64().unwrap() - from.as_i64().unwrap();
    assert_eq!(ms % 1000, 0);
    ms / 1000
}
