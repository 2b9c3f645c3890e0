//! Who may what: without a token nothing, elsewhere nothing is found, viewers only look.

use serde_json::{Value, json};

use super::console::Console;

#[tokio::test]
async fn without_an_operators_token_nothing_happens() {
    let console = Console::start().await;
    let resident = console.community.mum.token.clone();

    for (path, item) in console.document["paths"].as_object().unwrap() {
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .map(|method| method.to_uppercase())
        {
            if path == "/v1/login" {
                continue;
            }
            for token in ["", "nonsense", &resident] {
                let body = if method == "GET" {
                    Value::Null
                } else {
                    json!({})
                };
                let (status, _) = console.ask_as(token, &method, path, body).await;
                assert_eq!(status, 401, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_elsewhere_is_not_found() {
    let console = Console::start().await;
    let other = console
        .add("/v1/communities", json!({"name": "Other"}))
        .await;
    let home = console.home().await;
    let building = json!({"community": home, "name": "1"});
    let building = console.add("/v1/buildings", building).await["id"].clone();
    let unit = json!({"building": building, "name": "A"});
    let unit = console.add("/v1/units", unit).await["id"].clone();
    let (_, flats) = console.ask("GET", "/v1/flats", Value::Null).await;
    let flat = flats["items"][0]["id"].clone();
    let call = console.community.door().await.press("1-101").await;
    let call = call.ok().unwrap().call_id;
    let roles = json!([{"community": other["id"], "role": "manager"}]);
    let stranger = console.hire("otto", json!({"roles": roles})).await;
    let resident = &console.community.mum.resident_id;
    let things = [
        ("communities", json!(home)),
        ("buildings", building.clone()),
        ("units", unit.clone()),
        ("flats", flat.clone()),
        ("residents", json!(resident)),
        ("devices", json!("lobby")),
        ("calls", json!(call)),
    ];

    for (kind, id) in &things {
        let path = format!("/v1/{kind}/{}", id.as_str().unwrap());
        let methods: &[&str] = if *kind == "calls" {
            &["GET"]
        } else {
            &["GET", "PATCH", "DELETE"]
        };
        for method in methods {
            let body = if *method == "PATCH" {
                json!({})
            } else {
                Value::Null
            };
            let (status, _) = console.ask_as(&stranger, method, &path, body).await;
            assert_eq!(status, 404, "{method} {path}");
        }
        let list = format!("/v1/{kind}?limit=200");
        let (_, page) = console.ask_as(&stranger, "GET", &list, Value::Null).await;
        let expected = usize::from(*kind == "communities");
        assert_eq!(page["items"].as_array().unwrap().len(), expected, "{kind}");
    }
    let adding = [
        ("/v1/buildings", json!({"community": home, "name": "x"})),
        ("/v1/units", json!({"building": building, "name": "x"})),
        ("/v1/flats", json!({"community": home, "number": "x"})),
        (
            "/v1/residents",
            json!({"flat": flat, "name": "x", "password": "long enough"}),
        ),
        (
            "/v1/devices",
            json!({"community": home, "id": "x", "name": "x"}),
        ),
        ("/v1/devices/lobby/secret", json!({})),
        (&format!("/v1/calls/{call}/end"), json!({})),
    ];
    for (path, body) in adding {
        let (status, _) = console.ask_as(&stranger, "POST", path, body).await;
        assert_eq!(status, 404, "{path}");
    }
    let (_, records) = console
        .ask_as(&stranger, "GET", "/v1/records", Value::Null)
        .await;
    assert_eq!(records["records"], json!([]));
}

#[tokio::test]
async fn a_viewer_looks_a_manager_changes_an_owner_administers() {
    let console = Console::start().await;
    let home = console.home().await;
    let rights = |role: &str| json!({"roles": [{"community": home, "role": role}]});
    let viewer = console.hire("vera", rights("viewer")).await;
    let manager = console.hire("max", rights("manager")).await;
    let place = format!("/v1/communities/{home}");
    let flat = json!({"community": home, "number": "9"});
    let new = json!({"name": "x", "password": "long enough"});
    let cases = [
        ("GET", "/v1/devices/lobby", Value::Null, 200, 200),
        (
            "PATCH",
            "/v1/devices/lobby",
            json!({"place": "Hall"}),
            403,
            200,
        ),
        ("POST", "/v1/devices/lobby/secret", json!({}), 403, 200),
        ("POST", "/v1/flats", flat, 403, 201),
        ("PATCH", &place, json!({}), 403, 200),
        ("DELETE", &place, Value::Null, 403, 403),
        ("POST", "/v1/communities", json!({"name": "x"}), 403, 403),
        ("POST", "/v1/operators", new, 403, 403),
        ("GET", "/v1/operators", Value::Null, 403, 403),
        ("GET", "/v1/operators/x", Value::Null, 403, 403),
        ("PATCH", "/v1/operators/x", json!({}), 403, 403),
        ("DELETE", "/v1/operators/x", Value::Null, 403, 403),
    ];

    for (method, path, body, viewers, managers) in cases {
        let (status, _) = console.ask_as(&viewer, method, path, body.clone()).await;
        assert_eq!(status, viewers, "viewer: {method} {path}");
        let (status, _) = console.ask_as(&manager, method, path, body).await;
        assert_eq!(status, managers, "manager: {method} {path}");
    }
}

#[tokio::test]
async fn a_change_of_rights_counts_at_once_and_the_last_owner_stays() {
    let console = Console::start().await;
    let home = console.home().await;
    let roles = json!({"roles": [{"community": home, "role": "viewer"}]});
    let vera = console.hire("vera", roles).await;
    let (_, operators) = console.ask("GET", "/v1/operators", Value::Null).await;
    let path = |at: usize| {
        format!(
            "/v1/operators/{}",
            operators["items"][at]["id"].as_str().unwrap()
        )
    };
    let lobby = async || {
        console
            .ask_as(&vera, "GET", "/v1/devices/lobby", Value::Null)
            .await
            .0
    };
    assert_eq!(lobby().await, 200);

    let (_, kept) = console
        .ask("PATCH", &path(1), json!({"owner": false}))
        .await;
    assert_eq!(kept["roles"][0]["role"], "viewer");
    let (status, _) = console.ask("PATCH", &path(1), json!({"roles": []})).await;
    assert_eq!((status, lobby().await), (200, 404));
    let (status, _) = console.ask_as(&vera, "GET", &path(1), Value::Null).await;
    assert_eq!(status, 200);
    let (status, held) = console.ask("DELETE", &path(0), Value::Null).await;
    assert_eq!(
        (status, &held["detail"]),
        (409, &json!("operator must stay: no other owner is left"))
    );
    let (status, _) = console
        .ask("PATCH", &path(0), json!({"owner": false}))
        .await;
    assert_eq!(status, 409);
    let (status, _) = console
        .ask("PATCH", &path(0), json!({"name": "anne"}))
        .await;
    assert_eq!(status, 200);
    let (status, _) = console.ask("DELETE", &path(1), Value::Null).await;
    assert_eq!((status, lobby().await), (204, 401));
    let nowhere = json!([{"community": "nowhere", "role": "viewer"}]);
    let new = json!({"name": "x", "password": "long enough", "roles": nowhere});
    assert_eq!(console.ask("POST", "/v1/operators", new).await.0, 404);
}
