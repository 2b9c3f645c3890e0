//! Every common door at once, and the truth about each.

use serde_json::json;
use sim::Door;

use crate::community::Community;
use crate::unlock::lock::{opens, order, v1};

#[tokio::test]
async fn a13_each_door_is_reported_as_it_really_was() {
    let community = Community::start().await;
    community.own_door("cellar").await;
    let mut lobby = community.door().await;
    let mut garage = Door::connect(&community.server.address(), &community.garage)
        .await
        .unwrap();
    let (_, shown) = community
        .server
        .get("/v1/devices/lobby", &community.operator)
        .await;
    let path = format!(
        "/v1/communities/{}/unlock-all",
        shown["community"].as_str().unwrap()
    );
    let body = json!({"unlock_id": "fire-1"});
    let refuses = async {
        let heard = order(&mut garage).await.unlock_id.unwrap();
        garage.confirm(&heard, false).await.ok().unwrap()
    };

    let ((status, all), _, _) =
        tokio::join!(v1(&community, &path, &body), opens(&mut lobby), refuses);

    assert_eq!(status, 200, "{all}");
    let doors = all["doors"].as_array().unwrap();
    let told: Vec<_> = doors
        .iter()
        .map(|one| {
            (
                one["door"].as_str().unwrap(),
                one["result"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("cellar", "unreachable"),
        ("garage", "refused"),
        ("lobby", "executed"),
    ];
    assert_eq!(told, expected);
    assert_eq!((&all["executed"], &all["others"]), (&json!(1), &json!(2)));
}

#[tokio::test]
async fn a_flats_own_door_is_opened_neither_with_all_others_nor_by_an_operator_alone() {
    let community = Community::start().await;
    let mut lobby = community.door().await;
    let (_, flats) = community.server.get("/v1/flats", &community.operator).await;
    let flat = &flats["items"][0]["id"];
    let path = format!("{}/v1/doors/garage", community.server.http);
    let patching = community
        .server
        .client
        .patch(path)
        .bearer_auth(&community.operator);
    let body = json!({"flat": flat}).to_string();
    let patched = patching.body(body).send().await.unwrap().status().as_u16();
    let (_, shown) = community
        .server
        .get("/v1/devices/lobby", &community.operator)
        .await;
    let path = format!(
        "/v1/communities/{}/unlock-all",
        shown["community"].as_str().unwrap()
    );

    let body = json!({"unlock_id": "fire-1"});
    let ((_, all), _) = tokio::join!(v1(&community, &path, &body), opens(&mut lobby));
    let body = json!({"unlock_id": "o-1"});
    let (alone, _) = v1(&community, "/v1/doors/garage/unlock", &body).await;

    assert_eq!(patched, 200);
    assert_eq!(all["doors"].as_array().unwrap().len(), 1, "{all}");
    assert_eq!(alone, 409);
}
