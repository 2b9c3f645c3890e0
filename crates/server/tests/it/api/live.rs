//! Live calls: the list, and the stream of their changes.

use reqwest::Response;
use serde_json::{Value, json};
use sim::{DoorAction, PhoneAction};

use super::console::Console;
use crate::community::{HOUSEHOLD, SOON};

#[tokio::test]
async fn the_stream_shows_a_call_from_press_to_end() {
    let console = Console::start().await;
    let community = &console.community;
    let mut stream = Stream::open(&console, &community.operator).await;
    let door = community.door().await;
    let phone = community.phone(&community.mum, "mum-1").await;

    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    let rings = stream.next_call().await;
    phone
        .respond(&call, PhoneAction::Answered, None)
        .await
        .ok()
        .unwrap();
    let talks = stream.next_call().await;
    let (_, live) = console.ask("GET", "/v1/calls", Value::Null).await;
    door.control(&call, DoorAction::Hangup, None)
        .await
        .ok()
        .unwrap();
    let ended = stream.next_call().await;

    let mum = format!("resident:{}", community.mum.resident_id);
    assert_eq!(
        (&rings["id"], &rings["phase"]),
        (&json!(call), &json!("alerting"))
    );
    assert_eq!(rings["community"], json!(console.home().await));
    assert_eq!(rings["legs"][0]["state"], "offered");
    assert_eq!(
        (&talks["phase"], &talks["answered_by"]),
        (&json!("active"), &json!(mum))
    );
    assert_eq!(live["items"], json!([talks]));
    assert_eq!(
        (&ended["phase"], &ended["outcome"]),
        (&json!("ended"), &json!("answered"))
    );
    let (_, shown) = console
        .ask("GET", &format!("/v1/calls/{call}"), Value::Null)
        .await;
    assert_eq!(shown, ended);
    let (_, live) = console.ask("GET", "/v1/calls", Value::Null).await;
    assert_eq!(live["items"], json!([]));
}

#[tokio::test]
async fn the_stream_shows_nothing_of_other_communities_and_ends_with_the_token() {
    let console = Console::start().await;
    let community = &console.community;
    let home = console.home().await;
    let other = console
        .add("/v1/communities", json!({"name": "Other"}))
        .await;
    let role = |community: &Value| json!({"roles": [{"community": community, "role": "viewer"}]});
    let here = console.hire("here", role(&json!(home))).await;
    let there = console.hire("there", role(&other["id"])).await;
    let mut sees = Stream::open(&console, &here).await;
    let mut blind = Stream::open(&console, &there).await;
    let door = community.door().await;

    let call = door.press(HOUSEHOLD).await.ok().unwrap().call_id;
    assert_eq!(sees.next_call().await["id"], json!(call));
    console
        .ask_as(&here, "DELETE", "/v1/login", Value::Null)
        .await;
    console
        .ask_as(&there, "DELETE", "/v1/login", Value::Null)
        .await;
    door.control(&call, DoorAction::Hangup, None)
        .await
        .ok()
        .unwrap();

    assert_eq!(sees.next().await, None);
    assert_eq!(blind.next().await, None);
}

#[tokio::test]
async fn the_stream_shows_alarms_to_those_who_may_see_them() {
    let console = Console::start().await;
    let role = |role: &str, home: &str| json!({"roles": [{"community": home, "role": role}]});
    let home = console.home().await;
    let guard = console.hire("gus", role("guard", &home)).await;
    let (_, flats) = console.ask("GET", "/v1/flats", Value::Null).await;
    let flat = flats["items"][0]["id"].as_str().unwrap();
    let zone = |number: u8, policy: &str| json!({"number": number, "name": "z", "policy": policy, "modes": ["disarmed"]});
    let zones = json!({"zones": [zone(1, "duress"), zone(2, "immediate")]});
    let base = format!("/v1/flats/{flat}/zones");
    assert_eq!(console.ask("PUT", &base, zones).await.0, 200);
    let mut centre = Stream::open(&console, &console.community.operator).await;
    let mut post = Stream::open(&console, &guard).await;

    for zone in [1, 2] {
        let path = format!("{base}/{zone}/trigger");
        assert_eq!(console.ask("POST", &path, Value::Null).await.0, 200);
    }

    let (name, silent) = centre.next().await.unwrap();
    assert_eq!((&*name, &silent["policy"]), ("alarm", &json!("duress")));
    let (_, second) = centre.next().await.unwrap();
    assert_eq!(second["policy"], "immediate");
    assert_eq!(post.next().await.unwrap().1, second);
    let path = format!("/v1/alarms/{}/acknowledge", second["id"].as_str().unwrap());
    let going = json!({"going": "gus"});
    let (status, taken) = console.ask_as(&guard, "POST", &path, going).await;
    assert_eq!((status, &post.next().await.unwrap().1), (200, &taken));
    let (_, page) = console.ask("GET", "/v1/alarms?limit=1", Value::Null).await;
    assert_eq!(page["alarms"], json!([taken]));
    let (_, rest) = console
        .ask(
            "GET",
            &format!("/v1/alarms?before={}", page["next"].as_str().unwrap()),
            Value::Null,
        )
        .await;
    assert_eq!(rest["alarms"], json!([silent]));
}

#[tokio::test]
async fn a_ninth_stream_is_refused_until_one_ends() {
    let console = Console::start().await;
    let other = console.hire("other", json!({"owner": true})).await;
    let anna = &console.community.operator;
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(Stream::open(&console, anna).await);
    }

    let (status, problem) = console.ask("GET", "/v1/events", Value::Null).await;
    assert_eq!(status, 429, "{problem}");
    assert_eq!(
        problem["detail"],
        "event streams: an operator has at most 8 at once"
    );
    Stream::open(&console, &other).await;
    streams.pop();

    let asking = async { while Stream::ask(&console, anna).await.status() == 429 {} };
    tokio::time::timeout(SOON, asking).await.unwrap();
}

#[tokio::test]
async fn a_token_in_the_address_opens_no_stream() {
    let console = Console::start().await;
    let path = format!("/v1/events?token={}", console.community.operator);

    let (status, _) = console.community.server.get(&path, "").await;

    assert_eq!(status, 401);
}

/// Server-sent events as a browser would read them.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(console: &Console, token: &str) -> Self {
        let response = Self::ask(console, token).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let text = String::new();
        Self { response, text }
    }

    async fn ask(console: &Console, token: &str) -> Response {
        let server = &console.community.server;
        let request = server.client.get(format!("{}/v1/events", server.http));
        request.bearer_auth(token).send().await.unwrap()
    }

    /// The next event's name and data; none at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let name = field("event: ").map(str::to_owned);
                let value = field("data: ").map(|value| serde_json::from_str(value).unwrap());
                self.text = rest.to_owned();
                if let Some(event) = name.zip(value) {
                    return Some(event);
                }
                continue;
            }
            let chunk = tokio::time::timeout(SOON, self.response.chunk())
                .await
                .unwrap();
            self.text += std::str::from_utf8(&chunk.unwrap()?).unwrap();
        }
    }

    async fn next_call(&mut self) -> Value {
        let (name, value) = self.next().await.unwrap();
        assert_eq!(name, "call");
        value
    }
}
