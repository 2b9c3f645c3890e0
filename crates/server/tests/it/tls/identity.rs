//! Mutual TLS: a certificate that names a device signs it in.

use std::process::Command;

use serde_json::json;

use super::secure::{Secure, publish};
use crate::community::{HOUSEHOLD, SOON, control, incoming};
use crate::listener::Listener;
use crate::running::Running;
use crate::stock::{PAHO, python};

const DEVICE: &str = "mqtt_call/controller/device";

/// Whether a client with this certificate is let in with these arguments.
fn is_let_in(secure: &Secure, certificate: &str, arguments: &[&str]) -> bool {
    let mut command = secure.mosquitto_as("mosquitto_pub", certificate);
    publish(command.args(arguments), DEVICE, "{}").0
}

#[tokio::test]
async fn a_certificate_signs_a_door_in_without_a_password() {
    let secure = Secure::start().await;
    let community = &secure.community;
    let door = community.door().await;
    let mut phone = community.phone(&community.mum, "mum-1").await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    incoming(&mut phone).await;

    let cancel = json!({"action": "cancelled", "call_id": call}).to_string();
    let mut publishing = secure.mosquitto_as("mosquitto_pub", "lobby");
    let (is_taken, why) = publish(&mut publishing, DEVICE, &cancel);

    assert!(is_taken, "{why}");
    assert_eq!(control(&mut phone).await.action, "hangup");
}

#[tokio::test]
async fn a_certificate_signs_a_door_in_over_secure_websocket_too() {
    let secure = Secure::start().await;
    let (_, address) = secure.community.server.https.split_once("://").unwrap();
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut python = Command::new(python());
    python.args(["-c", PAHO, "3.1.1", host, port, "", "", "websockets"]);
    python.args(["public.crt", "lobby.crt", "lobby.key"].map(|name| secure.files.path(name)));

    let (_door, topic, _) = Listener::start(&mut python).next().await;

    assert_eq!(topic, "ready");
}

#[tokio::test]
async fn what_is_shown_beside_a_certificate_must_agree_with_it() {
    let secure = Secure::start().await;
    let (lobby, garage) = (&secure.community.lobby, &secure.community.garage);
    let mum = &secure.community.mum;

    for (user, password) in [("lobby", None), ("lobby", Some(&lobby.secret))] {
        let mut arguments = vec!["-u", user];
        arguments.extend(password.iter().flat_map(|it| ["-P", it.as_str()]));
        assert!(is_let_in(&secure, "lobby", &arguments), "{arguments:?}");
    }
    for (user, password) in [
        ("garage", None),
        ("garage", Some(&garage.secret)),
        ("lobby", Some(&garage.secret)),
        (&*mum.resident_id, Some(&mum.token)),
    ] {
        let mut arguments = vec!["-u", user];
        arguments.extend(password.iter().flat_map(|it| ["-P", it.as_str()]));
        assert!(!is_let_in(&secure, "lobby", &arguments), "{user}");
    }
}

#[tokio::test]
async fn a_certificate_that_names_no_device_leaves_the_word_to_the_password() {
    let secure = Secure::start().await;
    let lobby = ["-u", "lobby", "-P", &secure.community.lobby.secret];

    assert!(!is_let_in(&secure, "stranger", &[]));
    assert!(!is_let_in(&secure, "stranger", &["-u", "lobby"]));
    assert!(is_let_in(&secure, "stranger", &lobby));
}

#[tokio::test]
async fn a_certificate_of_another_authority_ends_the_handshake() {
    let secure = Secure::start().await;
    let lobby = ["-u", "lobby", "-P", &secure.community.lobby.secret];

    // Even beside the right secret: what is shown must be true.
    assert!(!is_let_in(&secure, "forged", &lobby));
    assert!(!is_let_in(&secure, "forged", &[]));
}

#[tokio::test]
async fn a_door_that_is_removed_is_turned_away_with_its_certificate() {
    let secure = Secure::start().await;
    let server = &secure.community.server;
    let mut listening = secure.mosquitto_as("mosquitto_sub", "lobby");
    // It comes again by itself, so that its end shows that it was refused.
    listening.args(["-t", DEVICE]);
    let listening = tokio::task::spawn_blocking(move || listening.output().unwrap());
    until_connected(server).await;

    let gone = server
        .client
        .delete(format!("{}/v1/devices/lobby", server.http))
        .bearer_auth(&secure.community.operator);
    assert!(gone.send().await.unwrap().status().is_success());

    let ended = tokio::time::timeout(SOON, listening).await.unwrap();
    assert!(!ended.unwrap().status.success());
    assert!(!is_let_in(&secure, "lobby", &[]));
}

/// Waits until one client is on MQTT.
async fn until_connected(server: &Running) {
    let path = format!("{}/metrics", server.http);
    let waiting = async {
        loop {
            let shown = server.client.get(&path).send().await.unwrap();
            if shown
                .text()
                .await
                .unwrap()
                .contains("koumen_mqtt_connections 1")
            {
                return;
            }
        }
    };
    tokio::time::timeout(SOON, waiting).await.unwrap();
}
