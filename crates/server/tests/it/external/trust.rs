//! Whom the server trusts, and what it finds out about the broker.

use std::fs;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::community::{Community, SOON};
use crate::external::broker::Mosquitto;
use crate::external::estate::server_at;
use crate::running::Running;

const PAUSE: Duration = Duration::from_millis(50);

/// Reads a figure from /metrics until it is as expected.
async fn until(server: &Running, figure: &str, expected: &str) {
    let line = format!("{figure} {expected}");
    let looking = async {
        loop {
            let asked = server.client.get(format!("{}/metrics", server.http)).send();
            let shown = asked.await.unwrap().text().await.unwrap();
            if shown.lines().any(|one| one == line) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(SOON, looking).await.expect(&line);
}

const CONNECTED: &str = "koumen_external_mqtt_connected";

/// A9: a broker whose certificate nobody vouches for gets neither our password nor a call.
#[tokio::test]
async fn a9_a_broker_that_cannot_be_trusted_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    for authority in ["right", "wrong"] {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        fs::write(at(&format!("{authority}.crt")), issuer.pem()).unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        fs::write(at(&format!("{authority}-broker.crt")), certificate.pem()).unwrap();
        fs::write(at(&format!("{authority}-broker.key")), key.serialize_pem()).unwrap();
    }
    let broker = Mosquitto::by_tls(&at("right-broker.crt"), &at("right-broker.key")).await;
    let url = format!("mqtts://localhost:{}", broker.address.port());
    let server = |ca: &str| {
        let ca = at(ca);
        server_at(
            &broker,
            &[("MQTT__EXTERNAL__URL", &url), ("MQTT__EXTERNAL__CA", &ca)],
        )
    };

    let trusting = server("right.crt");
    until(&trusting, CONNECTED, "1").await;
    let doubting = server("wrong.crt");
    let community = Community::on(doubting).await;
    let (status, _) = community
        .server
        .get("/v1/records", &community.operator)
        .await;

    assert_eq!(status, 200);
    until(&community.server, CONNECTED, "0").await;
    let log = broker.log();
    assert!(log.contains("unknown ca") || log.contains("alert"), "{log}");
}

#[tokio::test]
async fn a_broker_without_the_plugin_is_found_out() {
    let broker = Mosquitto::open(&["allow_anonymous true", "acl_file /dev/null"]).await;

    let server = server_at(&broker, &[]);

    until(&server, CONNECTED, "1").await;
    until(
        &server,
        "koumen_external_mqtt_lacks{what=\"publishing\"}",
        "1",
    )
    .await;
    until(
        &server,
        "koumen_external_mqtt_lacks{what=\"dynamic_security\"}",
        "1",
    )
    .await;
    until(
        &server,
        "koumen_external_mqtt_lacks{what=\"subscribing\"}",
        "0",
    )
    .await;
}

#[tokio::test]
async fn a_broker_that_takes_nothing_acknowledged_is_found_out() {
    let broker = Mosquitto::open(&["allow_anonymous true", "max_qos 0"]).await;

    let server = server_at(&broker, &[]);

    until(
        &server,
        "koumen_external_mqtt_lacks{what=\"acknowledgement\"}",
        "1",
    )
    .await;
}
