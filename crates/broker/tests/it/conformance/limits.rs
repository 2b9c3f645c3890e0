//! What the broker announces, and what happens beyond it (MQTT 5 §3.2.2.3, §4.9).
//! Always our broker: its limits are set here.

use broker::Limits;

use super::peer::Peer;
use crate::client::Speaks;

#[tokio::test]
async fn mqtt_3_3_4_9_more_open_publishes_than_the_receive_maximum_end_the_connection() {
    let peer = Peer::ours(Limits {
        tickets_max: 2,
        ..Limits::default()
    });
    let lines = |last: [&'static str; 2]| {
        [
            "c> connect",
            "c< connack 0 0",
            "c> publish ##1 ~/t=1",
            "c< pubrec 1",
            "c> publish ##2 ~/t=2",
            "c< pubrec 2",
            "c> dup publish ##2 ~/t=2",
            "c< pubrec 2",
            "c> publish ##3 ~/t=3",
            last[0],
            last[1],
        ]
    };

    let told = lines(["c< disconnect 93", "c< closed"]);
    peer.play("exact", Speaks::V5, &told).await;
    for speaks in [Speaks::V31, Speaks::V311] {
        let closed = lines(["c< closed", "c> connect"]);
        peer.play("exact", speaks, &closed).await;
    }
    // Open tickets count at QoS 1 too.
    peer.play(
        "tickets",
        Speaks::V5,
        &[
            "c> connect",
            "c< connack 0 0",
            "c> publish #1 consume/~=1",
            "c> publish #2 consume/~=2",
            "c> ping",
            "c< pong",
            "c> publish #3 consume/~=3",
            "c< disconnect 93",
            "c< closed",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_2_2_15_a_packet_larger_than_announced_ends_the_connection() {
    let peer = Peer::ours(Limits {
        packet_bytes_max: 100,
        ..Limits::default()
    });
    let large = format!("c> publish ~/t={}", "x".repeat(200));
    let lines = [
        "c> connect",
        "c< connack 0 0",
        &large,
        "c< disconnect 95",
        "c< closed",
    ];
    peer.play("large", Speaks::V5, &lines).await;
    let lines = ["c> connect", "c< connack 0 0", &large, "c< closed"];
    peer.play("large", Speaks::V311, &lines).await;
}

#[tokio::test]
async fn mqtt_3_1_2_24_no_larger_packet_is_sent_than_the_client_takes() {
    let peer = Peer::ours(Limits::default());
    let large = format!("c> publish ~/t={}", "x".repeat(200));
    peer.play(
        "small",
        Speaks::V5,
        &[
            "c> connect bytes=100 aliases=3",
            "c< connack 0 0",
            "c> subscribe 1 ~/t:1",
            "c< suback 1 1",
            &large,
            "c> publish ~/t=x",
            "c< publish ~/t=x alias=1",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_may_not_be_published_is_told_in_the_shape_of_the_version() {
    let peer = Peer::ours(Limits::default());
    let lines = |last: [&'static str; 4]| {
        [
            "c> connect",
            "c< connack 0 0",
            "c> publish #1 forbidden/~=x",
            last[0],
            "c> publish ##2 forbidden/~=x",
            last[1],
            last[2],
            last[3],
        ]
    };
    for speaks in [Speaks::V31, Speaks::V311] {
        let plain = lines(["c< puback 1", "c< pubrec 2", "c> pubrel 2", "c< pubcomp 2"]);
        peer.play("forbidden", speaks, &plain).await;
    }
    let told = lines(["c< puback 1 87", "c< pubrec 2 87", "c> ping", "c< pong"]);
    peer.play("forbidden", Speaks::V5, &told).await;
}
