//! What an operator meets first: `--tls self-signed`, and what is wrong with their settings.

use std::process::Command;

use super::secure::{Files, browser, mosquitto, publish};
use crate::community::Community;
use crate::running::{KOUMEN, Running};

#[tokio::test]
async fn a_self_signed_server_is_reached_by_those_who_have_its_certificate() {
    let free = [
        ("HTTP__LISTEN_TLS", "127.0.0.1:0"),
        ("MQTT__LISTEN_TLS", "127.0.0.1:0"),
    ];
    let arguments = ["--tls", "self-signed"];
    let community = Community::on(Running::by(&free, &arguments, "127.0.0.1:0")).await;
    let server = &community.server;
    let certificate = server.folder().join("self-signed.crt");

    let asked = browser(&certificate).get(format!("{}/healthz", server.https));
    let answered = asked.send().await.unwrap();
    let mut publishing = mosquitto("mosquitto_pub", &server.mqtts, &certificate);
    publishing.args(["-u", "lobby", "-P", &community.lobby.secret]);
    let (is_taken, why) = publish(&mut publishing, "mqtt_call/controller/device", "{}");

    assert_eq!(answered.status().as_u16(), 200);
    assert!(is_taken, "{why}");
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]);
    let shown = openssl.arg(&certificate).output().unwrap().stdout;
    let shown = String::from_utf8(shown).unwrap();
    let fingerprint = server.fingerprint.strip_prefix("sha256 ").unwrap();
    assert!(shown.contains(fingerprint), "{shown} {fingerprint}");
}

/// What `koumen config check` says with these settings.
fn checked(settings: &[(&str, String)]) -> (bool, String) {
    let settings = settings
        .iter()
        .map(|(key, value)| (format!("KOUMEN__{key}"), value));
    let mut command = Command::new(KOUMEN);
    let output = command.args(["config", "check"]).envs(settings).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.success(), said)
}

#[test]
fn the_check_of_settings_reads_the_certificate() {
    let files = Files::new();
    let authority = files.authority("public");
    files.sign(&authority, "server");
    files.sign(&authority, "other");
    let with_key = |key: &str| {
        checked(&[
            ("TLS__CERTIFICATE", files.text("server.crt")),
            ("TLS__KEY", files.text(key)),
        ])
    };

    let (is_right, said) = with_key("server.key");
    assert!(is_right, "{said}");
    let (is_right, said) = with_key("other.key");
    assert!(!is_right);
    for part in [
        "tls.key: ",
        "/other.key",
        "does not belong to tls.certificate",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn the_check_of_settings_wants_a_certificate_for_tls() {
    let (is_right, said) = checked(&[("HTTP__LISTEN_TLS", "0.0.0.0:8443".into())]);

    assert!(!is_right);
    assert!(
        said.contains("http.listen_tls: needs tls.certificate"),
        "{said}"
    );
}
