//! Nothing a client sends, or fails to read, hurts the broker or another client.

use std::time::Duration;

use broker::{Audience, DisconnectReason, Limits, Message};

use crate::client::{ALL, Client, Speaks, hello};
use crate::owner::House;

#[tokio::test]
async fn garbage_instead_of_connect_is_closed() {
    let house = House::new();
    let long_body = [
        0x10, 0xFF, 0xFF, 0xFF, 0x7F, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0,
    ];
    for garbage in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        &[0x30, 3, 0, 1, b'a'],
        &[0xFF; 64],
        &[0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 4, 0, 0, 0, 0],
        &[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 9, 2, 0, 0, 0, 0],
        &[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 0xFF, 0, 0, 0, 0],
        &[
            0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, 1, 0xFF,
        ],
        &long_body,
    ] {
        let mut client = Client::dial(house.address, Speaks::V311).await;
        client.send_bytes(garbage).await;
        assert_eq!(client.closed().await, None, "{garbage:?}");
    }
}

#[tokio::test]
async fn broken_or_misplaced_packets_close_only_their_connection() {
    let house = House::new();
    let (mut healthy, _) = Client::connect(house.address, &hello(Speaks::V311, "healthy")).await;
    healthy.subscribe(&[("#", 1)]).await;
    let second_connect = [
        0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, 1, b'x',
    ];
    for bytes in [
        &second_connect[..],
        &[0x30, 5, 0, 3, b'a', b'/', b'#'],
        &[0x30, 5, 0, 3, b'a', 0, b'b'],
        &[0x30, 4, 0, 2, 0xC3, 0x28],
        &[0x30, 2, 0, 0],
        &[0x32, 5, 0, 1, b'a', 0, 0],
        &[0x34, 5, 0, 1, b'a', 0, 9],
        &[0x36, 5, 0, 1, b'a', 0, 9],
        &[0x82, 2, 0, 1],
        &[0x82, 6, 0, 0, 0, 1, b'a', 1],
        &[0x80, 6, 0, 1, 0, 1, b'a', 1],
        &[0xA2, 2, 0, 1],
        &[0x62, 2, 0, 1],
        &[0x50, 2, 0, 1],
        &[0x20, 2, 0, 0],
        &[0xF0, 0],
        &[0x00, 0],
        &[0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        &[0x30, 0xFF, 0xFF, 0xFF, 0x7F],
    ] {
        let (mut client, _) = Client::connect(house.address, &hello(Speaks::V311, "c")).await;
        client.send_bytes(bytes).await;
        assert_eq!(client.closed().await, None, "{bytes:?}");
    }
    healthy.publish("still", "here", 0).await;
    assert_eq!(healthy.text().await, "here");
}

#[tokio::test]
async fn v5_faults_are_told_with_their_reason() {
    let house = House::new();
    for (bytes, code) in [
        (&[0x34, 6, 0, 1, b'a', 0, 9, 0][..], 0x9B),
        (&[0x30, 7, 0, 1, b'a', 3, 0x23, 0, 1], 0x94),
        (&[0x30, 4, 0, 1, b'+', 0], 0x90),
        (&[0x30, 0xFF, 0xFF, 0xFF, 0x7F], 0x95),
        (
            &[0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 5, 2, 0, 0, 0, 0, 0],
            0x82,
        ),
    ] {
        let (mut client, _) = Client::connect(house.address, &hello(Speaks::V5, "c")).await;
        client.send_bytes(bytes).await;
        assert_eq!(client.closed().await, Some(code), "{bytes:?}");
    }
}

#[tokio::test]
async fn a_puback_nobody_waits_for_is_ignored() {
    for speaks in ALL {
        let house = House::new();
        let (mut client, _) = Client::connect(house.address, &hello(speaks, "c")).await;

        client.send_bytes(&[0x40, 2, 0x12, 0x34]).await;

        client.settle().await;
    }
}

#[tokio::test]
async fn the_sixty_fifth_subscription_is_refused() {
    let house = House::new();
    let (mut client, _) = Client::connect(house.address, &hello(Speaks::V5, "c")).await;
    let filters: Vec<String> = (0..65).map(|number| format!("f/{number}")).collect();
    let filters: Vec<(&str, u8)> = filters.iter().map(|filter| (filter.as_str(), 0)).collect();

    let codes = client.subscribe(&filters).await;

    assert!(codes[..64].iter().all(|code| *code == 0));
    assert_eq!(codes[64], 0x97);
    assert_eq!(
        client.subscribe(&[("f/0", 1)]).await,
        [1],
        "replacing one is no new one"
    );
    let deep = "a/".repeat(40);
    assert_eq!(client.subscribe(&[(&deep, 1)]).await, [0x8F]);
}

#[tokio::test]
async fn a_reader_that_never_reads_does_not_slow_a_healthy_one() {
    let limits = Limits {
        outgoing_bytes_max: 64 * 1024,
        ..Limits::default()
    };
    let house = House::with(limits);
    let (mut slow, _) = Client::connect(house.address, &hello(Speaks::V311, "slow")).await;
    let (mut healthy, _) = Client::connect(house.address, &hello(Speaks::V311, "healthy")).await;
    let (mut writer, _) = Client::connect(house.address, &hello(Speaks::V311, "writer")).await;
    slow.subscribe(&[("flood", 1)]).await;
    healthy.subscribe(&[("flood", 1)]).await;
    let payload = "x".repeat(8 * 1024);

    for _ in 0..2_000 {
        writer.publish_acked("flood", &payload, false).await;
        assert_eq!(healthy.text().await.len(), payload.len());
    }

    let counts = house.broker.counts();
    assert!(counts.queued_bytes <= 4 * 1024 * 1024, "{counts:?}");
    assert!(counts.dropped > 0, "{counts:?}");
}

#[tokio::test]
async fn a_reader_that_takes_no_byte_for_too_long_is_closed() {
    let limits = Limits {
        outgoing_bytes_max: 8 * 1024 * 1024,
        stall_life: Duration::from_millis(100),
        ..Limits::default()
    };
    let mut house = House::with(limits);
    let (mut slow, _) = Client::connect(house.address, &hello(Speaks::V311, "slow")).await;
    slow.subscribe(&[("flood", 0)]).await;

    for _ in 0..400 {
        house.broker.publish(
            Message {
                topic: "flood".into(),
                payload: vec![b'x'; 64 * 1024].into(),
                qos: 0,
                retain: false,
                transient: false,
                expires: None,
                audience: Audience::Everyone,
            },
            None,
        );
    }

    assert_eq!(house.end_of("slow").await, DisconnectReason::SlowReader);
}
