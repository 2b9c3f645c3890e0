//! The MQTT half against a scripted broker on a real socket, byte by byte.
//!
//! Source: MQTT 3.1.1 §3.1 to §3.4, §3.9, §3.14.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::error::SimError;
use crate::fake;
use crate::fake::broker::{accept, publish, suback};
use crate::server::ServerAddress;

const TOPIC: &str = "mqtt_call/controller/device";
const WAIT: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_message_that_follows_suback_reaches_the_owner() {
    let (server, listener) = listen().await;
    let broker = async {
        let (mut socket, connect) = accept(&listener, 0).await;
        suback(&mut socket, 1).await;
        publish(&mut socket, TOPIC, b"{\"a\":1}").await;
        (connect, socket)
    };

    let (opened, (connect, _socket)) = tokio::join!(open(&server), broker);
    let mut link = opened.ok().unwrap();
    let arrived = link.next(WAIT).await.ok().unwrap();

    assert_eq!(arrived.topic, TOPIC);
    assert_eq!(arrived.payload, b"{\"a\":1}");
    assert_eq!(connect, connect_of_the_door());
}

#[tokio::test]
async fn a_refused_connect_says_its_code() {
    let (server, listener) = listen().await;

    let (opened, _socket) = tokio::join!(open(&server), accept(&listener, 4));

    assert!(matches!(
        opened.err(),
        Some(SimError::ConnectRefused { code: 4 })
    ));
}

#[tokio::test]
async fn a_refused_subscription_is_told_apart() {
    let (server, listener) = listen().await;
    let broker = async {
        let (mut socket, _) = accept(&listener, 0).await;
        suback(&mut socket, 0x80).await;
        socket
    };

    let (opened, _socket) = tokio::join!(open(&server), broker);

    assert!(matches!(opened.err(), Some(SimError::SubscriptionRefused)));
}

#[tokio::test]
async fn a_quiet_wait_leaves_the_connection_usable() {
    let (server, listener) = listen().await;
    let (mut link, mut socket) = connected(&server, &listener).await;

    let quiet = link.next(Duration::ZERO).await.err();
    publish(&mut socket, TOPIC, b"later").await;
    let arrived = link.next(WAIT).await.ok().unwrap();

    assert!(matches!(quiet, Some(SimError::Quiet(Duration::ZERO))));
    assert_eq!(arrived.payload, b"later");
}

#[tokio::test]
async fn a_lost_connection_stays_lost_and_keeps_saying_so() {
    let (server, listener) = listen().await;
    let (mut link, socket) = connected(&server, &listener).await;

    drop(socket);
    let first = link.next(WAIT).await.err();
    let second = link.next(WAIT).await.err();

    assert!(matches!(first, Some(SimError::Disconnected { .. })));
    assert!(matches!(second, Some(SimError::Disconnected { .. })));
}

#[tokio::test]
async fn closing_says_disconnect() {
    let (server, listener) = listen().await;
    let (link, mut socket) = connected(&server, &listener).await;

    link.close().await;
    let mut last_words = Vec::new();
    socket.read_to_end(&mut last_words).await.unwrap();

    assert_eq!(last_words, [0xe0, 0]);
}

#[tokio::test]
async fn dropping_closes_the_socket_without_a_word() {
    let (server, listener) = listen().await;
    let (link, mut socket) = connected(&server, &listener).await;

    drop(link);
    let mut last_words = Vec::new();
    socket.read_to_end(&mut last_words).await.unwrap();

    assert!(last_words.is_empty());
}

async fn listen() -> (ServerAddress, TcpListener) {
    let mqtt = fake::listener().await;
    let server = fake::address(&mqtt, &mqtt);
    (server, mqtt)
}

async fn open(server: &ServerAddress) -> Result<Link, SimError> {
    let sign_in = SignIn {
        client_id: "d1",
        user: "d1",
        password: "pw",
    };
    Link::open(server, sign_in, &[TOPIC]).await
}

async fn connected(server: &ServerAddress, listener: &TcpListener) -> (Link, TcpStream) {
    let broker = async {
        let (mut socket, _) = accept(listener, 0).await;
        suback(&mut socket, 1).await;
        socket
    };
    let (opened, socket) = tokio::join!(open(server), broker);
    (opened.ok().unwrap(), socket)
}

/// Level 4, clean session with name and password, keep-alive 30 s.
fn connect_of_the_door() -> Vec<u8> {
    let mut bytes = vec![0x10, 22, 0, 4];
    bytes.extend_from_slice(b"MQTT\x04\xc2\x00\x1e\x00\x02d1\x00\x02d1\x00\x02pw");
    bytes
}
