//! How the broker ends a connection: v5 is told why, 3.x is only closed (MQTT 5 §3.14, §4.13).

use super::peer::play;
use crate::client::Speaks;

#[tokio::test]
async fn mqtt_4_13_v5_is_told_the_reason_and_3_x_is_not() {
    // Reserved bits; QoS 3.
    for bytes in ["A0 05 00 01 00 01 61", "36 06 00 01 61 00 09 00"] {
        ends(&[Speaks::V5], bytes, Some("81")).await;
    }
    // 3.1 reserves no bits.
    ends(&[Speaks::V311], "A0 05 00 01 00 01 61", None).await;
    // QoS 3; a topic name with a wildcard.
    for bytes in ["36 05 00 01 61 00 09", "30 03 00 01 2B"] {
        ends(&[Speaks::V31, Speaks::V311], bytes, None).await;
    }
}

#[tokio::test]
async fn packets_of_the_other_side_end_the_connection() {
    // A PINGREQ in the same write is answered by those who let the first packet pass.
    for packet in ["D0 00", "20 03 00 00 00", "B0 04 00 01 00 00"] {
        let bytes = format!("{packet} C0 00");
        ends(&[Speaks::V5], &bytes, Some("82")).await;
    }
    ends(&[Speaks::V31, Speaks::V311], "D0 00 C0 00", None).await;
}

#[tokio::test]
async fn mqtt_3_3_2_2_a_topic_name_with_a_wildcard_is_called_an_invalid_topic_name() {
    ends(&[Speaks::V5], "30 04 00 01 2B 00", Some("90")).await;
}

#[tokio::test]
async fn mqtt_3_1_2_22_silence_ends_the_connection() {
    use crate::client::{ALL, Client, Hello, hello};
    use crate::owner::House;
    let house = House::new();
    for speaks in ALL {
        let quiet = Hello {
            keep_alive: 1,
            ..hello(speaks, "quiet")
        };
        let (mut client, _) = Client::connect(house.address, &quiet).await;

        let code = client.closed().await;

        assert_eq!(code, (speaks == Speaks::V5).then_some(0x8D));
    }
}

/// These bytes end a connection, with this reason if one is told.
async fn ends(versions: &[Speaks], bytes: &str, code: Option<&str>) {
    let sent = format!("c> bytes {bytes}");
    let told = code.map(|code| format!("c< disconnect {code}"));
    let mut lines = vec!["c> connect", "c< connack 0 0", &sent];
    lines.extend(told.as_deref());
    lines.push("c< closed");
    play(&bytes.replace(' ', ""), versions, &lines).await;
}
