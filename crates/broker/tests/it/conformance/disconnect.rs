//! How the broker ends a connection: v5 is told why, 3.x is only closed (MQTT 5 §3.14, §4.13).

use super::peer::play;
use crate::client::Speaks;

#[tokio::test]
async fn mqtt_4_13_v5_is_told_the_reason_and_3_x_is_not() {
    for (bytes, code) in [
        // Reserved bits, QoS 3, text that is not UTF-8.
        ("A0 05 00 01 00 01 61", "81"),
        ("36 06 00 01 61 00 09 00", "81"),
        // A topic name with a wildcard.
        ("30 04 00 01 2B 00", "90"),
        // Packets of the other side.
        ("D0 00", "82"),
        ("20 03 00 00 00", "82"),
        ("B0 04 00 01 00 00", "82"),
    ] {
        let (bytes, told) = (format!("c> bytes {bytes}"), format!("c< disconnect {code}"));
        let lines = ["c> connect", "c< connack 0 0", &bytes, &told, "c< closed"];
        play("fault", &[Speaks::V5], &lines).await;
    }
    for bytes in [
        "A0 05 00 01 00 01 61",
        "36 05 00 01 61 00 09",
        "30 03 00 01 2B",
        "D0 00",
    ] {
        let bytes = format!("c> bytes {bytes}");
        let lines = ["c> connect", "c< connack 0 0", &bytes, "c< closed"];
        play("fault", &[Speaks::V31, Speaks::V311], &lines).await;
    }
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
