//! Every kind of thing is added, shown, changed and removed; what others refer to stays.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::console::Console;

struct Kind {
    path: &'static str,
    /// `$x` stands for the id of the `x` added before.
    body: fn(&Ids) -> Value,
    patch: fn(&Ids) -> Value,
    /// Why it must stay as long as the kinds below it are there.
    held: Option<&'static str>,
}

type Ids = BTreeMap<&'static str, String>;

const KINDS: &[Kind] = &[
    Kind {
        path: "/v1/communities",
        body: |_| json!({"name": "Meadows", "rooms": "integer", "ring_s": 5, "declines": "device"}),
        patch: |_| json!({"name": "Old Meadows", "rooms": "string", "talk_s": 60, "declines": null}),
        held: Some("community must stay: it has buildings"),
    },
    Kind {
        path: "/v1/buildings",
        body: |ids| json!({"community": ids["/v1/communities"], "name": "1"}),
        patch: |_| json!({"name": "2"}),
        held: Some("building must stay: it has units"),
    },
    Kind {
        path: "/v1/units",
        body: |ids| json!({"building": ids["/v1/buildings"], "name": "A"}),
        patch: |_| json!({"name": "B"}),
        held: Some("unit must stay: it has flats"),
    },
    Kind {
        path: "/v1/flats",
        body: |ids| json!({"community": ids["/v1/communities"], "unit": ids["/v1/units"], "number": "2-201", "talk_s": 86_400}),
        patch: |_| json!({"number": "2-202", "ring_s": 180, "talk_s": null}),
        held: Some("flat must stay: it has residents"),
    },
    Kind {
        path: "/v1/residents",
        body: |ids| json!({"flat": ids["/v1/flats"], "name": "aunt", "password": "long enough"}),
        patch: |_| json!({"name": "great-aunt", "password": "longer than that"}),
        held: None,
    },
    Kind {
        path: "/v1/devices",
        body: |ids| json!({"community": ids["/v1/communities"], "id": "gate", "name": "Gate", "place": "North", "ring_s": 90}),
        patch: |_| json!({"name": "Back gate", "place": "", "control": "own", "ring_s": null}),
        held: None,
    },
    Kind {
        path: "/v1/operators",
        body: |ids| {
            let roles = json!([{"community": ids["/v1/communities"], "role": "viewer"}]);
            json!({"name": "otto", "password": "long enough", "roles": roles})
        },
        patch: |ids| json!({"name": "Otto", "roles": [{"community": ids["/v1/communities"], "role": "manager"}]}),
        held: None,
    },
];

#[tokio::test]
async fn every_kind_is_added_shown_changed_and_removed() {
    let console = Console::start().await;
    let mut ids = Ids::new();

    for kind in KINDS {
        let body = (kind.body)(&ids);
        let added = console.add(kind.path, body.clone()).await;
        ids.insert(kind.path, added["id"].as_str().unwrap().to_owned());
        let (status, shown) = console.ask("GET", &at(kind, &ids), Value::Null).await;
        assert_eq!(status, 200);
        assert_holds(&shown, &body);
        let (status, twice) = console.ask("POST", kind.path, body).await;
        assert_eq!(status, 409, "{}: {twice}", kind.path);
        assert!(
            twice["detail"]
                .as_str()
                .unwrap()
                .ends_with("already exists")
        );
    }
    for kind in KINDS {
        let patch = (kind.patch)(&ids);
        let (status, changed) = console.ask("PATCH", &at(kind, &ids), patch.clone()).await;
        assert_eq!(status, 200, "{}: {changed}", kind.path);
        assert_holds(&changed, &patch);
        let (_, shown) = console.ask("GET", &at(kind, &ids), Value::Null).await;
        assert_holds(&shown, &patch);
    }
    for kind in KINDS {
        let Some(why) = kind.held else { continue };
        let (status, held) = console.ask("DELETE", &at(kind, &ids), Value::Null).await;
        assert_eq!((status, &held["detail"]), (409, &json!(why)));
    }
    for kind in KINDS.iter().rev() {
        let (status, _) = console.ask("DELETE", &at(kind, &ids), Value::Null).await;
        assert_eq!(status, 204, "{}", kind.path);
        for method in ["GET", "PATCH", "DELETE"] {
            let body = if method == "PATCH" {
                json!({})
            } else {
                Value::Null
            };
            let (status, _) = console.ask(method, &at(kind, &ids), body).await;
            assert_eq!(status, 404, "{method} {}", kind.path);
        }
    }
}

#[tokio::test]
async fn a_flat_leaves_its_unit_and_enters_none_of_another_community() {
    let console = Console::start().await;
    let home = console.home().await;
    let elsewhere = console
        .add("/v1/communities", json!({"name": "Elsewhere"}))
        .await;
    let mut units = Vec::new();
    for community in [&json!(home), &elsewhere["id"]] {
        let building = json!({"community": community, "name": "1"});
        let building = console.add("/v1/buildings", building).await;
        let unit = json!({"building": building["id"], "name": "A"});
        units.push(console.add("/v1/units", unit).await["id"].clone());
    }
    let body = |unit: &Value| json!({"community": home, "unit": unit, "number": "3-301"});
    let (status, refused) = console.ask("POST", "/v1/flats", body(&units[1])).await;
    assert_eq!(
        (status, &refused["detail"]),
        (404, &json!("unit not found"))
    );
    let flat = console.add("/v1/flats", body(&units[0])).await;
    let path = format!("/v1/flats/{}", flat["id"].as_str().unwrap());

    let (status, _) = console.ask("PATCH", &path, json!({"unit": units[1]})).await;
    assert_eq!(status, 404);
    let (_, unchanged) = console.ask("PATCH", &path, json!({})).await;
    assert_eq!(unchanged["unit"], units[0]);
    let (_, freed) = console.ask("PATCH", &path, json!({"unit": null})).await;
    assert_eq!(freed["unit"], Value::Null);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_field() {
    let console = Console::start().await;
    let home = console.home().await;
    for (asked, body, expected) in REFUSED {
        let asked = asked.replace("$home", &home);
        let (method, path) = asked.split_once(' ').unwrap();
        let body = body
            .replace("$home", &home)
            .replace("$long", &"x".repeat(65));
        let body = serde_json::from_str(&body).unwrap();
        let (status, problem) = console.ask(method, path, body).await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            status == 400 && detail.starts_with(expected),
            "{asked}: {detail}"
        );
    }
    let large = json!({"name": "x".repeat(65 * 1024)});
    let (status, _) = console.ask("POST", "/v1/communities", large).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn where_nothing_is_the_answer_is_a_problem_too() {
    let console = Console::start().await;
    let server = &console.community.server;

    for (path, expected) in [("/v1/nothing", 404), ("/v1", 404), ("/v1/login", 405)] {
        let (status, problem) = server.get(path, &console.community.operator).await;
        assert_eq!(
            (status, &problem["status"]),
            (expected, &json!(expected)),
            "{path}"
        );
    }
}

/// What is asked with which body, and how the refusal begins. `$home` stands for a community's id,
/// `$long` for a name that is too long.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "POST /v1/communities",
        r#"{"name": 7}"#,
        "name: invalid type",
    ),
    (
        "POST /v1/communities",
        r#"{"name": "x", "rooms": "cellar"}"#,
        "rooms: unknown variant",
    ),
    ("POST /v1/communities", r#"{"name": ""}"#, "name: must be"),
    (
        "POST /v1/buildings",
        r#"{"community": "$home", "name": "a\nb"}"#,
        "name: must be",
    ),
    (
        "POST /v1/flats",
        r#"{"community": "$home", "number": "$long"}"#,
        "number: must be",
    ),
    (
        "POST /v1/operators",
        r#"{"name": "x", "password": "short"}"#,
        "password: must be",
    ),
    (
        "POST /v1/devices",
        r#"{"community": "$home", "id": "a b", "name": "x"}"#,
        "id: must be",
    ),
    (
        "PATCH /v1/devices/lobby",
        r#"{"place": "$long"}"#,
        "place: must be",
    ),
    (
        "PATCH /v1/devices/lobby",
        r#"{"control": "none"}"#,
        "control: unknown variant",
    ),
    (
        "POST /v1/communities",
        r#"{"name": "x", "ring_s": 181}"#,
        "ring_s: must be 5 to 180 seconds",
    ),
    (
        "POST /v1/communities",
        r#"{"name": "x", "declines": "nobody"}"#,
        "declines: unknown variant",
    ),
    (
        "POST /v1/flats",
        r#"{"community": "$home", "number": "x", "talk_s": 59}"#,
        "talk_s: must be 60 to 86400 seconds",
    ),
    (
        "POST /v1/devices",
        r#"{"community": "$home", "id": "x", "name": "x", "ring_s": -5}"#,
        "ring_s: invalid value",
    ),
    (
        "PATCH /v1/communities/$home",
        r#"{"talk_s": 86401}"#,
        "talk_s: must be 60 to 86400 seconds",
    ),
    (
        "PATCH /v1/communities/$home",
        r#"{"declines": "floor"}"#,
        "declines: unknown variant",
    ),
    (
        "PATCH /v1/devices/lobby",
        r#"{"ring_s": 4}"#,
        "ring_s: must be 5 to 180 seconds",
    ),
    ("GET /v1/flats?limit=0", "null", "limit: must be 1 to 200"),
    ("GET /v1/flats?limit=201", "null", "limit: must be 1 to 200"),
    (
        "GET /v1/records?outcome=x",
        "null",
        "outcome: must be one of",
    ),
];

fn at(kind: &Kind, ids: &Ids) -> String {
    format!("{}/{}", kind.path, ids[kind.path])
}

/// Every field that was written is shown, except passwords.
fn assert_holds(shown: &Value, written: &Value) {
    for (field, value) in written.as_object().unwrap() {
        assert!(
            field == "password" || &shown[field] == value,
            "{field}: {shown}"
        );
    }
    assert!(shown["password"].is_null() && shown["secret"].is_null());
}
