//! Whole calls: what each party hears, and the record that stays.

use sim::{DoorAction, PhoneAction};

use crate::community::{Community, HOUSEHOLD, SOON, control, incoming, said};
use crate::running::Running;

#[tokio::test]
async fn a_call_rings_is_answered_hung_up_and_recorded() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;

    let pressed = door.press(HOUSEHOLD).await.ok().unwrap();
    let offer = incoming(&mut phone).await;
    assert_eq!(offer.call_id, pressed.call_id);
    assert_eq!(offer.device_device_id, "lobby");
    assert_eq!(offer.target_resident_id, community.mum.resident_id);
    assert_eq!(said(&door.next(SOON).await.unwrap()), ("ringing", None));

    let reply = phone
        .respond(&offer.call_id, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    assert!(reply.is_success(), "{}", reply.message);
    assert_eq!(said(&control(&mut phone).await), ("answered", None));
    assert_eq!(said(&door.next(SOON).await.unwrap()), ("answered", None));
    assert_eq!(
        phone.session(&offer.call_id).await.ok().unwrap().status,
        "answered"
    );

    let reply = door
        .control(&offer.call_id, DoorAction::Hangup, Some("bye"))
        .await
        .ok()
        .unwrap();
    assert!(reply.is_success(), "{}", reply.message);
    assert_eq!(said(&control(&mut phone).await), ("hangup", Some("bye")));
    assert_eq!(
        said(&door.next(SOON).await.unwrap()),
        ("hangup", Some("bye"))
    );

    let session = phone.session(&offer.call_id).await.ok().unwrap();
    assert_eq!(session.status, "ended");
    assert_eq!(
        session.resident_id.as_deref(),
        Some(&*community.mum.resident_id)
    );
    assert!(session.end_time.is_some());
}

#[tokio::test]
async fn a1_every_resident_of_the_household_rings() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut dad = community.phone(&community.dad, "dad-1").await;

    let pressed = door.press(HOUSEHOLD).await.ok().unwrap();

    assert_eq!(incoming(&mut mum).await.call_id, pressed.call_id);
    assert_eq!(incoming(&mut dad).await.call_id, pressed.call_id);
    let mut listed = pressed.target_resident_ids;
    listed.sort();
    let mut expected = vec![
        community.mum.resident_id.clone(),
        community.dad.resident_id.clone(),
    ];
    expected.sort();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn a2_all_parties_are_told_one_room_and_each_its_own_name() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut dad = community.phone(&community.dad, "dad-1").await;

    let at_door = door.press(HOUSEHOLD).await.ok().unwrap().rtc;
    let (at_mum, at_dad) = (incoming(&mut mum).await.rtc, incoming(&mut dad).await.rtc);

    assert_eq!(at_door.room_id, at_mum.room_id);
    assert_eq!(at_door.room_id, at_dad.room_id);
    assert_eq!(at_door.user_id, "dev_lobby");
    assert_eq!(at_mum.user_id, format!("res_{}", community.mum.resident_id));
    assert_ne!(at_mum.user_id, at_dad.user_id);
    assert!(at_mum.user_id.len() <= 32);
}

#[tokio::test]
async fn a3_a_call_that_nobody_answers_ends_and_both_sides_are_told() {
    let community = Community::on(Running::with(&[("CALLS__RING_S", "5")])).await;
    let mut door = community.door().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;

    door.press(HOUSEHOLD).await.ok().unwrap();
    incoming(&mut phone).await;
    door.next(SOON).await.unwrap();

    assert_eq!(
        said(&control(&mut phone).await),
        ("timeout", Some("ring_timeout"))
    );
    assert_eq!(
        said(&door.next(SOON).await.unwrap()),
        ("hangup", Some("ring_timeout"))
    );
    let record = &community.records().await[0];
    assert_eq!(record["outcome"], "no_answer", "{record}");
}

#[tokio::test]
async fn a4_only_one_resident_can_answer_and_the_other_learns_who_did() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut dad = community.phone(&community.dad, "dad-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    incoming(&mut dad).await;

    let won = mum
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    let lost = dad
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();

    assert!(won.is_success(), "{}", won.message);
    assert!(
        won.data["tencen_rtc"]["room_id"].is_string(),
        "{}",
        won.data
    );
    assert_eq!(
        (lost.http_status, lost.code),
        (409, 409),
        "{}",
        lost.message
    );
    assert_eq!(lost.data["status"], "answered");
    assert_eq!(lost.data["resident_id"], *community.mum.resident_id);
    assert!(lost.data.get("tencen_rtc").is_none());
    assert_eq!(control(&mut dad).await.action, "answered");
}

#[tokio::test]
async fn a5_one_residents_no_does_not_hang_up_on_the_visitor() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut dad = community.phone(&community.dad, "dad-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    incoming(&mut dad).await;
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");

    mum.respond(&call, PhoneAction::Rejected, None)
        .await
        .ok()
        .unwrap();
    assert_eq!(said(&control(&mut mum).await), ("hangup", Some("rejected")));
    let won = dad
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();

    assert!(won.is_success(), "{}", won.message);
    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
}

#[tokio::test]
async fn when_everyone_declines_the_door_hears_it() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mum = community.phone(&community.mum, "mum-1").await;
    let dad = community.phone(&community.dad, "dad-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");

    mum.respond(&call, PhoneAction::Rejected, None)
        .await
        .ok()
        .unwrap();
    dad.respond(&call, PhoneAction::Rejected, None)
        .await
        .ok()
        .unwrap();

    assert_eq!(
        said(&door.next(SOON).await.unwrap()),
        ("hangup", Some("rejected"))
    );
    assert_eq!(community.records().await[0]["outcome"], "declined");
}

#[tokio::test]
async fn a_cancel_reaches_the_phones_as_a_hangup() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut phone).await;

    door.control(&call, DoorAction::Cancelled, None)
        .await
        .ok()
        .unwrap();

    assert_eq!(
        said(&control(&mut phone).await),
        ("hangup", Some("cancelled"))
    );
    assert_eq!(community.records().await[0]["outcome"], "caller_cancelled");
}

#[tokio::test]
async fn a_phones_own_time_out_closes_that_leg_only() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let dad = community.phone(&community.dad, "dad-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");
    incoming(&mut mum).await;

    mum.respond(&call, PhoneAction::Timeout, None)
        .await
        .ok()
        .unwrap();
    assert_eq!(control(&mut mum).await.action, "timeout");
    dad.respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();

    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
}

#[tokio::test]
async fn pressing_again_while_it_rings_is_the_same_call() {
    let community = Community::start().await;
    let door = community.door().await;

    let first = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    let again = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    assert_eq!(first, again);
}

#[tokio::test]
async fn pressing_another_number_cancels_the_first_call() {
    let community = Community::start().await;
    let door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut neighbour = community.phone(&community.neighbour, "n-1").await;

    let first = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    let second = door.press("1-102").await.ok().unwrap().call_id;

    assert_eq!(control(&mut mum).await.call_id, first);
    assert_eq!(incoming(&mut neighbour).await.call_id, second);
}

#[tokio::test]
async fn a_phone_that_connects_while_it_rings_is_offered_the_call() {
    let community = Community::start().await;
    let door = community.door().await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let mut late = community.phone(&community.mum, "mum-1").await;

    assert_eq!(incoming(&mut late).await.call_id, call);
}

#[tokio::test]
async fn a10_a_repeated_command_is_answered_from_the_state() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let phone = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");

    for _ in 0..3 {
        let won = phone
            .respond(&call, PhoneAction::Answered, None)
            .await
            .ok()
            .unwrap();
        assert!(won.is_success(), "{}", won.message);
    }
    for _ in 0..3 {
        let ended = door
            .control(&call, DoorAction::Hangup, None)
            .await
            .ok()
            .unwrap();
        assert!(ended.is_success(), "{}", ended.message);
    }

    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
    assert_eq!(door.next(SOON).await.unwrap().action, "hangup");
    assert_eq!(community.records().await.len(), 1);
}

#[tokio::test]
async fn a12_every_call_leaves_one_record() {
    let community = Community::start().await;
    let door = community.door().await;
    let mum = community.phone(&community.mum, "mum-1").await;
    let answered = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    mum.respond(&answered, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    mum.respond(&answered, PhoneAction::Hangup, None)
        .await
        .ok()
        .unwrap();

    let missed = door.press("1-102").await.ok().unwrap().call_id;
    door.control(&missed, DoorAction::Cancelled, None)
        .await
        .ok()
        .unwrap();

    let records = community.records().await;
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["call"], *missed);
    assert_eq!(records[0]["legs"][0]["fate"], "cancelled");
    assert_eq!(records[1]["call"], *answered);
    assert_eq!(records[1]["outcome"], "answered");
    let mum = format!("resident:{}", community.mum.resident_id);
    assert_eq!(records[1]["answered_by"], *mum);
}

#[tokio::test]
async fn end_session_means_what_its_sender_may_mean() {
    let community = Community::start().await;
    let door = community.door().await;
    let mum = community.phone(&community.mum, "mum-1").await;
    let dad = community.phone(&community.dad, "dad-1").await;
    let declined = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    let decline = mum.end_session(&declined, None).await.ok().unwrap();
    assert!(decline.is_success(), "{}", decline.message);
    assert_eq!(dad.session(&declined).await.ok().unwrap().status, "ringing");
    dad.respond(&declined, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    let loser = mum.end_session(&declined, None).await.ok().unwrap();
    assert_eq!(
        (loser.http_status, &*loser.message),
        (409, "通话已在其他设备接听")
    );
    let winner = dad.end_session(&declined, Some("done")).await.ok().unwrap();
    assert!(winner.is_success(), "{}", winner.message);

    let cancelled = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    assert!(
        door.end_session(&cancelled, None)
            .await
            .ok()
            .unwrap()
            .is_success()
    );

    let ended = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    let bearer = format!("Bearer {}", community.operator);
    let headers = [("authorization", &*bearer)];
    let path = "/api/mqtt/end-session";
    let body = serde_json::json!({"call_id": ended, "reason": "drill"});
    assert_eq!(community.server.post(path, &headers, &body).await.0, 200);

    let records = community.records().await;
    let outcomes: Vec<&str> = records
        .iter()
        .map(|one| one["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["admin", "caller_cancelled", "answered"]);
}

#[tokio::test]
async fn room_keys_let_those_who_ring_watch_and_the_winner_talk() {
    let settings = [
        ("TRTC__SDK_APP_ID", "1400000001"),
        ("TRTC__SECRET_KEY", "made-up-key"),
        ("TRTC__PRIVATE_MAP_KEY", "true"),
    ];
    let community = Community::on(Running::with(&settings)).await;
    let door = community.door().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;

    let pressed = door.press(HOUSEHOLD).await.ok().unwrap();
    let offer = incoming(&mut phone).await;
    let won = phone
        .respond(&offer.call_id, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();

    assert!(pressed.rtc.private_map_key.is_some() && pressed.rtc.sdk_app_id == 1_400_000_001);
    let offered = offer.rtc.private_map_key.unwrap();
    let winners = won.data["tencen_rtc"]["private_map_key"].as_str().unwrap();
    assert_ne!(offered.as_str(), winners);
    assert_ne!(offer.rtc.user_sig.as_str(), pressed.rtc.user_sig.as_str());
}
