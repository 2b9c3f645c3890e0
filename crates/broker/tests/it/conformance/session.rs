//! Sessions that outlive their connection (MQTT 3.1.1 §3.1.2.4, §4.1; MQTT 5 §3.1.2.11.2, §4.1).

use super::peer::play;
use crate::client::{ALL, Speaks};

#[tokio::test]
async fn mqtt_3_1_2_5_messages_at_qos_1_and_2_wait_for_an_absent_client() {
    play(
        "wait",
        &[Speaks::V311, Speaks::V5],
        &[
            "r> connect keep",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:2",
            "r< suback 1 2",
            "r> disconnect",
            "r< closed",
            "w> connect",
            "w< connack 0 0",
            "w> publish ##1 ~/t=two",
            "w< pubrec 1",
            "w> pubrel 1",
            "w< pubcomp 1",
            "w> publish #2 ~/t=one",
            "w< puback 2",
            "r> connect keep",
            "r< connack 1 0",
            "r< publish ##1 ~/t=two",
            "r< publish #2 ~/t=one",
            "r> pubrec 1",
            "r< pubrel 1",
            "r> pubcomp 1",
            "r> puback 2",
            "r> connect",
            "r< connack 0 0",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_4_6_0_messages_of_a_topic_keep_their_order_while_some_wait() {
    let mut lines: Vec<String> = [
        "r> connect",
        "r< connack 0 0",
        "r> subscribe 1 ~/t:1",
        "r< suback 1 1",
    ]
    .map(String::from)
    .into();
    lines.extend(["w> connect", "w< connack 0 0"].map(String::from));
    for number in 1..=150 {
        lines.push(format!("w> publish ##{number} ~/t={number}"));
        lines.push(format!("w< pubrec {number}"));
        lines.push(format!("w> pubrel {number}"));
        lines.push(format!("w< pubcomp {number}"));
    }
    for number in 1..=150 {
        lines.push(format!("r< publish #{number} ~/t={number}"));
        lines.push(format!("r> puback {number}"));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();

    play("order", &ALL, &lines).await;
}

#[tokio::test]
async fn mqtt_3_14_2_a_disconnect_may_end_the_session_but_not_begin_one() {
    play(
        "life",
        &[Speaks::V5],
        &[
            "c> connect keep",
            "c< connack 0 0",
            "c> disconnect life=0",
            "c< closed",
            "c> connect keep",
            "c< connack 0 0",
            "c> connect",
            "c< connack 0 0",
            "c> disconnect life=10",
            "c< disconnect 82",
            "c< closed",
        ],
    )
    .await;
}
