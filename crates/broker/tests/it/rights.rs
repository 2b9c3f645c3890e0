//! Who may connect, subscribe, publish and leave a will.
//! The rules are those of `owner`.

use crate::client::{ALL, Client, Hello, Speaks, hello};
use crate::owner::{Heard, House};

#[tokio::test]
async fn a_refused_client_is_told_why_in_its_version() {
    let house = House::new();
    for (user, v3, v5) in [("nobody", 4, 0x86), ("banned", 5, 0x8A)] {
        for speaks in ALL {
            let wish = Hello {
                user: user.into(),
                ..hello(speaks, "c")
            };

            let (mut client, code, _) = Client::try_connect(house.address, &wish).await;

            assert_eq!(code, if speaks == Speaks::V5 { v5 } else { v3 });
            client.closed().await;
        }
    }
}

#[tokio::test]
async fn each_filter_of_a_subscribe_is_decided_for_itself() {
    for (speaks, no) in [(Speaks::V311, [0x80; 3]), (Speaks::V5, [0x87, 0x8F, 0x87])] {
        let mut house = House::new();
        let (mut client, _) = Client::connect(house.address, &hello(speaks, "c")).await;

        let filters = [
            ("a", 0),
            ("forbidden/a", 1),
            ("b/#/c", 1),
            ("$share/forbidden/a", 0),
            ("d/+", 1),
        ];
        let codes = client.subscribe(&filters).await;

        assert_eq!(codes, [0, no[0], no[1], no[2], 1]);
        house.heard().await;
        let granted = vec!["a".to_owned(), "d/+".to_owned()];
        assert_eq!(house.heard().await, Heard::Subscribed("c".into(), granted));
    }
}

#[tokio::test]
async fn a_forbidden_publish_reaches_nobody_and_keeps_the_connection() {
    for (speaks, code) in [(Speaks::V31, 0), (Speaks::V311, 0), (Speaks::V5, 0x87)] {
        let house = House::new();
        let (mut spy, _) = Client::connect(house.address, &hello(speaks, "spy")).await;
        spy.subscribe(&[("#", 1)]).await;
        let (mut client, _) = Client::connect(house.address, &hello(speaks, "c")).await;

        assert_eq!(client.publish_acked("forbidden/a", "x", true).await, code);
        client.publish("forbidden/a", "x", 0).await;
        client.publish("drop/a", "x", 0).await;
        client.publish_acked("allowed", "y", false).await;

        assert_eq!(spy.text().await, "y");
        assert_eq!(house.broker.counts().retained, 0);
    }
}

#[tokio::test]
async fn a_will_on_a_forbidden_topic_refuses_the_connection() {
    for speaks in ALL {
        let house = House::new();
        let wish = Hello {
            will: Some(("forbidden/a".into(), "x".into(), false)),
            ..hello(speaks, "c")
        };

        let (_, code, _) = Client::try_connect(house.address, &wish).await;

        assert_eq!(code, if speaks == Speaks::V5 { 0x87 } else { 5 });
    }
}

#[tokio::test]
async fn an_empty_client_id_is_replaced_where_the_version_allows_it() {
    let house = House::new();
    let kept = |speaks, clean| Hello {
        clean,
        ..hello(speaks, "")
    };
    let kept = |speaks, clean| Hello {
        user: "u".into(),
        ..kept(speaks, clean)
    };
    for (wish, code) in [
        (kept(Speaks::V31, true), 2),
        (kept(Speaks::V311, true), 0),
        (kept(Speaks::V311, false), 2),
        (kept(Speaks::V5, true), 0),
        (kept(Speaks::V5, false), 0),
    ] {
        let (_client, told, _) = Client::try_connect(house.address, &wish).await;
        assert_eq!(told, code, "{:?} {}", wish.speaks, wish.clean);
    }
}
