//! Clients that the broker turns away by itself: its owner hears of each, and why.

use std::time::Duration;

use broker::{Limits, TurnedAway};

use crate::client::{Client, Hello, Speaks, hello};
use crate::owner::{Heard, House};

const SOON: Duration = Duration::from_millis(20);

fn nameless(why: TurnedAway) -> Heard {
    Heard::TurnedAway(None, why)
}

fn named(client: &str, user: &str, why: TurnedAway) -> Heard {
    Heard::TurnedAway(Some((client.to_owned(), Some(user.to_owned()))), why)
}

#[tokio::test]
async fn what_is_no_connect_has_no_name() {
    let mut house = House::new();
    for (bytes, why) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], TurnedAway::Malformed),
        (
            &[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 9, 2, 0, 0, 0, 0],
            TurnedAway::Version,
        ),
        (
            &[
                0x10, 0xFF, 0xFF, 0xFF, 0x7F, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0,
            ],
            TurnedAway::Malformed,
        ),
    ] {
        let mut client = Client::dial(house.address, Speaks::V311).await;
        client.send_bytes(bytes).await;

        assert_eq!(house.heard().await, nameless(why), "{bytes:?}");
    }
}

#[tokio::test]
async fn a_connect_that_cannot_be_served_names_its_client() {
    let mut house = House::new();
    let method = [
        0x10, 21, 0, 4, b'M', b'Q', b'T', b'T', 5, 0x82, 0, 0, 4, 0x15, 0, 1, b'x', 0, 1, b'c', 0,
        1, b'u',
    ];
    let mut client = Client::dial(house.address, Speaks::V5).await;
    client.send_bytes(&method).await;
    assert_eq!(house.heard().await, named("c", "u", TurnedAway::Method));
    let wish = Hello {
        will: Some(("a/#".into(), "x".into(), false)),
        ..hello(Speaks::V311, "c")
    };

    let mut client = Client::dial(house.address, Speaks::V311).await;
    client.send_connect(&wish).await;

    assert_eq!(house.heard().await, named("c", "c", TurnedAway::Malformed));
}

#[tokio::test]
async fn a_bad_client_id_is_told_as_it_came() {
    let mut house = House::new();
    let long = "x".repeat(257);
    for client in ["", &long] {
        let wish = Hello {
            user: "u".into(),
            ..hello(Speaks::V31, client)
        };

        let (_, code, _) = Client::try_connect(house.address, &wish).await;

        assert_eq!(code, 2);
        assert_eq!(
            house.heard().await,
            named(client, "u", TurnedAway::ClientId)
        );
    }
}

#[tokio::test]
async fn one_connection_too_many_of_a_subject_is_told() {
    let mut house = House::with(Limits {
        connections_per_subject_max: 1,
        ..Limits::default()
    });
    let of_ann = |client| Hello {
        user: "ann".into(),
        ..hello(Speaks::V5, client)
    };
    let _first = Client::connect(house.address, &of_ann("one")).await;
    assert_eq!(house.heard().await, Heard::Connected("one".into()));

    let (_, code, _) = Client::try_connect(house.address, &of_ann("two")).await;

    assert_eq!(code, 0x89);
    assert_eq!(
        house.heard().await,
        named("two", "ann", TurnedAway::TooMany)
    );
}

#[tokio::test]
async fn one_connection_too_many_is_told_before_it_says_a_word() {
    let mut house = House::with(Limits {
        connections_max: 1,
        ..Limits::default()
    });
    let _first = Client::dial(house.address, Speaks::V5).await;

    let mut second = Client::dial(house.address, Speaks::V5).await;
    second.closed().await;

    assert_eq!(house.heard().await, nameless(TurnedAway::Full));
}

#[tokio::test]
async fn silence_is_told() {
    let mut house = House::with(Limits {
        connect_wait: SOON,
        ..Limits::default()
    });

    let mut mute = Client::dial(house.address, Speaks::V5).await;
    mute.closed().await;

    assert_eq!(house.heard().await, nameless(TurnedAway::Silent));
}

#[tokio::test]
async fn an_owner_that_does_not_decide_is_told() {
    let mut house = House::with(Limits {
        authenticate_wait: SOON,
        ..Limits::default()
    });
    let wish = Hello {
        user: "undecided".into(),
        ..hello(Speaks::V5, "c")
    };

    let (_, code, _) = Client::try_connect(house.address, &wish).await;

    assert_eq!(code, 0x89);
    let heard = house.heard().await;
    assert_eq!(heard, named("c", "undecided", TurnedAway::Unchecked));
}

#[tokio::test]
async fn whom_the_owner_refused_and_who_went_by_themselves_are_not_told() {
    let mut house = House::new();
    let wish = Hello {
        user: "nobody".into(),
        ..hello(Speaks::V5, "c")
    };
    let ghost = Hello {
        will: Some(("forbidden/a".into(), "x".into(), false)),
        ..hello(Speaks::V5, "c")
    };

    let (mut refused, _, _) = Client::try_connect(house.address, &wish).await;
    refused.closed().await;
    let (mut refused, _, _) = Client::try_connect(house.address, &ghost).await;
    refused.closed().await;
    let mut shy = Client::dial(house.address, Speaks::V5).await;
    shy.end_of_writing().await;
    shy.closed().await;
    let _last = Client::connect(house.address, &hello(Speaks::V5, "last")).await;

    assert_eq!(house.heard().await, Heard::Connected("last".into()));
}
