//! PUBLISH, topic names and filters, QoS 0 and 1, retained messages
//! (MQTT 3.1.1 §3.3, §4.3, §4.7; MQTT 5 §3.3, §4.3, §4.7).

use super::peer::play;
use crate::client::{ALL, Speaks};

#[tokio::test]
async fn mqtt_3_8_4_8_delivery_is_at_the_lower_qos_of_publish_and_subscription() {
    for (granted, lines) in [
        (
            0,
            ["r< publish ~/t=0", "r< publish ~/t=1", "r< publish ~/t=2"],
        ),
        (
            1,
            [
                "r< publish ~/t=0",
                "r< publish #1 ~/t=1",
                "r< publish #2 ~/t=2",
            ],
        ),
        (
            2,
            [
                "r< publish ~/t=0",
                "r< publish #1 ~/t=1",
                "r< publish ##2 ~/t=2",
            ],
        ),
    ] {
        let (subscribe, suback) = (
            format!("r> subscribe 1 ~/t:{granted}"),
            format!("r< suback 1 {granted}"),
        );
        play(
            "lower_qos",
            &ALL,
            &[
                "r> connect",
                "r< connack 0 0",
                &subscribe,
                &suback,
                "w> connect",
                "w< connack 0 0",
                "w> publish ~/t=0",
                "w> publish #7 ~/t=1",
                "w< puback 7",
                "w> publish ##8 ~/t=2",
                "w< pubrec 8",
                "w> pubrel 8",
                "w< pubcomp 8",
                lines[0],
                lines[1],
                lines[2],
                "r> ping",
                "r< pong",
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn mqtt_4_7_2_1_leading_wildcards_do_not_match_topics_that_begin_with_a_dollar() {
    play(
        "dollar",
        &ALL,
        &[
            "r> connect",
            "r< connack 0 0",
            "w> connect",
            "w< connack 0 0",
            "w> retain publish $~/~=kept",
            "w> ping",
            "w< pong",
            "r> subscribe 1 +/~:1 $~/+:1",
            "r< suback 1 1 1",
            "r< retain publish $~/~=kept",
            "w> publish $~/~/deeper=unseen",
            "w> publish #5 $~/~=seen",
            "w< puback 5",
            "r< publish #1 $~/~=seen",
            "w> publish #3 x/~=seen",
            "w< puback 3",
            "r< publish #2 x/~=seen",
            "w> retain publish #4 $~/~=",
            "w< puback 4",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_4_7_1_wildcards_match_as_the_standard_says() {
    for (filter, name, matches) in [
        ("sport/tennis/player1/#", "sport/tennis/player1", true),
        (
            "sport/tennis/player1/#",
            "sport/tennis/player1/score/wimbledon",
            true,
        ),
        ("sport/tennis/+", "sport/tennis/player1", true),
        ("sport/tennis/+", "sport/tennis/player1/ranking", false),
        ("sport/+", "sport", false),
        ("sport/+", "sport/", true),
        ("ACCOUNTS", "Accounts", false),
    ] {
        let lines = [
            format!("r> subscribe 1 ~/{filter}:0"),
            format!("w> publish ~/{name}=x"),
            if matches {
                format!("r< publish ~/{name}=x")
            } else {
                "r> ping".to_owned()
            },
            if matches {
                "r> ping".to_owned()
            } else {
                "r< pong".to_owned()
            },
        ];
        play(
            "wildcards",
            &ALL,
            &[
                "r> connect",
                "r< connack 0 0",
                &lines[0],
                "r< suback 1 0",
                "w> connect",
                "w< connack 0 0",
                &lines[1],
                "w> ping",
                "w< pong",
                &lines[2],
                &lines[3],
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn mqtt_3_3_1_6_a_retained_message_goes_to_new_subscribers_and_an_empty_one_clears_it() {
    play(
        "retained",
        &ALL,
        &[
            "w> connect",
            "w< connack 0 0",
            "w> retain publish ##1 ~/t=old",
            "w< pubrec 1",
            "w> pubrel 1",
            "w< pubcomp 1",
            "w> retain publish ##2 ~/t=kept",
            "w< pubrec 2",
            "w> pubrel 2",
            "w< pubcomp 2",
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/#:2",
            "r< suback 1 2",
            "r< retain publish ##1 ~/t=kept",
            "r> pubrec 1",
            "r< pubrel 1",
            "r> pubcomp 1",
            "w> retain publish #3 ~/t=",
            "w< puback 3",
            "r< publish #2 ~/t=",
            "s> connect",
            "s< connack 0 0",
            "s> subscribe 1 ~/#:2",
            "s< suback 1 2",
            "s> ping",
            "s< pong",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_3_1_12_the_retain_flag_is_cleared_unless_asked_for_as_published() {
    play(
        "as_published",
        &[Speaks::V5],
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/a:0 ~/b:0p",
            "r< suback 1 0 0",
            "r> retain publish ~/a=x",
            "r< publish ~/a=x",
            "r> retain publish ~/b=x",
            "r< retain publish ~/b=x",
            "r> retain publish ~/a=",
            "r> retain publish ~/b=",
        ],
    )
    .await;
}

#[tokio::test]
async fn mqtt_3_3_2_5_a_message_says_how_long_it_lives() {
    play(
        "expiry",
        &[Speaks::V5],
        &[
            "r> connect",
            "r< connack 0 0",
            "r> subscribe 1 ~/t:1",
            "r< suback 1 1",
            "r> publish ~/t=x expiry=1000",
            "r< publish ~/t=x expiry=1000",
        ],
    )
    .await;
}
