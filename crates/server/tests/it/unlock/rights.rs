//! Who may open, and that every attempt is on record.

use std::time::Duration;

use serde_json::{Value, json};
use sim::{
    Behaviour, DoorAction, DoorOutcome, Line, PhoneAction, PhoneOutcome, run_door, run_phone,
};

use crate::community::{Community, HOUSEHOLD, SOON, control, incoming, said};
use crate::running::Running;
use crate::unlock::lock::{ask, ask_door, listed, opens, order};

#[tokio::test]
async fn one_who_rings_opens_the_door_and_that_ends_the_ringing() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut dad = community.phone(&community.dad, "dad-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    incoming(&mut dad).await;

    let (reply, opened) = tokio::join!(mum.unlock(&call, "u-1"), opens(&mut door));

    let reply = reply.ok().unwrap();
    assert!(reply.is_success(), "{} {}", reply.code, reply.message);
    assert_eq!(reply.data["result"], "executed");
    assert_eq!(
        (&reply.data["id"], &reply.data["is_final"]),
        (&json!(opened), &json!(true))
    );
    for phone in [&mut mum, &mut dad] {
        assert_eq!(said(&control(phone).await), ("hangup", Some("unlocked")));
    }
    assert_eq!(
        said(&door.next(SOON).await.unwrap()),
        ("hangup", Some("unlocked"))
    );
    assert_eq!(
        community.records().await[0]["outcome"],
        "unlocked_unanswered"
    );
    assert_eq!(
        listed(&community).await,
        [("executed".to_owned(), Value::Null)]
    );
}

#[tokio::test]
async fn a_setting_lets_a_call_ring_on_when_its_door_was_opened() {
    let server = Running::with(&[("CALLS__UNLOCK_ENDS_RINGING", "false")]);
    let community = Community::on(server).await;
    let mut door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;

    let (reply, _) = tokio::join!(mum.unlock(&call, "u-1"), opens(&mut door));

    assert!(reply.ok().unwrap().is_success());
    assert_eq!(mum.session(&call).await.ok().unwrap().status, "ringing");
}

#[tokio::test]
async fn once_somebody_has_answered_that_one_alone_opens_and_the_talk_goes_on() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let mut dad = community.phone(&community.dad, "dad-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    incoming(&mut dad).await;
    mum.respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();

    let refused = dad.unlock(&call, "d-1").await.ok().unwrap();
    let (opened, _) = tokio::join!(mum.unlock(&call, "m-1"), opens(&mut door));

    assert_eq!(
        (refused.http_status, &refused.data["reason"]),
        (409, &json!("leg_closed"))
    );
    assert_eq!(opened.ok().unwrap().data["result"], "executed");
    assert_eq!(mum.session(&call).await.ok().unwrap().status, "answered");
}

#[tokio::test]
async fn a_resident_opens_outside_a_call_by_right() {
    let community = Community::start().await;
    let mut door = community.door().await;

    let (reply, _) = tokio::join!(
        ask_door(&community, &community.neighbour, "lobby", "u-1"),
        opens(&mut door)
    );

    let (status, reply) = reply;
    assert_eq!(
        (status, &reply["code"], &reply["data"]["result"]),
        (200, &json!(0), &json!("executed"))
    );
}

#[tokio::test]
async fn a_door_that_says_no_is_no_success() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let refuses = async {
        let heard = order(&mut door).await.unlock_id.unwrap();
        door.confirm(&heard, false).await.ok().unwrap()
    };

    let ((status, reply), _) = tokio::join!(
        ask_door(&community, &community.mum, "lobby", "u-1"),
        refuses
    );

    assert_eq!((status, &reply["data"]["result"]), (409, &json!("refused")));
    assert_eq!(reply["message"], "the door did not open");
}

#[tokio::test]
async fn a_door_that_is_away_is_told_to_be_so() {
    let community = Community::start().await;

    let (status, reply) = ask_door(&community, &community.mum, "lobby", "u-1").await;

    assert_eq!(
        (status, &reply["data"]["result"]),
        (409, &json!("unreachable"))
    );
    assert_eq!(listed(&community).await[0].0, "unreachable");
}

#[tokio::test]
async fn a_door_with_a_topic_of_its_own_hears_and_confirms_there() {
    let community = Community::start().await;
    let secret = community.own_door("gate").await;
    let sign_in = crate::raw::SignIn {
        client: "gate",
        user: "gate",
        password: &secret,
        will: None,
    };
    let (mut gate, code) = crate::raw::Raw::open(&community.server.address(), sign_in).await;
    assert_eq!(code, 0);
    gate.subscribe("devices/gate/calls/control").await;
    let confirms = async {
        let (topic, told) = gate.heard_plain().await;
        assert_eq!(topic, "devices/gate/calls/control");
        let id = told["unlock_id"].as_str().unwrap();
        let word = json!({"action": "unlock_result", "unlock_id": id, "result": "executed"});
        gate.publish("devices/gate/calls/action", &word.to_string())
            .await;
        told
    };

    let ((status, reply), told) = tokio::join!(
        ask_door(&community, &community.mum, "gate", "u-1"),
        confirms
    );

    assert_eq!(
        (status, &reply["data"]["result"]),
        (200, &json!("executed"))
    );
    assert_eq!(
        (&told["action"], &told["call_id"]),
        (&json!("unlock"), &json!(""))
    );
    let (sent, ends) = (
        told["timestamp"].as_i64().unwrap(),
        told["expires_at"].as_i64().unwrap(),
    );
    assert_eq!(told["life_ms"], ends - sent);
    assert!((9_000..=10_000).contains(&(ends - sent)), "{told}");
}

#[tokio::test]
async fn an_operator_opens_in_a_call_and_that_ends_the_ringing() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    let body = json!({"unlock_id": "o-1", "call_id": call});

    let asked = ask(&community, &community.operator, &body);
    let ((status, _), _) = tokio::join!(asked, opens(&mut door));
    let body = json!({"unlock_id": "o-2", "call_id": call});
    let (late, reply) = ask(&community, &community.operator, &body).await;

    assert_eq!(status, 200);
    assert_eq!(said(&control(&mut mum).await), ("hangup", Some("unlocked")));
    assert_eq!(
        (late, &reply["data"]["reason"]),
        (409, &json!("call_ended"))
    );
}

#[tokio::test]
async fn the_simulated_phone_opens_the_simulated_door() {
    let community = Community::start().await;
    let address = community.server.address();
    let behaviour = Behaviour {
        answer_after: Duration::ZERO,
        decline: false,
        unlock: true,
        stay: false,
    };
    let mut quiet = |_: Line| {};
    let mut phone_heard = |_: Line| {};
    let phone = run_phone(
        &address,
        &community.mum,
        "mum-1",
        behaviour,
        &mut phone_heard,
    );
    let talk = Duration::from_secs(1);
    let door = run_door(&address, &community.lobby, HOUSEHOLD, talk, &mut quiet);

    let (phone, door) = tokio::join!(phone, door);

    let (Ok(PhoneOutcome::Unlocked { result, .. }), Ok(DoorOutcome::Unanswered { reason, .. })) =
        (phone, door)
    else {
        panic!("the phone or the door did something else");
    };
    assert_eq!((&*result, &*reason), ("executed", "unlocked"));
}

#[tokio::test]
async fn every_attempt_that_is_denied_is_on_record_and_moves_nothing() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let mut mum = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut mum).await;
    let body = json!({"unlock_id": "s-1", "call_id": call});
    let stranger = ask(&community, &community.neighbour.token, &body).await;
    door.control(&call, DoorAction::Cancelled, None)
        .await
        .ok()
        .unwrap();
    let late = mum.unlock(&call, "l-1").await.ok().unwrap();
    let unknown = ask_door(&community, &community.mum, "nowhere", "n-1").await;

    assert_eq!((stranger.0, &stranger.1["data"]), (404, &Value::Null));
    assert_eq!(
        (late.http_status, &late.data["reason"]),
        (409, &json!("call_ended"))
    );
    assert_eq!(unknown.0, 404);
    let denied = |why: &str| ("denied".to_owned(), json!(why));
    assert_eq!(
        listed(&community).await,
        [denied("call_ended"), denied("not_in_call")]
    );
    assert!(super::lock::hears_none(&mut door, Duration::from_millis(200)).await);
}
