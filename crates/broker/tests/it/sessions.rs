//! Sessions that outlive their connection, takeover, wills.
//! A test waits for the hook to hear of an end before it relies on it.

use broker::{DisconnectReason, Kick};

use crate::client::{ALL, Client, Hello, Speaks, hello};
use crate::owner::{Heard, House};

fn lasting(speaks: Speaks, client: &str) -> Hello {
    Hello {
        clean: false,
        life_secs: 3600,
        ..hello(speaks, client)
    }
}

#[tokio::test]
async fn a_kept_session_gets_what_it_missed_and_repeats_what_it_did_not_acknowledge() {
    for speaks in ALL {
        let mut house = House::new();
        let (mut writer, _) = Client::connect(house.address, &hello(speaks, "writer")).await;
        let (mut reader, present) = Client::connect(house.address, &lasting(speaks, "r")).await;
        assert!(!present);
        reader.subscribe(&[("a", 1)]).await;
        writer.publish_acked("a", "1", false).await;
        writer.publish_acked("a", "2", false).await;
        let (first, second) = (reader.message().await, reader.message().await);
        drop(reader);
        assert_eq!(house.end_of("r").await, DisconnectReason::Closed);
        writer.publish_acked("a", "3", false).await;
        writer.publish("a", "at QoS 0 is not kept", 0).await;
        writer.settle().await;

        let (mut reader, present) = Client::connect(house.address, &lasting(speaks, "r")).await;

        assert_eq!(present, speaks != Speaks::V31, "3.1 has no such flag");
        for sent in [first, second] {
            let again = reader.message().await;
            assert!(again.dup);
            assert_eq!(
                (again.packet_id, &again.payload),
                (sent.packet_id, &sent.payload)
            );
            reader.ack(&again).await;
        }
        let third = reader.message().await;
        assert!(!third.dup && &third.payload[..] == b"3");
        reader.ack(&third).await;
        reader.settle().await;
    }
}

#[tokio::test]
async fn a_clean_start_discards_the_kept_session() {
    for speaks in ALL {
        let mut house = House::new();
        let (mut reader, _) = Client::connect(house.address, &lasting(speaks, "r")).await;
        reader.subscribe(&[("a", 1)]).await;
        reader.disconnect().await;
        house.end_of("r").await;

        let (_, present) = Client::connect(house.address, &hello(speaks, "r")).await;

        assert!(!present);
        assert_eq!(house.broker.counts().subscriptions, 0);
    }
}

#[tokio::test]
async fn another_subject_does_not_inherit_a_session_of_the_same_client_id() {
    let mut house = House::new();
    let (mut reader, _) = Client::connect(house.address, &lasting(Speaks::V311, "r")).await;
    reader.subscribe(&[("a", 1)]).await;
    reader.disconnect().await;
    house.end_of("r").await;

    let thief = Hello {
        user: "thief".into(),
        ..lasting(Speaks::V311, "r")
    };
    let (_, present) = Client::connect(house.address, &thief).await;

    assert!(!present);
    assert_eq!(house.broker.counts().sessions, 2);
}

#[tokio::test]
async fn a_second_connection_of_the_same_client_takes_over() {
    for speaks in ALL {
        let mut house = House::new();
        let (mut old, _) = Client::connect(house.address, &hello(speaks, "c")).await;

        let (mut new, _) = Client::connect(house.address, &hello(speaks, "c")).await;

        let told = old.closed().await;
        assert_eq!(told, (speaks == Speaks::V5).then_some(0x8E));
        assert_eq!(house.end_of("c").await, DisconnectReason::TakenOver);
        new.settle().await;
        assert_eq!(house.broker.links_of("c").len(), 1);
    }
}

#[tokio::test]
async fn forty_rapid_reconnects_of_one_client_all_succeed() {
    let house = House::new();
    for number in 0..40 {
        let clean = number % 2 == 0;
        let wish = Hello {
            clean,
            ..hello(Speaks::V311, "c")
        };
        let (client, _) = Client::connect(house.address, &wish).await;
        drop(client);
    }
}

#[tokio::test]
async fn a_will_is_published_when_the_socket_dies_and_not_after_disconnect() {
    for speaks in ALL {
        let mut house = House::new();
        let (mut reader, _) = Client::connect(house.address, &hello(speaks, "reader")).await;
        reader.subscribe(&[("gone/#", 1)]).await;
        let mortal = |client: &str| Hello {
            will: Some((format!("gone/{client}"), "farewell".into(), false)),
            ..hello(speaks, client)
        };
        let (polite, _) = Client::connect(house.address, &mortal("polite")).await;
        let (abrupt, _) = Client::connect(house.address, &mortal("abrupt")).await;

        polite.disconnect().await;
        house.end_of("polite").await;
        drop(abrupt);

        let will = reader.message().await;
        assert_eq!(
            (&*will.topic, &will.payload[..]),
            ("gone/abrupt", &b"farewell"[..])
        );
    }
}

#[tokio::test]
async fn a_kicked_client_is_closed_and_leaves_its_will() {
    let mut house = House::new();
    let (mut reader, _) = Client::connect(house.address, &hello(Speaks::V5, "reader")).await;
    reader.subscribe(&[("gone", 0)]).await;
    let mortal = Hello {
        will: Some(("gone".into(), "kicked".into(), false)),
        ..hello(Speaks::V5, "victim")
    };
    let (mut victim, _) = Client::connect(house.address, &mortal).await;

    house.broker.kick(Kick::Subject("victim".into()));

    assert_eq!(victim.closed().await, Some(0x98));
    assert_eq!(house.end_of("victim").await, DisconnectReason::Kicked);
    assert_eq!(reader.text().await, "kicked");
}

#[tokio::test]
async fn a_resumed_session_tells_its_filters_and_loses_those_that_are_denied_by_then() {
    for speaks in ALL {
        let mut house = House::new();
        let (mut reader, _) = Client::connect(house.address, &lasting(speaks, "r")).await;
        reader.subscribe(&[("kept", 1), ("taken", 1)]).await;
        drop(reader);
        house.end_of("r").await;
        *house.owner.denied.lock().unwrap() = Some("taken".into());

        let (mut reader, _) = Client::connect(house.address, &lasting(speaks, "r")).await;

        assert_eq!(house.heard().await, Heard::Connected("r".into()));
        assert_eq!(
            house.heard().await,
            Heard::Subscribed("r".into(), vec!["kept".into()])
        );
        let (mut writer, _) = Client::connect(house.address, &hello(speaks, "writer")).await;
        writer.publish_acked("taken", "secret", false).await;
        writer.publish_acked("kept", "news", false).await;
        assert_eq!(&reader.message().await.payload[..], b"news");
    }
}
