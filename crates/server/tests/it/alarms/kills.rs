//! Many alarms while SIGKILL meets the server at random moments: each ends acknowledged or at the
//! last level, and none is forgotten.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::Dice;
use testkit::rounds::rounds;

use super::scene::Scene;
use crate::community::SOON;
use crate::running::web_client;

/// The zones of a flat, each of which can have one open alarm.
const ZONES: usize = 8;

/// The longest time between two kills.
const LIFE_MS_MAX: u64 = 700;

/// What was answered with 200, by alarm: whether its acknowledgement was.
type Ledger = BTreeMap<String, bool>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_alarms_none_is_forgotten_whenever_the_server_is_killed() {
    let (alarms, seed) = (rounds("KOUMEN_TEST_ALARMS", 40), Dice::seed());
    let kills = rounds("KOUMEN_TEST_ALARM_KILLS", 6);
    println!("KOUMEN_TEST_SEED={seed} KOUMEN_TEST_ALARMS={alarms} KOUMEN_TEST_ALARM_KILLS={kills}");
    let quick = [
        ("ALARMS__GUARD_S", "1"),
        ("ALARMS__CENTRE_S", "1"),
        ("ALARMS__OUTSIDE_S", "2"),
    ];
    let mut scene = Scene::with(&quick).await;
    let flats = build(&scene, usize::try_from(alarms).unwrap().div_ceil(ZONES)).await;
    let mut dice = Dice::new(seed);

    let hand = Hand {
        http: scene.community.server.http.clone(),
        token: scene.community.operator.clone(),
        client: web_client(),
        dice: Dice::new(seed ^ 1),
    };
    #[expect(clippy::disallowed_methods, reason = "joined below")]
    let raising = tokio::spawn(hand.raise_all(flats));
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(dice.below(LIFE_MS_MAX))).await;
        scene.kill_and_restart();
    }
    let ledger = raising.await.unwrap();

    assert!(
        ledger.len() >= usize::try_from(alarms).unwrap(),
        "{}",
        ledger.len()
    );
    for (id, acknowledged) in &ledger {
        if *acknowledged {
            let alarm = scene.alarm(id).await["alarm"].clone();
            assert_eq!(alarm["state"], "acknowledged", "{alarm}");
        } else {
            last_or_taken(&scene, id).await;
        }
    }
    check_list(&scene, &ledger).await;
}

/// An acknowledgement whose answer was lost may count; otherwise the last level is told.
async fn last_or_taken(scene: &Scene, id: &str) {
    let settling = async {
        loop {
            let alarm = scene.alarm(id).await["alarm"].clone();
            let told = alarm["told"].as_array().unwrap();
            if alarm["state"] == "acknowledged" || told.iter().any(|one| one == "outside") {
                return;
            }
        }
    };
    let settled = tokio::time::timeout(SOON, settling).await;
    assert!(settled.is_ok(), "alarm {id} is forgotten");
}

/// Every zone has exactly one alarm: what was repeated after a kill was counted.
async fn check_list(scene: &Scene, ledger: &Ledger) {
    let (mut path, mut zones) = ("/v1/alarms?limit=200".to_owned(), BTreeMap::new());
    loop {
        let (_, page) = scene.ask("GET", &path, Value::Null).await;
        for alarm in page["alarms"].as_array().unwrap() {
            let zone = format!("{}/{}", alarm["flat"], alarm["zone"]);
            let twice = zones.insert(zone, alarm["id"].clone());
            assert_eq!(twice, None, "{alarm}");
        }
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/v1/alarms?limit=200&before={next}");
    }
    assert_eq!(zones.len(), ledger.len());
}

/// Raises one alarm after the other, through every kill.
struct Hand {
    http: String,
    token: String,
    client: reqwest::Client,
    dice: Dice,
}

impl Hand {
    async fn raise_all(mut self, flats: Vec<String>) -> Ledger {
        let mut ledger = Ledger::new();
        for flat in &flats {
            for zone in 1..=ZONES {
                let path = format!("/v1/flats/{flat}/zones/{zone}/trigger");
                let raised = self.post(&path, &Value::Null).await;
                let id = raised["alarm"].as_str().unwrap().to_owned();
                let takes = self.dice.chance(40);
                if takes {
                    let going = json!({"going": "ben"});
                    self.post(&format!("/v1/alarms/{id}/acknowledge"), &going)
                        .await;
                }
                ledger.insert(id, takes);
            }
        }
        ledger
    }

    /// Asks until it is answered.
    async fn post(&self, path: &str, body: &Value) -> Value {
        loop {
            let request = self.client.post(format!("{}{path}", self.http));
            let request = request.bearer_auth(&self.token).body(body.to_string());
            if let Ok(answer) = request.send().await
                && answer.status() == 200
                && let Ok(bytes) = answer.bytes().await
            {
                return serde_json::from_slice(&bytes).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Flats with eight zones each that always count.
async fn build(scene: &Scene, count: usize) -> Vec<String> {
    let modes = ["disarmed", "away", "home", "sleep", "custom"];
    let zone =
        |number| json!({"number": number, "name": "z", "policy": "immediate", "modes": modes});
    let zones: Vec<Value> = (1..=ZONES).map(zone).collect();
    let mut flats = Vec::new();
    for n in 0..count {
        let body = json!({"community": scene.home, "number": format!("7-{n}")});
        let (status, flat) = scene.ask("POST", "/v1/flats", body).await;
        assert_eq!(status, 201, "{flat}");
        let id = flat["id"].as_str().unwrap().to_owned();
        scene.set_zones(&id, &json!(zones)).await;
        flats.push(id);
    }
    flats
}
