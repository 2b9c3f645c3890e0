//! Topic aliases (MQTT 5 §3.3.2.3.4).

use super::peer::play;
use crate::client::Speaks;

const V5: [Speaks; 1] = [Speaks::V5];

#[tokio::test]
async fn mqtt_3_3_2_7_an_alias_stands_for_the_topic_it_was_given_with() {
    play(
        "inbound",
        &V5,
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/#:0",
            "r< suback 1 0",
            "r> publish ~/a=1 alias=1",
            "r< publish ~/a=1",
            "r> publish =2 alias=1",
            "r< publish ~/a=2",
            "r> publish ~/b=3 alias=1",
            "r< publish ~/b=3",
            "r> publish =4 alias=1",
            "r< publish ~/b=4",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_3_2_8_an_alias_of_zero_is_invalid() {
    let bytes = "c> bytes 30 07 00 01 61 03 23 00 00";
    play("alias_zero", &V5, &invalid(bytes)).await;
}

#[tokio::test]
async fn mqtt_3_3_2_9_an_alias_above_the_maximum_is_invalid() {
    let bytes = "c> bytes 30 07 00 01 61 03 23 FF FF";
    play("alias_above", &V5, &invalid(bytes)).await;
}

fn invalid(bytes: &str) -> [&str; 5] {
    [
        "c> connect",
        "c< connack 0 0",
        bytes,
        "c< disconnect 94",
        "c< closed",
    ]
}

#[tokio::test]
async fn an_alias_without_a_meaning_is_a_protocol_error() {
    play(
        "unknown_alias",
        &V5,
        &[
            "c> connect",
            "c< connack 0 0",
            "c> publish =1 alias=1",
            "c< disconnect 82",
            "c< closed",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_3_2_11_no_more_aliases_are_sent_than_the_client_takes() {
    play(
        "outbound_aliases",
        &V5,
        &[
            "r> connect aliases=1",
            "r< connack 0 0",
            "r> subscribe 1 ~/#:0",
            "r< suback 1 0",
            "w> connect",
            "w< connack 0 0",
            "w> publish ~/a=1",
            "r< publish ~/a=1 alias=1",
            "w> publish ~/a=2",
            "r< publish =2 alias=1",
            "w> publish ~/b=3",
            "r< publish ~/b=3",
            "w> publish ~/a=4",
            "r< publish =4 alias=1",
        ],
    )
    .await;
}
