//! Consumed publishes: acknowledged means stored.
//! The owner keeps its tickets until the test settles them.

use std::time::Duration;

use broker::{DisconnectReason, Limits};

use rmqtt_codec::types::Publish;

use crate::client::{ALL, Client, Speaks, hello};
use crate::conformance::line;
use crate::owner::House;

#[tokio::test]
async fn puback_waits_for_the_ticket_and_keeps_the_order() {
    for speaks in ALL {
        let mut house = House::new();
        let (mut client, _) = Client::connect(house.address, &hello(speaks, "c")).await;
        let first = client.publish("consume/a", "1", 1).await.unwrap();
        let second = client.publish("consume/a", "2", 1).await.unwrap();
        let third = client.publish("plain", "3", 1).await.unwrap();
        client.settle().await;
        let (one, two) = (house.consumed().await, house.consumed().await);
        assert_eq!(
            (&*one.topic, &one.payload[..], one.qos),
            ("consume/a", &b"1"[..], 1)
        );

        two.ticket.settle(true);
        client.settle().await;
        one.ticket.settle(true);

        for id in [first, second, third] {
            assert_eq!(client.puback().await, (id, 0));
        }
    }
}

#[tokio::test]
async fn pubrec_waits_for_the_ticket_and_a_repeat_is_not_handed_on() {
    for speaks in ALL {
        let mut house = House::new();
        let (mut client, _) = Client::connect(house.address, &hello(speaks, "c")).await;
        let publish = client.publish_packet("consume/a", "1", 2, false);
        client.send_publish(publish.clone()).await;
        client.settle().await;
        let one = house.consumed().await;
        assert_eq!((&one.payload[..], one.qos), (&b"1"[..], 2));

        one.ticket.settle(true);

        let id = publish.packet_id.unwrap();
        assert_eq!(
            line::render(client.try_receive().await),
            format!("pubrec {id}")
        );
        client
            .send_publish(Publish {
                dup: true,
                ..publish
            })
            .await;
        assert_eq!(
            line::render(client.try_receive().await),
            format!("pubrec {id}")
        );
        assert!(house.consumed.try_recv().is_err());
    }
}

#[tokio::test]
async fn a_consumed_message_is_not_forwarded() {
    let mut house = House::new();
    let (mut client, _) = Client::connect(house.address, &hello(Speaks::V311, "c")).await;
    client.subscribe(&[("#", 0)]).await;

    client.publish("consume/a", "x", 0).await;
    client.publish("b", "y", 0).await;

    assert_eq!(client.text().await, "y");
    house.consumed().await.ticket.settle(true);
}

#[tokio::test]
async fn a_ticket_refused_or_dropped_closes_the_connection_unacknowledged() {
    for refuse in [true, false] {
        let mut house = House::new();
        let (mut client, _) = Client::connect(house.address, &hello(Speaks::V5, "c")).await;
        client.publish("consume/a", "x", 1).await;
        let incoming = house.consumed().await;

        if refuse {
            incoming.ticket.settle(false);
        } else {
            drop(incoming);
        }

        assert_eq!(client.closed().await, Some(0x83));
        assert_eq!(house.end_of("c").await, DisconnectReason::Ticket);
    }
}

#[tokio::test]
async fn a_ticket_too_old_closes_the_connection() {
    let limits = Limits {
        ticket_life: Duration::from_millis(50),
        ..Limits::default()
    };
    let mut house = House::with(limits);
    let (mut client, _) = Client::connect(house.address, &hello(Speaks::V5, "c")).await;

    client.publish("consume/a", "x", 1).await;
    let kept = house.consumed().await;

    assert_eq!(client.closed().await, Some(0x83));
    kept.ticket.settle(true);
}

#[tokio::test]
async fn at_the_ticket_limit_the_connection_is_not_read_until_one_is_settled() {
    let limits = Limits {
        tickets_max: 2,
        ..Limits::default()
    };
    let mut house = House::with(limits);
    let mut quick = hello(Speaks::V311, "c");
    quick.keep_alive = 1;
    let (mut client, _) = Client::connect(house.address, &quick).await;
    for number in 0..3 {
        client.publish("consume/a", &number.to_string(), 1).await;
    }
    let (one, two) = (house.consumed().await, house.consumed().await);
    assert!(house.consumed.try_recv().is_err());

    one.ticket.settle(true);

    assert_eq!(&house.consumed().await.payload[..], b"2");
    drop(two);
}
