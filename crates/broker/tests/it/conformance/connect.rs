//! CONNECT and CONNACK (MQTT 3.1.1 §3.1-3.2, MQTT 5 §3.1-3.2).
//! Who may come in is the owner's business and is tried elsewhere.

use super::peer::play;
use crate::client::{ALL, Speaks};

#[tokio::test]
async fn mqtt_3_1_0_2_a_second_connect_ends_the_connection() {
    let second = "c> bytes 10 0D 00 04 4D 51 54 54 04 02 00 00 00 01 78";
    let name = "second_connect";
    play(
        name,
        &[Speaks::V31, Speaks::V311],
        &["c> connect", "c< connack 0 0", second, "c< closed"],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_1_0_1_what_comes_before_connect_ends_the_connection() {
    use crate::client::{Client, hello};
    use crate::owner::House;
    let house = House::new();

    let mut early = Client::dial(house.address, Speaks::V311).await;
    early.send_bytes(&[0xC0, 0]).await;

    assert!(early.try_receive().await.is_none());
    let (mut client, _) = Client::connect(house.address, &hello(Speaks::V311, "c")).await;
    client.settle().await;
}

#[tokio::test]
async fn mqtt_3_1_2_2_of_3_1_1_an_unknown_level_is_answered_with_return_code_1() {
    use crate::client::Client;
    use crate::owner::House;
    use rmqtt_codec::{MqttPacket, v3};
    let house = House::new();
    let mut client = Client::dial(house.address, Speaks::V311).await;

    let level_9 = [
        0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 9, 2, 0, 0, 0, 1, b'x',
    ];
    client.send_bytes(&level_9).await;

    let Some(MqttPacket::V3(v3::Packet::ConnectAck(ack))) = client.try_receive().await else {
        panic!("no CONNACK");
    };
    assert_eq!(u8::from(ack.return_code), 1);
    assert!(client.try_receive().await.is_none());
}

#[tokio::test]
async fn mqtt_3_1_4_3_a_second_connection_of_a_client_id_ends_the_first() {
    let lines = |told| {
        [
            "c> connect",
            "c< connack 0 0",
            "c> again connect",
            "c< connack 0 0",
            "c> ping",
            "c< pong",
            told,
        ]
    };
    play(
        "takeover",
        &[Speaks::V31, Speaks::V311],
        &lines("old< closed"),
    )
    .await;
    play("takeover", &[Speaks::V5], &lines("old< disconnect 8e")).await;
}

#[tokio::test]
async fn mqtt_3_1_3_5_client_ids_longer_than_23_bytes_are_taken() {
    let name = "a-client-id-that-is-longer-than-the-23-bytes-of-mqtt-3-1";
    play(
        name,
        &ALL,
        &["c> connect", "c< connack 0 0", "c> ping", "c< pong"],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_2_2_2_session_present_says_whether_there_was_a_session() {
    play(
        "present",
        &[Speaks::V311, Speaks::V5],
        &[
            "c> connect keep",
            "c< connack 0 0",
            "c> disconnect",
            "c< closed",
            "c> connect keep",
            "c< connack 1 0",
            "c> disconnect",
            "c< closed",
            "c> connect",
            "c< connack 0 0",
        ],
    )
    .await;
}
