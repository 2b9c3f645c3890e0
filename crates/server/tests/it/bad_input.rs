//! Bad input: the seed's envelope, a message that names the field, nothing changed, server alive.

use serde_json::{Value, json};

use crate::community::{Community, HOUSEHOLD};

struct Case {
    body: &'static str,
    chinese: &'static str,
    english: &'static str,
}

const CASES: &[Case] = &[
    Case {
        body: "{",
        chinese: "请求体不是合法的 JSON",
        english: "the request body is not valid JSON",
    },
    Case {
        body: "[]",
        chinese: "请求体必须是 JSON 对象",
        english: "the request body must be a JSON object",
    },
    Case {
        body: "{}",
        chinese: "缺少字段 action",
        english: "field action is missing",
    },
    Case {
        body: r#"{"action": 7, "call_id": "x"}"#,
        chinese: "字段 action 必须是非空字符串",
        english: "field action must be a non-empty string",
    },
    Case {
        body: r#"{"action": "answered", "call_id": null}"#,
        chinese: "缺少字段 call_id",
        english: "field call_id is missing",
    },
    Case {
        body: r#"{"action": "answered", "call_id": "x", "timestamp": "soon"}"#,
        chinese: "字段 timestamp 必须是毫秒时间戳（整数）",
        english: "field timestamp must be a timestamp in milliseconds (an integer)",
    },
    Case {
        body: r#"{"action": "dance", "call_id": "x"}"#,
        chinese: "字段 action 的值无效，可用值：answered、rejected、hangup、timeout",
        english: "field action has an unknown value; use one of answered, rejected, hangup, timeout",
    },
];

#[tokio::test]
async fn bad_bodies_are_refused_by_field_in_the_readers_language() {
    let community = Community::start().await;
    let bearer = format!("Bearer {}", community.mum.token);

    for case in CASES {
        for (language, expected) in [("", case.chinese), ("en-GB", case.english)] {
            let headers = [("authorization", &*bearer), ("accept-language", language)];
            let path = "/api/mqtt/controller/resident";
            let (status, reply) = community
                .server
                .post_bytes(path, &headers, case.body.into())
                .await;
            assert_eq!(status, 400, "{}: {reply}", case.body);
            assert_eq!(
                reply,
                json!({"code": 400, "message": expected, "data": null})
            );
        }
    }
}

#[tokio::test]
async fn unknown_ids_and_numbers_are_not_found() {
    let community = Community::start().await;
    let mum = format!("Bearer {}", community.mum.token);
    let lobby = format!("Bearer {}", community.lobby.secret);
    let body = json!({"action": "answered", "call_id": "nothing"});

    let path = "/api/mqtt/controller/resident";
    let (status, reply) = community
        .server
        .post(path, &[("authorization", &mum)], &body)
        .await;
    assert_eq!((status, &reply["message"]), (404, &json!("通话不存在")));

    let press = json!({"device_device_id": "lobby", "household_number": "9-999"});
    let headers = [("x-device-id", "lobby"), ("authorization", &*lobby)];
    let (status, reply) = community
        .server
        .post("/api/mqtt/call", &headers, &press)
        .await;
    assert_eq!((status, &reply["message"]), (404, &json!("户号不存在")));
}

#[tokio::test]
async fn a_megabyte_is_refused_and_the_server_lives() {
    let community = Community::start().await;
    let bearer = format!("Bearer {}", community.lobby.secret);
    let headers = [("x-device-id", "lobby"), ("authorization", &*bearer)];

    let (status, reply) = community
        .server
        .post_bytes("/api/mqtt/call", &headers, vec![b' '; 1 << 20])
        .await;

    assert_eq!((status, &reply["message"]), (400, &json!("请求体过大")));
    let press = json!({"device_device_id": "lobby", "household_number": HOUSEHOLD});
    assert_eq!(
        community
            .server
            .post("/api/mqtt/call", &headers, &press)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn an_action_that_does_not_fit_changes_nothing() {
    let community = Community::start().await;
    let door = community.door().await;
    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    let bearer = format!("Bearer {}", community.mum.token);
    let headers = [("authorization", &*bearer)];
    let act = |action: &str| json!({"action": action, "call_id": call});
    let path = "/api/mqtt/controller/resident";
    assert_eq!(
        community
            .server
            .post(path, &headers, &act("answered"))
            .await
            .0,
        200
    );

    let (status, reply) = community
        .server
        .post(path, &headers, &act("rejected"))
        .await;

    assert_eq!(
        (status, &reply["message"]),
        (409, &json!("该操作与当前通话状态不符"))
    );
    assert_eq!(reply["data"]["status"], "answered");
}

#[tokio::test]
async fn the_management_api_names_the_field() {
    let community = Community::start().await;
    let bearer = format!("Bearer {}", community.operator);
    let headers = [("authorization", &*bearer)];
    let refused = async |path: &str, body: Value| {
        let (status, reply) = community.server.post(path, &headers, &body).await;
        (
            status,
            reply["detail"].as_str().unwrap_or_default().to_owned(),
        )
    };

    let (status, detail) = refused("/v1/communities", json!({})).await;
    assert!(status == 400 && detail.contains("`name`"), "{detail}");
    let (_, lobby) = community
        .server
        .get("/v1/devices/lobby", &community.operator)
        .await;
    let device = |id: &str| json!({"community": lobby["community"], "id": id, "name": "x"});
    for id in ["telemetry", "koumen-0123456789ab"] {
        let (status, detail) = refused("/v1/devices", device(id)).await;
        assert_eq!((status, &*detail), (400, "id: is a reserved word"));
    }
    let like_mum = format!("{}_1", community.mum.resident_id);
    let (status, detail) = refused("/v1/devices", device(&like_mum)).await;
    assert!(
        status == 400 && detail.starts_with("id: begins like"),
        "{detail}"
    );
    let flat = json!({"community": "nowhere", "number": "1"});
    assert_eq!(
        refused("/v1/flats", flat).await,
        (404, "community not found".into())
    );
}
