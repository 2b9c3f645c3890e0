//! SUBSCRIBE, UNSUBSCRIBE and their answers (MQTT 3.1.1 §3.8-3.11, MQTT 5 §3.8-3.11).

use super::peer::play;
use crate::client::{ALL, Speaks};

#[tokio::test]
async fn mqtt_3_9_3_1_suback_answers_each_filter_in_order() {
    play(
        "codes",
        &ALL,
        &[
            "c> connect",
            "c< connack 0 0",
            "c> subscribe 300 ~/a:2 ~/b:0 ~/c:1",
            "c< suback 300 2 0 1",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_10_4_unsubscribe_is_answered_in_the_shape_of_the_version() {
    let play_with = |answer| {
        [
            "c> connect",
            "c< connack 0 0",
            "c> subscribe 1 ~/a:1",
            "c< suback 1 1",
            "c> unsubscribe 2 ~/a ~/none",
            answer,
            "c> publish ~/a=unheard",
            "c> ping",
            "c< pong",
        ]
    };
    play(
        "unsubscribe",
        &[Speaks::V31, Speaks::V311],
        &play_with("c< unsuback 2"),
    )
    .await;
    play(
        "unsubscribe",
        &[Speaks::V5],
        &play_with("c< unsuback 2 0 11"),
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_8_4_3_a_repeated_filter_replaces_the_first() {
    play(
        "replace",
        &ALL,
        &[
            "c> connect",
            "c< connack 0 0",
            "c> subscribe 1 ~/a:2",
            "c< suback 1 2",
            "c> subscribe 2 ~/a:0",
            "c< suback 2 0",
            "w> connect",
            "w< connack 0 0",
            "w> publish #1 ~/a=once",
            "w< puback 1",
            "c< publish ~/a=once",
            "c> ping",
            "c< pong",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_8_3_3_no_local_keeps_a_clients_own_messages_away() {
    play(
        "no_local",
        &[Speaks::V5],
        &[
            "c> connect",
            "c< connack 0 0",
            "c> subscribe 1 ~/a:1n",
            "c< suback 1 1",
            "c> publish ~/a=own",
            "c> ping",
            "c< pong",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_3_4_3_subscription_identifiers_come_with_the_message() {
    play(
        "identifiers",
        &[Speaks::V5],
        &[
            "c> connect",
            "c< connack 0 0",
            "c> subscribe 1 ~/a:0 id=5",
            "c< suback 1 0",
            "c> publish ~/a=x",
            "c< publish ~/a=x ids=5",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_3_1_9_retain_handling_decides_about_retained_messages() {
    play(
        "handling",
        &[Speaks::V5],
        &[
            "c> connect",
            "c< connack 0 0",
            "c> retain publish ~/a=x",
            "c> subscribe 1 ~/a:02",
            "c< suback 1 0",
            "c> subscribe 2 ~/a:01",
            "c< suback 2 0",
            "c> subscribe 3 ~/a:0",
            "c< suback 3 0",
            "c< retain publish ~/a=x",
            "c> unsubscribe 4 ~/a",
            "c< unsuback 4 0",
            "c> subscribe 5 ~/a:01",
            "c< suback 5 0",
            "c< retain publish ~/a=x",
            "c> unsubscribe 6 ~/a",
            "c< unsuback 6 0",
            "c> retain publish ~/a=",
            "c> ping",
            "c< pong",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_8_3_2_a_subscribe_without_a_filter_ends_the_connection() {
    let empty = [
        "c> connect",
        "c< connack 0 0",
        "c> bytes 82 02 00 01",
        "c< closed",
    ];
    // 3.1 does not say so.
    play("empty", &[Speaks::V311], &empty).await;
}
