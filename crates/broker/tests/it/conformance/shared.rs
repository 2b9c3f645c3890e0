//! Shared subscriptions (MQTT 5 §4.8.2), which 3.1.1 clients may use too.

use super::peer::play;
use crate::client::{ALL, Speaks};

#[tokio::test]
async fn mqtt_4_8_2_each_message_goes_to_one_of_the_group() {
    play(
        "one_of",
        &ALL,
        &[
            "a> connect",
            "a< connack 0 0",
            "a> subscribe 1 $share/g~/~/+:1",
            "a< suback 1 1",
            "b> connect",
            "b< connack 0 0",
            "b> subscribe 1 $share/g~/~/+:1",
            "b< suback 1 1",
            "other> connect",
            "other< connack 0 0",
            "other> subscribe 1 $share/h~/~/t:1",
            "other< suback 1 1",
            "plain> connect",
            "plain< connack 0 0",
            "plain> subscribe 1 ~/t:0",
            "plain< suback 1 0",
            "w> connect",
            "w< connack 0 0",
            "w> publish #1 ~/t=1",
            "w< puback 1",
            "w> publish #2 ~/t=2",
            "w< puback 2",
            "a< publish #1 ~/t=1",
            "b< publish #1 ~/t=2",
            "a> ping",
            "a< pong",
            "b> ping",
            "b< pong",
            "other< publish #1 ~/t=1",
            "other< publish #2 ~/t=2",
            "plain< publish ~/t=1",
            "plain< publish ~/t=2",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_4_8_2_no_retained_message_is_sent_at_subscribe() {
    play(
        "no_retained",
        &ALL,
        &[
            "a> connect",
            "a< connack 0 0",
            "a> retain publish #1 ~/t=kept",
            "a< puback 1",
            "a> subscribe 2 $share/g/~/t:1",
            "a< suback 2 1",
            "a> ping",
            "a< pong",
            "a> retain publish ~/t=",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_8_3_4_no_local_on_a_shared_subscription_is_a_protocol_error() {
    play(
        "no_local_shared",
        &[Speaks::V5],
        &[
            "a> connect",
            "a< connack 0 0",
            "a> subscribe 1 $share/g/~/t:1n",
            "a< disconnect 82",
            "a< closed",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_4_8_2_what_one_did_not_acknowledge_goes_to_another_when_its_session_ends() {
    play(
        "passed_on",
        &ALL,
        &[
            "a> connect",
            "a< connack 0 0",
            "a> subscribe 1 $share/g~/~/t:1",
            "a< suback 1 1",
            "b> connect",
            "b< connack 0 0",
            "b> subscribe 1 $share/g~/~/t:1",
            "b< suback 1 1",
            "w> connect",
            "w< connack 0 0",
            "w> publish #1 ~/t=1",
            "w< puback 1",
            "a< publish #1 ~/t=1",
            "a> disconnect",
            "a< closed",
            "w> publish #2 ~/t=2",
            "w< puback 2",
            "b< publish #1 ~/t=1",
            "b< publish #2 ~/t=2",
        ],
    )
    .await;
}

#[tokio::test]
async fn unsubscribing_leaves_the_group() {
    play(
        "left",
        &[Speaks::V5],
        &[
            "a> connect",
            "a< connack 0 0",
            "a> subscribe 1 $share/g/~/t:1",
            "a< suback 1 1",
            "a> unsubscribe 2 $share/g/~/t ~/t",
            "a< unsuback 2 0 11",
            "a> publish ~/t=1",
            "a> ping",
            "a< pong",
        ],
    )
    .await;
}
