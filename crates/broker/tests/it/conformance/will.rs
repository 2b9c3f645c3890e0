//! Wills (MQTT 3.1.1 §3.1.2.5, MQTT 5 §3.1.2.5, §3.1.3.2, §3.14).

use super::peer::play;
use crate::client::{ALL, Speaks};

#[tokio::test]
async fn mqtt_3_1_2_8_a_will_of_any_qos_follows_a_connection_that_breaks() {
    for (qos, heard) in [
        (0, "r< publish ~/w=bye"),
        (1, "r< publish #1 ~/w=bye"),
        (2, "r< publish ##1 ~/w=bye"),
    ] {
        let connect = format!("c> connect will=~/w=bye willqos={qos}");
        play(
            "will",
            &ALL,
            &[
                "r> connect",
                "r< connack 0 0",
                "r> subscribe 1 ~/w:2",
                "r< suback 1 2",
                &connect,
                "c< connack 0 0",
                "c> drop",
                heard,
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn mqtt_3_1_2_10_disconnect_removes_the_will() {
    play(
        "no_will",
        &ALL,
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/w:2",
            "r< suback 1 2",
            "c> connect will=~/w=bye",
            "c< connack 0 0",
            "c> disconnect",
            "c< closed",
            "r> ping",
            "r< pong",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_14_a_disconnect_with_reason_4_publishes_the_will() {
    play(
        "with_will",
        &[Speaks::V5],
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/w:2",
            "r< suback 1 2",
            "c> connect will=~/w=bye willqos=2",
            "c< connack 0 0",
            "c> disconnect 04",
            "c< closed",
            "r< publish ##1 ~/w=bye",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_1_3_9_a_return_in_time_keeps_a_delayed_will_back() {
    play(
        "delayed",
        &[Speaks::V5],
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/w:2",
            "r< suback 1 2",
            "c> connect keep will=~/w=bye delay=600",
            "c< connack 0 0",
            "c> disconnect 04",
            "c< closed",
            "c> connect keep",
            "c< connack 1 0",
            "r> ping",
            "r< pong",
            "c> connect",
            "c< connack 0 0",
        ],
    )
    .await;
}
