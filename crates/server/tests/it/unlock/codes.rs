//! What is typed, held or shown at a panel, and what its sensor sees.

use serde_json::{Value, json};

use crate::community::Community;
use crate::running::web_client;
use crate::unlock::lock::{listed, panel, v1};

#[tokio::test]
async fn a_code_opens_the_panel_is_told_so_once_and_confirms() {
    let community = Community::start().await;
    let code = given(&community, json!({"kind": "pin"})).await;

    let (status, told) = typed(&community, "r-1", &code["code"]).await;
    let (_, again) = typed(&community, "r-1", &code["code"]).await;
    let body = json!({"unlock_id": told["data"]["unlock_id"], "result": "executed"});
    let (confirmed, _) = panel(&community, "unlock-result", &body).await;

    assert_eq!((status, &told["data"]["open"]), (200, &json!(true)));
    assert!(told["data"]["life_ms"].as_u64().unwrap() <= 10_000);
    assert_eq!(
        (&again["data"]["open"], &again["data"]["life_ms"]),
        (&json!(false), &json!(0))
    );
    assert_eq!(again["data"]["unlock_id"], told["data"]["unlock_id"]);
    assert_eq!(confirmed, 200);
    assert_eq!(
        listed(&community).await,
        [("executed".to_owned(), Value::Null)]
    );
}

#[tokio::test]
async fn five_wrong_codes_lock_the_entry_and_a_right_one_is_refused_then() {
    let community = Community::start().await;
    let code = given(&community, json!({"kind": "pin", "digits": 8})).await;
    for no in 0..5 {
        let (_, told) = typed(&community, &format!("w-{no}"), &json!("00")).await;
        assert_eq!(told["data"]["reason"], "wrong_code");
    }

    let (_, told) = typed(&community, "r-1", &code["code"]).await;

    assert_eq!(
        (&told["data"]["open"], &told["data"]["reason"]),
        (&json!(false), &json!("entry_locked"))
    );
    let states = listed(&community).await;
    assert_eq!(states.len(), 6);
    assert!(states.iter().all(|(state, _)| state == "denied"));
}

#[tokio::test]
async fn the_lock_of_code_entry_survives_the_server() {
    let mut community = Community::start().await;
    let code = given(&community, json!({"kind": "pin"})).await;
    for no in 0..5 {
        typed(&community, &format!("w-{no}"), &json!("00")).await;
    }
    community.server.kill_and_restart();
    community.server.client = web_client();

    let (_, told) = typed(&community, "r-1", &code["code"]).await;

    assert_eq!(told["data"]["reason"], "entry_locked");
}

#[tokio::test]
async fn a_visitors_code_opens_as_often_as_it_may_and_in_its_time() {
    let community = Community::start().await;
    let now = crate::running::now_ms();
    let twice = given(
        &community,
        json!({"kind": "visitor", "uses": 2, "until": now + 600_000}),
    )
    .await;
    let later = json!({"kind": "visitor", "from": now + 600_000});
    let later = given(&community, later).await;
    let past = json!({"kind": "visitor", "until": now - 1});
    let past = given(&community, past).await;

    let mut told = Vec::new();
    for (no, code) in [&twice, &twice, &twice, &later, &past]
        .into_iter()
        .enumerate()
    {
        let (_, reply) = typed(&community, &format!("r-{no}"), &code["code"]).await;
        told.push(
            reply["data"]["reason"]
                .as_str()
                .unwrap_or("opens")
                .to_owned(),
        );
    }

    assert_eq!(told, ["opens", "opens", "used_up", "not_yet", "over"]);
}

#[tokio::test]
async fn a_qr_text_opens_like_the_code_it_stands_for() {
    let community = Community::start().await;
    let until = crate::running::now_ms() + 600_000;
    let code = given(
        &community,
        json!({"kind": "visitor", "uses": 1, "until": until}),
    )
    .await;
    let qr = code["qr"].as_str().unwrap();
    let forged = format!("{}0", &qr[..qr.len() - 1]);

    let mut told = Vec::new();
    for (no, text) in [&*forged, qr, qr].into_iter().enumerate() {
        let body = json!({"request_id": format!("q-{no}"), "qr": text});
        let (_, reply) = panel(&community, "access-code", &body).await;
        told.push(
            reply["data"]["reason"]
                .as_str()
                .unwrap_or("opens")
                .to_owned(),
        );
    }

    let forged = if qr.ends_with('0') {
        "opens"
    } else {
        "wrong_code"
    };
    assert_eq!(told[0], forged);
    assert_eq!(told[2], "used_up");
}

#[tokio::test]
async fn a_residents_own_qr_text_opens_and_is_no_text_of_another() {
    let community = Community::start().await;
    let path = "/api/mqtt/calls/access-qr";
    let (status, mine) = community.server.get(path, &community.mum.token).await;
    let qr = mine["data"]["qr"].as_str().unwrap();
    let other = qr.replace(&community.mum.resident_id, &community.dad.resident_id);

    let mut told = Vec::new();
    for (no, text) in [&other, qr].into_iter().enumerate() {
        let body = json!({"request_id": format!("q-{no}"), "qr": text});
        let (_, reply) = panel(&community, "access-code", &body).await;
        told.push(reply["data"]["open"].clone());
    }

    assert_eq!((status, told), (200, vec![json!(false), json!(true)]));
    let operators = community.server.get(path, &community.operator).await;
    assert_eq!(operators.0, 401);
}

#[tokio::test]
async fn a_card_opens_until_it_is_taken_back() {
    let community = Community::start().await;
    let card = given(&community, json!({"kind": "card", "number": "04a2b3"})).await;
    let body = |no: u8| json!({"request_id": format!("c-{no}"), "card": "04A2B3"});

    let (_, first) = panel(&community, "access-code", &body(1)).await;
    let path = format!(
        "{}/v1/credentials/{}",
        community.server.http,
        card["id"].as_str().unwrap()
    );
    let removing = community
        .server
        .client
        .delete(path)
        .bearer_auth(&community.operator);
    let removed = removing.send().await.unwrap().status().as_u16();
    let (_, second) = panel(&community, "access-code", &body(2)).await;

    assert_eq!((card["code"].is_null(), removed), (true, 204));
    assert_eq!(first["data"]["open"], true);
    assert_eq!(second["data"]["reason"], "wrong_code");
}

#[tokio::test]
async fn codes_are_listed_without_what_they_read() {
    let community = Community::start().await;
    let code = given(&community, json!({"kind": "pin", "label": "cleaner"})).await;

    let (status, page) = community
        .server
        .get("/v1/credentials", &community.operator)
        .await;

    let listed = &page["items"][0];
    assert_eq!(
        (status, &listed["id"], &listed["label"]),
        (200, &code["id"], &json!("cleaner"))
    );
    assert!(listed.get("code").is_none());
    let digits = code["code"].as_str().unwrap();
    assert_eq!(digits.len(), 6);
    assert!(!page.to_string().contains(&format!("\"{digits}\"")));
}

#[tokio::test]
async fn a_sensors_word_is_shown_and_on_record() {
    let community = Community::start().await;

    let (status, _) = panel(&community, "door-state", &json!({"state": "forced"})).await;
    let (bad, _) = panel(&community, "door-state", &json!({"state": "ajar"})).await;

    let (_, shown) = community
        .server
        .get("/v1/doors/lobby", &community.operator)
        .await;
    assert_eq!(
        (status, bad, &shown["sensor"]),
        (200, 400, &json!("forced"))
    );
    let rows = super::chain::exported(&community);
    assert_eq!(
        rows[0]["body"],
        json!({"event": "sensor", "state": "forced"})
    );
}

async fn typed(community: &Community, request: &str, code: &Value) -> (u16, Value) {
    let body = json!({"request_id": request, "code": code});
    panel(community, "access-code", &body).await
}

/// Gives something out to the first flat.
async fn given(community: &Community, mut what: Value) -> Value {
    let (_, flats) = community.server.get("/v1/flats", &community.operator).await;
    what["flat"] = flats["items"][0]["id"].clone();
    let (status, given) = v1(community, "/v1/credentials", &what).await;
    assert_eq!(status, 201, "{given}");
    given
}
