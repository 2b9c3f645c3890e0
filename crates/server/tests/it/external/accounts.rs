//! Accounts at the broker: one for each door and client, as long as there is one.

use serde_json::json;

use crate::community::PASSWORD;
use crate::external::broker::{ADMIN, ADMIN_PASSWORD};
use crate::external::estate::{Estate, GATE, credentials};

#[tokio::test]
async fn each_has_a_password_of_its_own_and_its_own_topics_only() {
    let estate = Estate::start().await;
    let gate = estate.gate().await;
    let (_, first) = estate.register("mum", "mum_1").await;
    let (_, second) = estate.register("mum", "mum_2").await;
    let (_, neighbours) = estate.register("neighbour", "n_1").await;

    let own = &first.topics.incoming_calls;
    let mut shown = credentials(&first);
    assert!(estate.is_let_in(&shown, own));
    assert!(!estate.is_let_in(&shown, &neighbours.topics.incoming_calls));
    assert!(!estate.is_let_in(&shown, "users/+/calls/incoming"));
    assert!(!estate.is_let_in(&shown, "#"));
    assert!(!estate.is_let_in(&gate.shown, own));
    for other in [
        &second.mqtt_credentials.client_id,
        &neighbours.mqtt_credentials.client_id,
        GATE,
    ] {
        shown["mqtt_credentials"]["client_id"] = json!(other);
        assert!(
            !estate.is_let_in(&shown, own),
            "another's client id, {other}"
        );
    }
    shown = credentials(&second);
    shown["mqtt_credentials"]["password"] = json!(first.mqtt_credentials.password);
    assert!(!estate.is_let_in(&shown, own), "another client's password");
    shown["mqtt_credentials"]["username"] = json!("nobody");
    assert!(!estate.is_let_in(&shown, own), "nobody");
}

/// At such a broker whoever comes with a client id takes over the session that was there.
#[tokio::test]
async fn two_residents_who_choose_the_same_name_have_two_client_ids() {
    let estate = Estate::start().await;

    let (mum, mums) = estate.register("mum", "tablet").await;
    let (dad, dads) = estate.register("dad", "tablet").await;

    let ids = [&mums, &dads].map(|one| one.mqtt_credentials.client_id.clone());
    let expected = [&mum, &dad].map(|one| format!("{}_tablet", one.resident_id));
    assert_eq!(ids, expected);
    let status = json!({"client_id": mums.mqtt_credentials.client_id, "status": "active"});
    let path = format!("{}/api/mqtt/clients/status", estate.community.server.http);
    let noting = estate
        .community
        .server
        .client
        .put(path)
        .bearer_auth(&mum.token);
    assert_eq!(noting.json(&status).send().await.unwrap().status(), 200);
    let own = format!("{}_android_1", mum.resident_id);
    let (_, like_the_sample) = estate.register("mum", &own).await;
    assert_eq!(like_the_sample.mqtt_credentials.client_id, own);
}

#[tokio::test]
async fn a_new_secret_ends_the_old_password_and_the_connection() {
    let estate = Estate::start().await;
    let mut gate = estate.gate().await;
    let topic = "devices/gate/calls/control";
    let path = format!("{}/v1/devices/{GATE}/secret", estate.community.server.http);
    let client = &estate.community.server.client;
    let asked = client.post(path).bearer_auth(&estate.community.operator);

    let renewed: serde_json::Value = asked.send().await.unwrap().json().await.unwrap();

    gate.ear.ended().await;
    estate.until(false, &gate.shown, topic).await;
    let secret = renewed["secret"].as_str().unwrap();
    let shown = estate.door_credentials(GATE, secret).await;
    assert!(estate.is_let_in(&shown, topic));
}

#[tokio::test]
async fn whoever_is_removed_is_cut_off() {
    let estate = Estate::start().await;
    let mut gate = estate.gate().await;
    let (login, registered) = estate.register("mum", "mum_1").await;
    let own = &registered.topics.incoming_calls;
    let mut ear = estate.ear(&registered, &[own]).await;

    for path in [
        "devices/gate".to_owned(),
        format!("residents/{}", login.resident_id),
    ] {
        let path = format!("{}/v1/{path}", estate.community.server.http);
        let client = &estate.community.server.client;
        let asked = client.delete(path).bearer_auth(&estate.community.operator);
        assert_eq!(asked.send().await.unwrap().status(), 204);
    }

    gate.ear.ended().await;
    ear.ended().await;
    estate
        .until(false, &gate.shown, "devices/gate/calls/control")
        .await;
    estate.until(false, &credentials(&registered), own).await;
}

#[tokio::test]
async fn a_new_password_of_a_resident_ends_what_was_registered() {
    let estate = Estate::start().await;
    let (login, registered) = estate.register("mum", "mum_1").await;
    let own = &registered.topics.incoming_calls;
    let mut ear = estate.ear(&registered, &[own]).await;
    let server = &estate.community.server;
    let path = format!("{}/v1/residents/{}", server.http, login.resident_id);

    let asked = server
        .client
        .patch(path)
        .bearer_auth(&estate.community.operator);
    let body = json!({"password": format!("{PASSWORD} 2")});
    let answer = asked.json(&body).send().await.unwrap();

    assert!(answer.status().is_success(), "{}", answer.status());
    ear.ended().await;
    estate.until(false, &credentials(&registered), own).await;
}

#[tokio::test]
async fn what_the_broker_forgot_is_made_again_and_what_it_kept_too_long_goes() {
    let mut estate = Estate::start().await;
    let gate = estate.gate().await;
    let (_, registered) = estate.register("mum", "mum_1").await;
    let own = &registered.topics.incoming_calls;

    estate.broker.kill();
    estate.broker.forget_accounts();
    estate.broker.restart().await;

    estate.until(true, &credentials(&registered), own).await;
    estate
        .until(true, &gate.shown, "devices/gate/calls/control")
        .await;

    estate.broker.kill();
    let path = format!("{}/v1/devices/{GATE}", estate.community.server.http);
    let client = &estate.community.server.client;
    let asked = client.delete(path).bearer_auth(&estate.community.operator);
    assert_eq!(asked.send().await.unwrap().status(), 204);
    estate.broker.restart().await;

    estate.until(true, &credentials(&registered), own).await;
    estate
        .until(false, &gate.shown, "devices/gate/calls/control")
        .await;
}

#[tokio::test]
async fn others_accounts_at_the_broker_are_left_alone() {
    let mut estate = Estate::start().await;
    let mut control = std::process::Command::new("mosquitto_ctrl");
    let (host, port) = (estate.broker.address.ip(), estate.broker.address.port());
    control.args(["-h", &host.to_string(), "-p", &port.to_string()]);
    control.args([
        "-u",
        ADMIN,
        "-P",
        ADMIN_PASSWORD,
        "dynsec",
        "createClient",
        "meter",
    ]);
    assert!(control.args(["-p", "metering"]).status().unwrap().success());

    estate.community.server.kill();
    estate.restart_server();
    let gate = estate.gate().await;

    assert!(estate.is_let_in(&gate.shown, "devices/gate/calls/control"));
    let meter = json!({"mqtt_credentials":
        {"username": "meter", "password": "metering", "client_id": "meter"}});
    let mut publish = estate.tool("mosquitto_pub", &meter);
    publish.args(["-q", "0", "-t", "meter", "-m", "1"]);
    assert!(publish.status().unwrap().success());
}
