//! Two at once, many times: one winner always, and the loser is told why.

use serde_json::json;

use crate::community::{Community, HOUSEHOLD};

const ROUNDS: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_phones_answer_at_once_a_thousand_times() {
    let community = Community::start().await;
    let (lobby, server) = (&community.lobby, &community.server);
    let door = [
        ("x-device-id", &*lobby.device_id),
        ("authorization", &bearer(&lobby.secret)),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let door: Vec<(&str, &str)> = door.iter().map(|(name, value)| (*name, &**value)).collect();
    let (mum, dad) = (bearer(&community.mum.token), bearer(&community.dad.token));
    let press = json!({"device_device_id": lobby.device_id, "household_number": HOUSEHOLD});

    let mut mum_won = 0;
    for round in 0..ROUNDS {
        let (status, pressed) = server.post("/api/mqtt/call", &door, &press).await;
        assert_eq!(status, 200, "round {round}: {pressed}");
        let answer = json!({"action": "answered", "call_id": pressed["data"]["call_id"]});
        let path = "/api/mqtt/controller/resident";
        let (mum_header, dad_header) = ([("authorization", &*mum)], [("authorization", &*dad)]);
        let ((by_mum, at_mum), (by_dad, at_dad)) = tokio::join!(
            server.post(path, &mum_header, &answer),
            server.post(path, &dad_header, &answer),
        );
        let loser = match (by_mum, by_dad) {
            (200, 409) => &at_dad,
            (409, 200) => &at_mum,
            both => panic!("round {round}: {both:?}: {at_mum} {at_dad}"),
        };
        assert_eq!(
            loser["data"]["status"], "answered",
            "round {round}: {loser}"
        );
        assert_eq!(loser["message"], "通话已在其他设备接听", "round {round}");
        mum_won += usize::from(by_mum == 200);
        let hangup = json!({"action": "hangup", "call_id": pressed["data"]["call_id"]});
        let (status, _) = server
            .post("/api/mqtt/controller/device", &door, &hangup)
            .await;
        assert_eq!(status, 200, "round {round}");
    }

    println!("mum won {mum_won} of {ROUNDS}");
}

fn bearer(secret: &str) -> String {
    format!("Bearer {secret}")
}
