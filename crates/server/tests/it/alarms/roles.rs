//! Who may do what.

use serde_json::{Value, json};

use super::scene::Scene;

#[tokio::test]
async fn a_guard_sees_and_takes_alarms_on_and_changes_nothing_else() {
    let scene = Scene::start().await;
    let guard = scene.hire("gus", "guard").await;
    let viewer = scene.hire("vera", "viewer").await;
    scene.arm("away").await;
    let id = scene.raise(1).await;
    let path = |act: &str| format!("/v1/alarms/{id}/{act}");
    let going = json!({"going": "gus"});
    let zones = format!("/v1/flats/{}/zones", scene.flat);

    let looks = scene
        .ask_as(&viewer, "POST", &path("acknowledge"), going.clone())
        .await;
    let early = scene
        .ask_as(&guard, "POST", &path("handle"), Value::Null)
        .await;
    let takes = scene
        .ask_as(&guard, "POST", &path("acknowledge"), going.clone())
        .await;
    let late = scene
        .act(&id, "acknowledge", json!({"going": "anna"}))
        .await;
    let goes = scene
        .ask_as(&guard, "POST", &path("handle"), Value::Null)
        .await;
    let body = json!({"outcome": "resolved", "reason": "a cat"});
    let (_, over) = scene.ask_as(&guard, "POST", &path("resolve"), body).await;

    assert_eq!(
        (looks.0, early.0, takes.0, late.0, goes.0),
        (403, 409, 200, 409, 200)
    );
    assert_eq!(
        (&over["state"], &over["reason"]),
        (&json!("resolved"), &json!("a cat"))
    );
    assert!(
        over["acknowledged_by"]
            .as_str()
            .unwrap()
            .starts_with("operator:")
    );
    let change = scene
        .ask_as(&guard, "PUT", &zones, json!({"zones": []}))
        .await;
    let arming = format!("/v1/flats/{}/arming", scene.flat);
    let arm = scene
        .ask_as(&guard, "PUT", &arming, json!({"mode": "home"}))
        .await;
    let trigger = format!("{zones}/1/trigger");
    let raise = scene.ask_as(&guard, "POST", &trigger, Value::Null).await;
    assert_eq!((change.0, arm.0, raise.0), (403, 403, 403));
    assert_eq!(
        scene.ask_as(&guard, "GET", &zones, Value::Null).await.0,
        200
    );
}

#[tokio::test]
async fn a_device_triggers_zones_of_its_own_community_with_its_secret() {
    let scene = Scene::start().await;
    scene.arm("away").await;
    let path = format!("/v1/flats/{}/zones/1/trigger", scene.flat);
    let (server, lobby) = (&scene.community.server, &scene.community.lobby);
    let bearer = format!("Bearer {}", lobby.secret);
    let shown = [("x-device-id", "lobby"), ("authorization", &*bearer)];
    let wrong = [("x-device-id", "garage"), ("authorization", &*bearer)];

    let (status, raised) = server.post(&path, &shown, &Value::Null).await;

    assert_eq!(
        (status, &raised["result"]),
        (200, &json!("raised")),
        "{raised}"
    );
    assert_eq!(server.post(&path, &wrong, &Value::Null).await.0, 401);
    let (_, counted) = server.post(&path, &shown, &Value::Null).await;
    assert_eq!(
        (&counted["result"], &counted["alarm"]),
        (&json!("counted"), &raised["alarm"])
    );
    let id = raised["alarm"].as_str().unwrap();
    assert_eq!(scene.alarm(id).await["alarm"]["count"], json!(2));
}

#[tokio::test]
async fn zones_are_shown_as_they_were_set_and_wrong_ones_are_named() {
    let scene = Scene::start().await;
    let path = format!("/v1/flats/{}/zones", scene.flat);
    let zone = |fields: Value| {
        let mut zone = json!({"number": 1, "name": "w", "policy": "immediate", "modes": []});
        zone.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        json!({"zones": [zone]})
    };

    let (_, shown) = scene.ask("GET", &path, Value::Null).await;

    assert_eq!(
        (&shown["mode"], &shown["zones"]),
        (&json!("disarmed"), &super::scene::zones())
    );
    for (fields, named) in [
        (json!({"number": 9}), "number"),
        (json!({"name": ""}), "name"),
        (json!({"policy": "loud"}), "policy"),
        (json!({"policy": "delayed"}), "time_s"),
        (json!({"policy": "delayed", "time_s": 301}), "time_s"),
        (json!({"modes": ["out"]}), "modes"),
    ] {
        let (status, problem) = scene.ask("PUT", &path, zone(fields)).await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            status == 400 && detail.contains(named),
            "{named}: {status} {detail}"
        );
    }
    assert_eq!(
        scene
            .ask("GET", "/v1/flats/nowhere/zones", Value::Null)
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn a_flat_with_an_open_alarm_must_stay() {
    let scene = Scene::start().await;
    let body = json!({"community": scene.home, "number": "9-901"});
    let (_, flat) = scene.ask("POST", "/v1/flats", body).await;
    let id = flat["id"].as_str().unwrap();
    scene.set_zones(id, &super::scene::zones()).await;
    scene
        .ask(
            "POST",
            &format!("/v1/flats/{id}/zones/3/trigger"),
            Value::Null,
        )
        .await;

    let (status, problem) = scene
        .ask("DELETE", &format!("/v1/flats/{id}"), Value::Null)
        .await;

    assert_eq!(status, 409, "{problem}");
    let (_, all) = scene
        .ask(
            "GET",
            &format!("/v1/alarms?open=true&flat={id}"),
            Value::Null,
        )
        .await;
    let alarm = all["alarms"][0]["id"].as_str().unwrap().to_owned();
    scene
        .act(&alarm, "acknowledge", json!({"going": "ben"}))
        .await;
    scene
        .act(&alarm, "resolve", json!({"outcome": "false_alarm"}))
        .await;
    assert_eq!(
        scene
            .ask("DELETE", &format!("/v1/flats/{id}"), Value::Null)
            .await
            .0,
        204
    );
    let (_, all) = scene
        .ask(
            "GET",
            &format!("/v1/alarms?open=false&flat={id}"),
            Value::Null,
        )
        .await;
    assert_eq!(all["alarms"][0]["state"], "false_alarm");
}
