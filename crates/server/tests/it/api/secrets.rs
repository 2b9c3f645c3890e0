//! Ends of secrets, passwords and logins: what was shown is worth nothing, connections close.

use serde_json::{Value, json};
use sim::{Door, DoorLogin, Phone, SimError};

use super::console::Console;
use crate::community::{Community, SOON};

#[tokio::test]
async fn a_new_secret_closes_the_link_and_refuses_the_old_one() {
    let console = Console::start().await;
    let mut door = console.community.door().await;
    let (status, reply) = console
        .ask("POST", "/v1/devices/lobby/secret", json!({}))
        .await;
    assert_eq!(status, 200);

    assert!(matches!(door.next(SOON).await, Err(error) if !matches!(error, SimError::Quiet(_))));
    assert!(!may_connect(&console.community, &console.community.lobby).await);
    let renewed = DoorLogin {
        device_id: "lobby".into(),
        secret: reply["secret"].as_str().unwrap().to_owned(),
    };
    assert!(may_connect(&console.community, &renewed).await);
}

#[tokio::test]
async fn a_removed_device_is_gone_at_once_but_not_out_of_a_call() {
    let console = Console::start().await;
    let mut door = console.community.door().await;
    let call = door.press("1-101").await.ok().unwrap().call_id;
    let remove = async || {
        console
            .ask("DELETE", "/v1/devices/lobby", Value::Null)
            .await
    };

    let (status, held) = remove().await;
    assert_eq!(
        (status, &held["detail"]),
        (409, &json!("device must stay: it is in a call"))
    );
    let end = format!("/v1/calls/{call}/end");
    console.ask("POST", &end, json!({})).await;
    assert_eq!(remove().await.0, 204);

    while let Ok(message) = door.next(SOON).await {
        assert!(
            ["ringing", "hangup"].contains(&&*message.action),
            "{message:?}"
        );
    }
    assert!(!may_connect(&console.community, &console.community.lobby).await);
    let (_, records) = console.ask("GET", "/v1/records", Value::Null).await;
    assert_eq!(
        records["records"][0]["community"],
        json!(console.home().await)
    );
}

#[tokio::test]
async fn a_resident_is_turned_away_by_a_new_password_and_by_removal() {
    let console = Console::start().await;
    let community = &console.community;
    let mum = &community.mum;
    let path = format!("/v1/residents/{}", mum.resident_id);
    let mut phone = community.phone(mum, "mum-1").await;

    let patch = json!({"password": "another one"});
    assert_eq!(console.ask("PATCH", &path, patch).await.0, 200);
    assert!(matches!(phone.next(SOON).await, Err(error) if !matches!(error, SimError::Quiet(_))));
    let address = community.server.address();
    assert!(Phone::connect(&address, mum, "mum-1").await.is_err());
    let old = json!({"name": "mum", "password": "correct horse"});
    assert_eq!(console.ask("POST", "/v1/login", old).await.0, 401);
    let token = console.sign_in("mum", "another one").await;
    assert_eq!(console.ask("DELETE", &path, Value::Null).await.0, 204);
    let (status, _) = console
        .ask_as(&token, "DELETE", "/v1/login", Value::Null)
        .await;
    assert_eq!(status, 401);
}

#[tokio::test]
async fn signing_out_ends_one_login() {
    let console = Console::start().await;
    let community = &console.community;
    let second = community.sign_in("mum").await;
    let mut phone = community.phone(&community.mum, "mum-1").await;

    let (status, _) = console
        .ask_as(&community.mum.token, "DELETE", "/v1/login", Value::Null)
        .await;

    assert_eq!(status, 204);
    assert!(matches!(phone.next(SOON).await, Err(error) if !matches!(error, SimError::Quiet(_))));
    let address = community.server.address();
    assert!(
        Phone::connect(&address, &community.mum, "mum-1")
            .await
            .is_err()
    );
    assert!(Phone::connect(&address, &second, "mum-2").await.is_ok());
    let operator = console.sign_in("anna", "correct horse").await;
    for expected in [204, 401] {
        let (status, _) = console
            .ask_as(&operator, "DELETE", "/v1/login", Value::Null)
            .await;
        assert_eq!(status, expected);
    }
}

/// Connects again and again until it is refused; the last connection that was let in.
async fn connect_until_refused(community: &Community, client: &str) -> Option<Phone> {
    let (address, login) = (community.server.address(), &community.mum);
    let mut last = None;
    while let Ok(phone) = Phone::connect(&address, login, client).await {
        last = Some(phone);
    }
    last
}

#[tokio::test]
async fn a_connection_under_way_does_not_outlive_a_new_password() {
    let console = Console::start().await;
    let community = &console.community;
    let path = format!("/v1/residents/{}", community.mum.resident_id);
    let change = async {
        let patch = json!({"password": "another one"});
        console.ask("PATCH", &path, patch).await.0
    };

    let (status, a, b, c) = tokio::join!(
        change,
        connect_until_refused(community, "a"),
        connect_until_refused(community, "b"),
        connect_until_refused(community, "c"),
    );

    assert_eq!(status, 200);
    for mut phone in [a, b, c].into_iter().flatten() {
        let end = phone.next(SOON).await.err().unwrap();
        assert!(!matches!(end, SimError::Quiet(_)), "{end}");
    }
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_outlive_a_new_password() {
    let console = Console::start().await;
    let community = &console.community;
    let address = community.server.address();
    let path = format!("/v1/residents/{}", community.mum.resident_id);
    let mut tokens = Vec::new();
    let sign_in_until_refused = async {
        while let Ok(login) = sim::login(&address, "mum", "correct horse").await {
            tokens.push(login.token);
        }
    };
    let patch = json!({"password": "another one"});

    let (changed, ()) = tokio::join!(console.ask("PATCH", &path, patch), sign_in_until_refused);

    assert_eq!(changed.0, 200);
    for token in tokens {
        let (status, _) = console
            .ask_as(&token, "DELETE", "/v1/login", Value::Null)
            .await;
        assert_eq!(status, 401);
    }
}

#[tokio::test]
async fn a_device_id_that_is_used_again_inherits_no_calls() {
    let console = Console::start().await;
    let door = console.community.door().await;
    let call = door.press("1-101").await.unwrap().call_id;
    let end = format!("/v1/calls/{call}/end");
    console.ask("POST", &end, json!({})).await;
    let session = format!("/api/mqtt/session?call_id={call}");
    let ask = async |secret: &str| {
        let url = format!("{}{session}", console.community.server.http);
        let client = &console.community.server.client;
        let asked = client.get(url).basic_auth("lobby", Some(secret));
        asked.send().await.unwrap().status().as_u16()
    };
    assert_eq!(ask(&console.community.lobby.secret).await, 200);

    console
        .ask("DELETE", "/v1/devices/lobby", Value::Null)
        .await;
    let towers = console
        .add("/v1/communities", json!({"name": "Towers"}))
        .await;
    let again = json!({"community": towers["id"], "id": "lobby", "name": "lobby"});
    let again = console.add("/v1/devices", again).await;

    assert_eq!(ask(again["secret"].as_str().unwrap()).await, 404);
}

async fn may_connect(community: &Community, login: &DoorLogin) -> bool {
    Door::connect(&community.server.address(), login)
        .await
        .is_ok()
}
