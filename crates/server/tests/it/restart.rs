//! The process is killed in the middle of calls: nothing acknowledged is lost.

use sim::{DoorAction, PhoneAction};

use crate::community::{Community, HOUSEHOLD, SOON, control, incoming, said};
use crate::running::Running;

#[tokio::test]
async fn a_ringing_call_rings_on_after_a_kill_and_can_be_answered() {
    let mut community = Community::start().await;
    let door = community.door().await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;

    community.server.kill_and_restart();
    let mut door = community.door().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;

    assert_eq!(said(&door.next(SOON).await.unwrap()), ("ringing", None));
    assert_eq!(incoming(&mut phone).await.call_id, call);
    let won = phone
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    assert!(won.is_success(), "{}", won.message);
    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
}

#[tokio::test]
async fn an_answered_call_stays_answered_after_a_kill() {
    let mut community = Community::start().await;
    let door = community.door().await;
    let phone = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    phone
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();

    community.server.kill_and_restart();
    let mut door = community.door().await;
    let dad = community.phone(&community.dad, "dad-1").await;

    assert_eq!(door.next(SOON).await.unwrap().action, "answered");
    let late = dad
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    assert_eq!(late.http_status, 409);
    door.control(&call, DoorAction::Hangup, None)
        .await
        .ok()
        .unwrap();
    assert_eq!(community.records().await[0]["outcome"], "answered");
}

#[tokio::test]
async fn a_ring_limit_armed_before_a_kill_still_ends_the_call() {
    let mut community = Community::on(Running::with(&[("CALLS__RING_S", "5")])).await;
    let door = community.door().await;
    door.press(HOUSEHOLD).await.ok().unwrap();

    community.server.kill_and_restart();
    let mut phone = community.phone(&community.mum, "mum-1").await;
    let mut door = community.door().await;

    incoming(&mut phone).await;
    assert_eq!(control(&mut phone).await.action, "timeout");
    assert_eq!(door.next(SOON).await.unwrap().action, "ringing");
    assert_eq!(
        said(&door.next(SOON).await.unwrap()),
        ("hangup", Some("ring_timeout"))
    );
}
