//! Alarms on screens and desks.

use serde_json::{Value, json};

use crate::boxes::peer::Peer;
use crate::boxes::town::{DESK, Town};
use crate::community::HOUSEHOLD;

/// An armed flat: zone 3 at once, zone 4 under duress.
async fn arm(town: &Town) -> String {
    let flat = town.flat(HOUSEHOLD).await;
    let zones = json!({"zones": [
        {"number": 3, "name": "balcony", "policy": "immediate", "modes": ["away"]},
        {"number": 4, "name": "panic", "policy": "duress", "modes": ["away"]},
    ]});
    put(town, &format!("/v1/flats/{flat}/zones"), &zones).await;
    put(
        town,
        &format!("/v1/flats/{flat}/arming"),
        &json!({"mode": "away"}),
    )
    .await;
    flat
}

async fn put(town: &Town, path: &str, body: &Value) {
    let server = &town.community.server;
    let putting = server.client.put(format!("{}{path}", server.http));
    let putting = putting.bearer_auth(&town.community.operator).json(body);
    let answer = putting.send().await.unwrap();
    assert!(
        answer.status().is_success(),
        "{path}: {}",
        answer.text().await.unwrap()
    );
}

async fn post(town: &Town, path: &str, body: &Value) -> (u16, Value) {
    let bearer = format!("Bearer {}", town.community.operator);
    let headers = [("authorization", &*bearer)];
    town.community.server.post(path, &headers, body).await
}

/// Triggers the zone; the alarm's id.
async fn trigger(town: &Town, flat: &str, zone: u8) -> String {
    let path = format!("/v1/flats/{flat}/zones/{zone}/trigger");
    let (status, reply) = post(town, &path, &json!({})).await;
    assert!(status < 300, "{reply}");
    let (_, page) = town
        .community
        .server
        .get("/v1/alarms", &town.community.operator)
        .await;
    page["alarms"][0]["id"].as_str().unwrap().to_owned()
}

/// Who acknowledged the alarm, as soon as somebody has.
async fn acknowledged_by(town: &Town, id: &str) -> String {
    let server = &town.community.server;
    loop {
        let path = format!("/v1/alarms/{id}");
        let (_, story) = server.get(&path, &town.community.operator).await;
        if let Some(by) = story["alarm"]["acknowledged_by"].as_str() {
            return by.to_owned();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_screen_hears_an_alarm_also_one_that_comes_back_and_acknowledges_it() {
    let town = Town::start().await;
    let flat = arm(&town).await;
    let mut hall = town.screen("hall").await;
    let mut next = town.screen("next").await;

    let id = trigger(&town, &flat, 3).await;
    let told = hall.hear("seczone_emergency").await;
    assert_eq!(
        (&told["port"], &told["name"]),
        (&json!("3"), &json!("balcony"))
    );
    drop(hall);
    let mut hall = town.screen("hall").await;
    hall.hear("seczone_emergency").await;
    hall.say("emergency_ack", &json!({"port": "3"})).await;

    assert_eq!(acknowledged_by(&town, &id).await, "screen:hall");
    // The neighbour was told nothing: this is the first that it hears.
    next.say("call_req", &json!({"sid": "n", "dest": {"id": "nobody"}}))
        .await;
    next.hear("call_reject").await;
}

#[tokio::test]
async fn duress_is_silent_at_home_and_told_to_the_desk_which_acknowledges_it() {
    let town = Town::start().await;
    let flat = arm(&town).await;
    let mut hall = town.screen("hall").await;
    let mut desk: Peer = town.at_centre(DESK).await;

    let id = trigger(&town, &flat, 4).await;
    let told = desk.hear("seczone_emergency").await;
    assert_eq!(told["port"], format!("{HOUSEHOLD}/4"));
    desk.say("emergency_ack", &json!({"port": told["port"]}))
        .await;

    assert_eq!(acknowledged_by(&town, &id).await, "centre:desk");
    hall.say("call_req", &json!({"sid": "n", "dest": {"id": "nobody"}}))
        .await;
    hall.hear("call_reject").await;
}

#[tokio::test]
async fn b8_a_flats_own_door_opens_against_a_live_alarms_permission_once() {
    let town = Town::start().await;
    let flat = arm(&town).await;
    let server = &town.community.server;
    let path = format!("{}/v1/doors/lobby", server.http);
    let owning = server
        .client
        .patch(path)
        .bearer_auth(&town.community.operator);
    let owned = owning.json(&json!({"flat": flat})).send().await.unwrap();
    assert_eq!(owned.status(), 200);
    let mut door = town.community.door().await;
    let unlock = async |id: &str, nonce: &str| {
        let body = json!({"unlock_id": id, "nonce": nonce});
        post(&town, "/v1/doors/lobby/unlock", &body).await
    };

    let (empty, _) = unlock("a", "").await;
    let alarm = trigger(&town, &flat, 3).await;
    let permit = format!("/v1/alarms/{alarm}/nonce");
    let (status, permission) = post(&town, &permit, &json!({})).await;
    assert_eq!(status, 201, "{permission}");
    let nonce = permission["nonce"].as_str().unwrap();
    let opens = async {
        let heard = door.next(crate::community::SOON).await.unwrap();
        door.confirm(&heard.unlock_id.unwrap(), true)
            .await
            .ok()
            .unwrap();
    };
    let ((opened, reply), ()) = tokio::join!(unlock("b", nonce), opens);
    let (again, _) = unlock("c", nonce).await;

    let unused = post(&town, &permit, &json!({})).await.1;
    for act in ["acknowledge", "resolve"] {
        let path = format!("/v1/alarms/{alarm}/{act}");
        let body = json!({"going": "ben", "outcome": "resolved", "reason": ""});
        assert_eq!(post(&town, &path, &body).await.0, 200, "{act}");
    }
    let (over, _) = unlock("d", unused["nonce"].as_str().unwrap()).await;

    assert_eq!(
        (opened, &reply["state"]),
        (200, &json!("executed")),
        "{reply}"
    );
    assert_eq!([empty, again, over], [409, 409, 409]);
    assert_eq!(post(&town, &permit, &json!({})).await.0, 409);
}

#[tokio::test]
async fn a_screen_triggers_a_zone_of_its_own_flat_which_rings_at_the_others() {
    let town = Town::start().await;
    arm(&town).await;
    let mut hall = town.screen("hall").await;
    let mut kitchen = town.screen("kitchen").await;
    let mut next = town.screen("next").await;

    next.say(
        "seczone_emergency",
        &json!({"port": "3", "name": "x", "message": ""}),
    )
    .await;
    next.say("call_req", &json!({"sid": "n", "dest": {"id": "nobody"}}))
        .await;
    next.hear("call_reject").await;
    hall.say(
        "emergency",
        &json!({"port": "3", "name": "balcony", "message": ""}),
    )
    .await;

    assert_eq!(kitchen.hear("seczone_emergency").await["port"], "3");
    assert_eq!(hall.hear("seczone_emergency").await["name"], "balcony");
    let (server, operator) = (&town.community.server, &town.community.operator);
    let (_, page) = server.get("/v1/alarms", operator).await;
    assert_eq!(page["alarms"].as_array().unwrap().len(), 1, "{page}");
}

/// Every zone of the flat is an alarm at once.
async fn arm_all(town: &Town) -> String {
    let flat = town.flat(HOUSEHOLD).await;
    let zone = |number: u8| json!({"number": number, "name": "z", "policy": "immediate", "modes": ["away"]});
    let zones: Vec<_> = (1..=8).map(zone).collect();
    put(
        town,
        &format!("/v1/flats/{flat}/zones"),
        &json!({"zones": zones}),
    )
    .await;
    put(
        town,
        &format!("/v1/flats/{flat}/arming"),
        &json!({"mode": "away"}),
    )
    .await;
    flat
}

#[tokio::test]
async fn screens_and_the_server_come_and_go_and_no_alarm_is_forgotten() {
    let soon = [
        ("ALARMS__CENTRE_S", "1"),
        ("ALARMS__GUARD_S", "1"),
        ("ALARMS__OUTSIDE_S", "2"),
    ];
    let mut town = Town::with(&soon).await;
    let mut dice = testkit::Dice::new(7);
    let flat = arm_all(&town).await;
    let mut alarms = Vec::new();

    for zone in 1..=8 {
        let mut hall = town.screen("hall").await;
        let heard = hear_all(&mut hall, alarms.len()).await;
        assert!(!heard.contains(&zone.to_string()), "{heard:?}");
        alarms.push(trigger(&town, &flat, zone).await);
        if dice.pick(&[true, false]) {
            assert_eq!(
                hall.hear("seczone_emergency").await["port"],
                zone.to_string()
            );
        }
        drop(hall);
        if dice.pick(&[true, false]) {
            town.restart();
        }
    }
    let mut hall = town.screen("hall").await;
    let heard = hear_all(&mut hall, 8).await;
    for port in heard.iter().take(4) {
        hall.say("emergency_ack", &json!({"port": port})).await;
    }

    let mut acknowledged = 0;
    for (zone, id) in (1_u8..).zip(&alarms) {
        let is_acknowledged = heard[..4].contains(&zone.to_string());
        if is_acknowledged {
            assert_eq!(acknowledged_by(&town, id).await, "screen:hall");
            acknowledged += 1;
        } else {
            told(&town, id, "centre").await;
        }
    }
    assert_eq!(acknowledged, 4);
}

/// The ports of the alarms that a screen is told of when it comes, in their order.
async fn hear_all(screen: &mut Peer, count: usize) -> Vec<String> {
    let mut ports = Vec::new();
    for _ in 0..count {
        let told = screen.hear("seczone_emergency").await;
        ports.push(told["port"].as_str().unwrap().to_owned());
    }
    ports
}

/// Waits until the alarm was told at this level.
async fn told(town: &Town, id: &str, level: &str) {
    let server = &town.community.server;
    loop {
        let path = format!("/v1/alarms/{id}");
        let (_, story) = server.get(&path, &town.community.operator).await;
        let told = story["alarm"]["told"].as_array().unwrap();
        if told.iter().any(|one| one == level) {
            return;
        }
        tokio::task::yield_now().await;
    }
}
