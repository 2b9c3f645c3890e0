//! Connecting, publishing and subscribing in every version.
//! Each version against each other where that can differ.

use std::sync::Arc;
use std::time::Duration;

use broker::{Audience, DisconnectReason, Limits, Message};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use crate::client::{ALL, Client, PATIENCE, Speaks, hello};
use crate::owner::{Heard, House};

#[tokio::test]
async fn every_version_publishes_to_every_version_at_both_qos() {
    for from in ALL {
        for to in ALL {
            let house = House::new();
            let (mut reader, _) = Client::connect(house.address, &hello(to, "reader")).await;
            let (mut writer, _) = Client::connect(house.address, &hello(from, "writer")).await;
            assert_eq!(
                reader.subscribe(&[("zero/+", 0), ("one/#", 1)]).await,
                [0, 1]
            );

            writer.publish_acked("zero/a", "0", false).await;
            writer.publish("one/b", "1", 0).await;
            writer.publish_acked("one/c", "2", false).await;

            let first = reader.message().await;
            assert_eq!(
                (&*first.topic, first.packet_id, &first.payload[..]),
                ("zero/a", None, &b"0"[..])
            );
            let second = reader.message().await;
            assert_eq!((&*second.topic, second.packet_id), ("one/b", None));
            let third = reader.message().await;
            assert_eq!(
                (&*third.topic, third.qos.value(), third.dup),
                ("one/c", 1, false)
            );
            reader.ack(&third).await;
            reader.settle().await;
            house.stop().await;
        }
    }
}

#[tokio::test]
async fn a_subscription_is_granted_the_qos_it_asks_for() {
    for speaks in ALL {
        let house = House::new();
        let (mut client, _) = Client::connect(house.address, &hello(speaks, "c")).await;

        let codes = client.subscribe(&[("a", 2), ("b", 1), ("c", 0)]).await;

        assert_eq!(codes, [2, 1, 0]);
    }
}

#[tokio::test]
async fn messages_of_one_publisher_arrive_in_order() {
    let house = House::new();
    let (mut reader, _) = Client::connect(house.address, &hello(Speaks::V311, "reader")).await;
    let (mut writer, _) = Client::connect(house.address, &hello(Speaks::V5, "writer")).await;
    reader.subscribe(&[("a", 1)]).await;

    for number in 0_u16..500 {
        writer
            .publish("a", &number.to_string(), u8::from(number % 2 == 1))
            .await;
    }

    for number in 0_u16..500 {
        assert_eq!(reader.text().await, number.to_string());
    }
}

#[tokio::test]
async fn a_retained_message_waits_for_subscribers_until_cleared() {
    for speaks in ALL {
        let house = House::new();
        let (mut writer, _) = Client::connect(house.address, &hello(speaks, "writer")).await;
        let (mut reader, _) = Client::connect(house.address, &hello(speaks, "reader")).await;
        writer.publish_acked("state/door", "open", true).await;

        reader.subscribe(&[("state/+", 1)]).await;
        let kept = reader.message().await;
        assert!(kept.retain && &kept.payload[..] == b"open");
        reader.ack(&kept).await;
        writer.publish_acked("state/door", "shut", true).await;
        let live = reader.message().await;
        assert!(
            !live.retain,
            "an established subscription sees no retain flag"
        );
        reader.ack(&live).await;

        writer.publish_acked("state/door", "", true).await;
        assert_eq!(reader.text().await, "");
        assert_eq!(house.broker.counts().retained, 0);
        reader.subscribe(&[("state/#", 0)]).await;
        reader.settle().await;
    }
}

#[tokio::test]
async fn unsubscribing_ends_delivery() {
    for speaks in ALL {
        let mut house = House::new();
        let (mut client, _) = Client::connect(house.address, &hello(speaks, "c")).await;
        client.subscribe(&[("a", 0), ("b", 0)]).await;
        assert_eq!(house.heard().await, Heard::Connected("c".into()));
        let filters = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(house.heard().await, Heard::Subscribed("c".into(), filters));

        client.unsubscribe("a").await;

        assert_eq!(
            house.heard().await,
            Heard::Unsubscribed("c".into(), vec!["a".into()])
        );
        client.publish("a", "no", 0).await;
        client.publish("b", "yes", 0).await;
        assert_eq!(client.text().await, "yes");
    }
}

#[tokio::test]
async fn what_on_subscribed_publishes_comes_after_the_suback() {
    let house = House::new();
    let greeting = Message {
        topic: "a".into(),
        payload: "hello".into(),
        qos: 1,
        retain: false,
        transient: true,
        expires: None,
        audience: Audience::Subjects(Arc::from(["c".into()])),
    };
    *house.owner.greeting.lock().unwrap() = Some((house.broker.clone(), greeting));
    let (mut client, _) = Client::connect(house.address, &hello(Speaks::V311, "c")).await;

    assert_eq!(client.subscribe(&[("a", 1)]).await, [1]);
    assert_eq!(client.text().await, "hello");
}

#[tokio::test]
async fn silence_of_one_and_a_half_keep_alives_ends_the_connection() {
    let mut house = House::new();
    let mut quiet = hello(Speaks::V5, "quiet");
    quiet.keep_alive = 1;
    let (mut client, _) = Client::connect(house.address, &quiet).await;

    assert_eq!(client.closed().await, Some(0x8D));
    assert_eq!(house.end_of("quiet").await, DisconnectReason::KeepAlive);
}

#[tokio::test]
async fn stopping_tells_v5_clients_and_closes_all() {
    let house = House::new();
    let (mut old, _) = Client::connect(house.address, &hello(Speaks::V311, "old")).await;
    let (mut new, _) = Client::connect(house.address, &hello(Speaks::V5, "new")).await;

    house.stop_soon();

    assert_eq!(old.closed().await, None);
    assert_eq!(new.closed().await, Some(0x8B));
    let broker = house.broker.clone();
    house.stop().await;
    assert_eq!(broker.counts().connections, 0);
}

#[tokio::test]
async fn a_stranger_who_sends_no_connect_is_closed() {
    let limits = Limits {
        connect_wait: Duration::from_millis(50),
        ..Limits::default()
    };
    let house = House::with(limits);

    let mut stranger = Client::dial(house.address, Speaks::V311).await;

    assert_eq!(stranger.closed().await, None);
}

#[tokio::test]
async fn any_byte_stream_can_be_served() {
    let house = House::new();
    let (mut near, far) = tokio::io::duplex(64);
    let stop = CancellationToken::new();
    let broker = house.broker.clone();
    let serving = broker.serve_stream(far, house.address, stop.clone());

    let talking = async {
        let connect = b"\x10\x10\0\x04MQTT\x04\x82\0\0\0\x01c\0\x01u";
        near.write_all(connect).await.unwrap();
        let mut connack = [0; 4];
        near.read_exact(&mut connack).await.unwrap();
        assert_eq!(connack, [0x20, 2, 0, 0]);
        stop.cancel();
        assert_eq!(near.read(&mut connack).await.unwrap(), 0);
    };

    let both = async { tokio::join!(serving, talking) };
    tokio::time::timeout(PATIENCE, both).await.expect("it ends");
    assert_eq!(house.broker.counts().connections, 0);
}
