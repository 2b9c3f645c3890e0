//! One connection as the owner of the broker sees it.

use broker::{Connection, LinkId, Traffic, Version};

use crate::client::{Client, Speaks, hello};
use crate::owner::House;

fn view(house: &House, subject: &str) -> Connection {
    house.broker.connection(link(house, subject)).unwrap()
}

fn link(house: &House, subject: &str) -> LinkId {
    house.broker.links_of(subject)[0].id
}

#[tokio::test]
async fn a_connection_shows_what_passed_over_it_and_what_waits() {
    let house = House::new();
    let mut asked = hello(Speaks::V5, "reader");
    (asked.receive_max, asked.life_secs) = (Some(1), 60);
    let (mut reader, _) = Client::connect(house.address, &asked).await;
    let (mut writer, _) = Client::connect(house.address, &hello(Speaks::V311, "writer")).await;
    reader.subscribe(&[("a/+", 1), ("b", 0)]).await;

    for payload in ["one", "two", "three"] {
        writer.publish_acked("a/b", payload, false).await;
    }
    let first = reader.message().await;

    let seen = view(&house, "reader");
    assert_eq!((seen.link.version, seen.session_lasts), (Version::V5, true));
    assert_eq!(seen.link.peer, reader.address());
    assert_eq!((seen.subscriptions, seen.in_flight), (2, 1));
    assert_eq!((seen.queued_messages, seen.queued_bytes), (2, 6 + 8));
    assert_eq!(
        seen.traffic,
        Traffic {
            delivered_messages: 1,
            delivered_bytes: 6,
            ..Traffic::default()
        }
    );
    let seen = view(&house, "writer");
    assert_eq!(
        (seen.link.version, seen.session_lasts),
        (Version::V311, false)
    );
    assert_eq!((seen.subscriptions, seen.queued_messages), (0, 0));
    assert_eq!(
        seen.traffic,
        Traffic {
            received_messages: 3,
            received_bytes: 6 + 6 + 8,
            ..Traffic::default()
        }
    );
    reader.ack(&first).await;
    reader.message().await;
    assert_eq!(view(&house, "reader").traffic.delivered_messages, 2);
}

#[tokio::test]
async fn a_connection_that_ended_is_none_and_the_next_begins_at_zero() {
    let house = House::new();
    let asked = hello(Speaks::V311, "c");
    let (mut client, _) = Client::connect(house.address, &asked).await;
    client.publish_acked("a", "denied or not", false).await;
    let first = link(&house, "c");

    let (mut again, _) = Client::connect(house.address, &asked).await;

    assert!(house.broker.connection(first).is_none());
    assert_eq!(view(&house, "c").traffic, Traffic::default());
    again.publish_acked("forbidden/a", "!", false).await;
    assert_eq!(view(&house, "c").traffic.received_bytes, 11 + 1);
}
