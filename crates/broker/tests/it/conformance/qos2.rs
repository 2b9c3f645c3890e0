//! QoS 2 in both directions (MQTT 3.1.1 §4.3.3, §4.4, §4.6; MQTT 5 §4.3.3, §4.4, §4.6).
//! A broker may route a message at PUBLISH or at PUBREL (figure 4.3), so writers always say PUBREL
//! before a reader looks.

use super::peer::play;
use crate::client::{ALL, Speaks};

const KEPT: [Speaks; 2] = [Speaks::V311, Speaks::V5];

#[tokio::test]
async fn mqtt_4_3_3_2_a_repeated_qos_2_publish_is_not_routed_twice() {
    play(
        "repeat",
        &ALL,
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:0",
            "r< suback 1 0",
            "w> connect",
            "w< connack 0 0",
            "w> publish ##7 ~/t=once",
            "w< pubrec 7",
            "w> dup publish ##7 ~/t=once",
            "w< pubrec 7",
            "w> pubrel 7",
            "w< pubcomp 7",
            "w> publish ##7 ~/t=again",
            "w< pubrec 7",
            "w> pubrel 7",
            "w< pubcomp 7",
            "r< publish ~/t=once",
            "r< publish ~/t=again",
            "r> ping",
            "r< pong",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_4_4_0_1_a_repeat_on_the_next_connection_is_not_routed_twice() {
    play(
        "repeat_later",
        &KEPT,
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:0",
            "r< suback 1 0",
            "w> connect keep",
            "w< connack 0 0",
            "w> publish ##7 ~/t=once",
            "w< pubrec 7",
            "w> drop",
            "w> connect keep",
            "w< connack 1 0",
            "w> dup publish ##7 ~/t=once",
            "w< pubrec 7",
            "w> pubrel 7",
            "w< pubcomp 7",
            "r< publish ~/t=once",
            "r> ping",
            "r< pong",
            "w> connect",
            "w< connack 0 0",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_1_2_6_a_clean_start_forgets_what_was_taken() {
    play(
        "forgotten",
        &KEPT,
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:0",
            "r< suback 1 0",
            "w> connect keep",
            "w< connack 0 0",
            "w> publish ##7 ~/elsewhere=first",
            "w< pubrec 7",
            "w> drop",
            "w> connect",
            "w< connack 0 0",
            "w> publish ##7 ~/t=second",
            "w< pubrec 7",
            "w> pubrel 7",
            "w< pubcomp 7",
            "r< publish ~/t=second",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_4_3_3_11_pubrel_is_always_answered_with_pubcomp() {
    let hello = ["c> connect", "c< connack 0 0", "c> pubrel 9"];
    let unknown = |answer| [hello[0], hello[1], hello[2], answer];
    play(
        "unknown_pubrel",
        &[Speaks::V31, Speaks::V311],
        &unknown("c< pubcomp 9"),
    )
    .await;
    play("unknown_pubrel", &[Speaks::V5], &unknown("c< pubcomp 9 92")).await;
}

#[tokio::test]
async fn mqtt_4_3_3_4_pubrec_is_answered_with_pubrel_and_keeps_the_id_until_pubcomp() {
    play(
        "outbound",
        &ALL,
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:2",
            "r< suback 1 2",
            "w> connect",
            "w< connack 0 0",
            "w> publish ##1 ~/t=x",
            "w< pubrec 1",
            "w> pubrel 1",
            "w< pubcomp 1",
            "r< publish ##1 ~/t=x",
            "r> pubrec 1",
            "r< pubrel 1",
            "r> pubrec 1",
            "r< pubrel 1",
            "r> pubcomp 1",
            "r> ping",
            "r< pong",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_pubrec_nobody_waits_for_is_answered_so_that_the_client_forgets_it() {
    let unknown = |answer| ["c> connect", "c< connack 0 0", "c> pubrec 9", answer];
    play(
        "unknown_pubrec",
        &[Speaks::V31, Speaks::V311],
        &unknown("c< pubrel 9"),
    )
    .await;
    play("unknown_pubrec", &[Speaks::V5], &unknown("c< pubrel 9 92")).await;
}

#[tokio::test]
async fn mqtt_4_4_0_1_on_resuming_publishes_and_pubrels_are_sent_again_in_order() {
    play(
        "resume",
        &KEPT,
        &[
            "r> connect keep",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:2",
            "r< suback 1 2",
            "w> connect",
            "w< connack 0 0",
            "w> publish ##1 ~/t=a",
            "w< pubrec 1",
            "w> pubrel 1",
            "w< pubcomp 1",
            "w> publish #2 ~/t=b",
            "w< puback 2",
            "w> publish ##3 ~/t=c",
            "w< pubrec 3",
            "w> pubrel 3",
            "w< pubcomp 3",
            "r< publish ##1 ~/t=a",
            "r< publish #2 ~/t=b",
            "r< publish ##3 ~/t=c",
            "r> pubrec 1",
            "r< pubrel 1",
            "r> drop",
            "r> connect keep",
            "r< connack 1 0",
            "r< pubrel 1",
            "r< dup publish #2 ~/t=b",
            "r< dup publish ##3 ~/t=c",
            "r> pubcomp 1",
            "r> puback 2",
            "r> pubrec 3",
            "r< pubrel 3",
            "r> pubcomp 3",
            "r> ping",
            "r< pong",
            "r> disconnect",
            "r< closed",
            "r> connect keep",
            "r< connack 1 0",
            "r> ping",
            "r< pong",
            "r> connect",
            "r< connack 0 0",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_4_9_0_2_the_receive_maximum_counts_until_pubcomp() {
    play(
        "window",
        &[Speaks::V5],
        &[
            "r> connect max=1",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:2",
            "r< suback 1 2",
            "w> connect",
            "w< connack 0 0",
            "w> publish ##1 ~/t=a",
            "w< pubrec 1",
            "w> pubrel 1",
            "w< pubcomp 1",
            "w> publish ##2 ~/t=b",
            "w< pubrec 2",
            "w> pubrel 2",
            "w< pubcomp 2",
            "r< publish ##1 ~/t=a",
            "r> pubrec 1",
            "r< pubrel 1",
            "r> ping",
            "r< pong",
            "r> pubcomp 1",
            "r< publish ##2 ~/t=b",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_4_3_3_4_a_pubrec_with_a_failure_ends_the_exchange() {
    play(
        "refused",
        &[Speaks::V5],
        &[
            "r> connect max=1",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:2",
            "r< suback 1 2",
            "w> connect",
            "w< connack 0 0",
            "w> publish ##1 ~/t=a",
            "w< pubrec 1",
            "w> pubrel 1",
            "w< pubcomp 1",
            "w> publish ##2 ~/t=b",
            "w< pubrec 2",
            "w> pubrel 2",
            "w< pubcomp 2",
            "r< publish ##1 ~/t=a",
            "r> pubrec 1 97",
            "r< publish ##2 ~/t=b",
        ],
    )
    .await;
}
