//! Once and never late: repeated requests, doors that come back, a server that is killed.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::timeout;

use crate::community::{Community, SOON};
use crate::raw::{Raw, SignIn};
use crate::unlock::lock::{ask_door, hears_none, listed, order};

#[tokio::test]
async fn the_same_unlock_id_a_hundred_times_moves_the_relay_once() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let confirms = async {
        let heard = order(&mut door).await.unlock_id.unwrap();
        let reply = door.confirm(&heard, true).await.ok().unwrap();
        assert!(reply.is_success(), "{}", reply.message);
    };
    let asking = (0..100).map(|_| ask_door(&community, &community.mum, "lobby", "same"));

    let (replies, ()) = tokio::join!(join_all(asking), confirms);

    let ids: Vec<_> = replies
        .iter()
        .map(|(_, reply)| &reply["data"]["id"])
        .collect();
    assert!(
        ids.iter().all(|id| *id == ids[0] && id.is_string()),
        "{ids:?}"
    );
    assert!(
        replies
            .iter()
            .all(|(_, reply)| reply["data"]["result"] == "executed")
    );
    assert!(hears_none(&mut door, Duration::from_millis(500)).await);
    assert_eq!(listed(&community).await.len(), 1);
}

#[tokio::test]
async fn the_key_of_one_resident_is_not_anothers() {
    let community = Community::start().await;
    let mut door = community.door().await;
    let both = async {
        tokio::join!(
            ask_door(&community, &community.mum, "lobby", "same"),
            ask_door(&community, &community.neighbour, "lobby", "same")
        )
    };
    let confirms = async {
        for _ in 0..2 {
            let heard = order(&mut door).await.unlock_id.unwrap();
            door.confirm(&heard, true).await.ok().unwrap();
        }
    };

    let ((mum, neighbour), ()) = tokio::join!(both, confirms);

    assert_eq!((mum.0, neighbour.0), (200, 200));
    assert_ne!(mum.1["data"]["id"], neighbour.1["data"]["id"]);
}

#[tokio::test]
async fn a_key_that_was_used_for_another_door_is_refused() {
    let community = Community::start().await;
    ask_door(&community, &community.mum, "lobby", "same").await;

    let (status, reply) = ask_door(&community, &community.mum, "garage", "same").await;

    assert_eq!(status, 409, "{reply}");
    assert_eq!(listed(&community).await.len(), 1);
}

#[tokio::test]
async fn a_door_with_two_connections_is_told_on_one() {
    let community = Community::start().await;
    let mut first = lobby(&community, "one", true).await;
    let mut second = lobby(&community, "two", true).await;
    for link in [&mut first, &mut second] {
        link.subscribe("mqtt_call/controller/device").await;
    }

    let asked = ask_door(&community, &community.mum, "lobby", "u-1");
    let ((_, reply), (topic, told)) = tokio::join!(asked, second.heard_plain());

    assert_eq!(topic, "mqtt_call/controller/device");
    assert_eq!(told["unlock_id"], reply["data"]["id"]);
    assert!(
        timeout(Duration::from_millis(300), first.heard_plain())
            .await
            .is_err()
    );
}

/// The session lasts, and what is sent at QoS 1 would wait in it.
#[tokio::test]
async fn no_order_reaches_a_door_that_comes_back_to_its_session() {
    let community = Community::start().await;
    let mut away = lobby(&community, "panel", false).await;
    away.subscribe("mqtt_call/controller/device").await;
    drop(away);
    until_gone(&community).await;

    let (status, reply) = ask_door(&community, &community.mum, "lobby", "u-1").await;
    let mut back = lobby(&community, "panel", false).await;

    assert_eq!(
        (status, &reply["data"]["result"]),
        (409, &json!("unreachable"))
    );
    assert!(
        timeout(Duration::from_secs(1), back.heard_plain())
            .await
            .is_err()
    );
}

/// The connection is half dead: the door's side is gone without a word, so the order is written to a
/// socket that nobody reads.
#[tokio::test]
async fn an_order_that_a_dead_connection_swallowed_is_not_sent_again() {
    let community = Community::start().await;
    let mut deaf = lobby(&community, "panel", false).await;
    deaf.subscribe("mqtt_call/controller/device").await;

    let (status, reply) = ask_door(&community, &community.mum, "lobby", "u-1").await;
    let mut back = lobby(&community, "panel", false).await;

    assert_eq!((status, &reply["data"]["result"]), (202, &json!("unknown")));
    assert_eq!(reply["data"]["is_final"], false);
    assert!(
        timeout(Duration::from_secs(1), back.heard_plain())
            .await
            .is_err()
    );
    // The same again tells how it stands, and sends nothing.
    let (status, _) = ask_door(&community, &community.mum, "lobby", "u-1").await;
    assert_eq!(status, 202);
    assert!(
        timeout(Duration::from_secs(1), back.heard_plain())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn who_waits_is_told_within_three_seconds_and_the_late_word_counts() {
    let community = Community::start().await;
    let mut door = community.door().await;

    let asked = timeout(
        Duration::from_secs(3),
        ask_door(&community, &community.mum, "lobby", "u-1"),
    );
    let ((status, reply), heard) = {
        let (asked, heard) = tokio::join!(asked, order(&mut door));
        (asked.expect("the answer comes in time"), heard)
    };
    assert_eq!((status, &reply["data"]["result"]), (202, &json!("unknown")));

    door.confirm(&heard.unlock_id.unwrap(), true)
        .await
        .ok()
        .unwrap();

    let (status, reply) = ask_door(&community, &community.mum, "lobby", "u-1").await;
    assert_eq!(
        (status, &reply["data"]["result"]),
        (200, &json!("executed"))
    );
}

#[tokio::test]
async fn an_order_whose_server_was_killed_ends_as_unknown_and_is_not_sent_again() {
    let mut community = Community::start().await;
    let mut door = community.door().await;
    let asking = {
        let (http, token) = (community.server.http.clone(), community.mum.token.clone());
        let client = community.server.client.clone();
        async move {
            let body = json!({"unlock_id": "u-1", "device_id": "lobby"}).to_string();
            let path = format!("{http}/api/mqtt/calls/unlock");
            let request = client.post(path).bearer_auth(token).body(body);
            request.send().await.is_ok()
        }
    };
    let heard_then_killed = async {
        let heard = order(&mut door).await;
        community.server.kill();
        heard
    };
    let (_, heard) = tokio::join!(asking, heard_then_killed);
    community.server.restart();
    let mut back = community.door().await;

    let again = until_final(&community).await;

    assert_eq!(again, "unknown");
    assert!(hears_none(&mut back, Duration::from_millis(500)).await);
    // The door may still say what it did: that is no guess.
    let id = heard.unlock_id.unwrap();
    back.confirm(&id, true).await.ok().unwrap();
    assert_eq!(listed(&community).await[0].0, "executed");
    super::chain::assert_whole(&community);
}

async fn lobby(community: &Community, client: &str, clean: bool) -> Raw {
    let sign_in = SignIn {
        client,
        user: "lobby",
        password: &community.lobby.secret,
        will: None,
    };
    let (raw, code) = Raw::open_session(&community.server.address(), sign_in, clean).await;
    assert_eq!(code, 0);
    raw
}

/// Waits until the server knows that the lobby is away.
async fn until_gone(community: &Community) {
    let gone = async {
        loop {
            let path = "/v1/connections?device=lobby";
            let (_, page) = community.server.get(path, &community.operator).await;
            if page["items"].as_array().is_some_and(Vec::is_empty) {
                return;
            }
        }
    };
    timeout(SOON, gone).await.unwrap();
}

/// The state of the only order once nothing more is waited for.
async fn until_final(community: &Community) -> String {
    let waiting = async {
        loop {
            let (state, _) = listed(community).await.pop().unwrap();
            if state != "sent" && state != "authorised" {
                return state;
            }
        }
    };
    timeout(SOON, waiting).await.unwrap()
}
