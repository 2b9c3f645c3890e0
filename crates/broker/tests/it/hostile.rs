//! Nothing a client sends, or fails to read, hurts the broker or another client.
//! Raw bytes where the codec would refuse to write them.

use std::time::Duration;

use broker::{Audience, DisconnectReason, Limits, Message};

use crate::client::{ALL, Client, PATIENCE, Speaks, hello};
use crate::owner::{Heard, House};

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
        &[0x36, 5, 0, 1, b'a', 0, 9],
        &[0x82, 2, 0, 1],
        &[0x82, 6, 0, 0, 0, 1, b'a', 1],
        &[0x80, 6, 0, 1, 0, 1, b'a', 1],
        &[0xA2, 2, 0, 1],
        &[0x60, 2, 0, 1],
        &[0x62, 2, 0, 0],
        &[0x52, 2, 0, 1],
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
        (&[0x36, 6, 0, 1, b'a', 0, 9, 0][..], 0x81),
        (&[0x60, 2, 0, 1], 0x81),
        (&[0x30, 5, 0, 2, 0xC3, 0x28, 0], 0x81),
        (&[0x30, 7, 0, 1, b'a', 3, 0x23, 0, 17], 0x94),
        (&[0x30, 7, 0, 1, b'a', 3, 0x23, 0, 0], 0x94),
        (&[0x30, 6, 0, 0, 3, 0x23, 0, 1], 0x82),
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
    assert!(counts.queued_bytes <= 1024 * 1024, "{counts:?}");
    assert!(counts.dropped > 0, "{counts:?}");
}

#[tokio::test]
async fn a_reader_that_pauses_gets_everything_afterwards() {
    let limits = Limits {
        outgoing_bytes_max: 64 * 1024 * 1024,
        ..Limits::default()
    };
    let house = House::with(limits);
    let (mut reader, _) = Client::connect(house.address, &hello(Speaks::V311, "reader")).await;
    let (mut writer, _) = Client::connect(house.address, &hello(Speaks::V311, "writer")).await;
    reader.subscribe(&[("flood", 0)]).await;
    let payload = "x".repeat(200 * 1024);

    for _ in 0..90 {
        writer.publish_acked("flood", &payload, false).await;
    }

    for _ in 0..90 {
        assert_eq!(reader.text().await.len(), payload.len());
    }
    reader.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_that_comes_goes_and_takes_over_leaves_nothing_behind() {
    let mut house = House::new();
    let address = house.address;
    let mut tasks = Vec::new();
    let tracker = tokio_util::task::TaskTracker::new();
    for number in 0..16 {
        tasks.push(tracker.spawn(async move {
            for round in 0..20 {
                let speaks = ALL[(number + round) % 3];
                let name = format!("c{}", number % 5);
                let mut client = Client::dial(address, speaks).await;
                client.send_connect(&hello(speaks, &name)).await;
                let subscribe = [0x82, 6, 0, 1, 0, 1, b'#', 1];
                client.send_if_open(&subscribe).await;
                client.send_if_open(&[0x30, 4, 0, 1, b'a', 0]).await;
                client.end_of_writing().await;
                client.end().await;
            }
        }));
    }
    for task in tasks {
        tokio::time::timeout(PATIENCE, task)
            .await
            .expect("a client hangs")
            .unwrap();
    }

    let (mut last, _) = Client::connect(address, &hello(Speaks::V311, "last")).await;
    last.settle().await;
    let (mut came, mut went) = (0, 0);
    while came < 321 || went < 320 {
        match house.heard().await {
            Heard::Connected(_) => came += 1,
            Heard::Disconnected(..) => went += 1,
            Heard::Subscribed(..) | Heard::Unsubscribed(..) | Heard::TurnedAway(..) => {}
        }
    }
    let counts = house.broker.counts();
    assert_eq!(
        (counts.connections, counts.sessions, counts.subscriptions),
        (1, 1, 0)
    );
    house.stop().await;
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

#[tokio::test]
async fn random_packets_never_hurt_another_client() {
    let house = House::new();
    let (mut healthy, _) = Client::connect(house.address, &hello(Speaks::V311, "healthy")).await;
    healthy.subscribe(&[("only/mine", 1)]).await;
    let mut random = Random(0x9E37_79B9_7F4A_7C15);

    for round in 0_u64..300 {
        let speaks = ALL[usize::try_from(round % 3).unwrap()];
        let (mut client, _) = Client::connect(house.address, &hello(speaks, "c")).await;
        let mut bytes = Vec::new();
        for _ in 0..8 {
            let kind = [
                0x30, 0x32, 0x33, 0x34, 0x40, 0x50, 0x62, 0x70, 0x82, 0xA2, 0xC0, 0xE0,
            ];
            let length = u8::try_from(random.below(40)).unwrap();
            bytes.push(kind[random.below(kind.len())]);
            bytes.push(length);
            for _ in 0..length {
                // Small values make plausible lengths, ids and texts.
                let small = [
                    0, 0, 1, 2, 3, b'a', b'/', b'#', b'+', b'$', 0x26, 0x80, 0xFF,
                ];
                bytes.push(small[random.below(small.len())]);
            }
        }
        client.send_bytes(&bytes).await;
        client.end_of_writing().await;
        client.end().await;
    }

    healthy.publish("only/mine", "alive", 0).await;
    assert_eq!(healthy.text().await, "alive");
    assert_eq!(house.broker.counts().connections, 1);
}

/// Xorshift: the same bytes in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}
