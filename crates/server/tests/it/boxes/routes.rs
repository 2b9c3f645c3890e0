//! The seven routes: who reaches whom, and where the streams are at each hop. Source: S3 §5.

use serde_json::{Value, json};

use crate::boxes::peer::Peer;
use crate::boxes::town::{DESK, GATE, HOME, Town, YARD, call_flat};
use crate::community::HOUSEHOLD;

/// An end without what differs from run to run.
fn streams(req: &Value, end: &str) -> Value {
    json!([
        req[end]["id"],
        req[end]["type"],
        req[end]["audio_stream_id"],
        req[end]["video_stream_id"]
    ])
}

fn screen_calls(dest: Value) -> Value {
    let mut dest = dest;
    dest["video_stream_id"] = json!("567801");
    json!({
        "sid": "s-1",
        "src": {"id": HOUSEHOLD, "audio_stream_id": "56780"},
        "dest": dest,
    })
}

#[tokio::test]
async fn route_1_a_screen_calls_an_outdoor_unit_which_is_told_whole_addresses() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let at = town.gate.local_addr().unwrap();

    let dest = json!({"ip": at.ip(), "port": at.port()});
    hall.say("call_req", &screen_calls(dest)).await;
    let mut gate = Peer::accept(&town.gate).await;
    let req = gate.hear("call_req").await;

    assert_eq!(
        streams(&req, "src"),
        json!([HOUSEHOLD, 2, "http://11.0.1.22:954/stream/56780", null])
    );
    assert_eq!(
        streams(&req, "dest"),
        json!(["gate", 3, null, "http://11.0.1.22:954/stream/567801"])
    );
    gate.say("call_accept", &json!({})).await;
    assert_eq!(hall.hear("call_accept").await, json!({"sid": "s-1"}));
    hall.say("call_end", &json!({})).await;
    assert_eq!(gate.hear("call_end").await["reason"], "answered");
    gate.hear_close().await;
}

#[tokio::test]
async fn route_2_an_outdoor_unit_calls_a_screen_which_is_told_ids() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut gate = town.peer(GATE).await;

    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    let req = hall.hear("call_req").await;

    assert_eq!(streams(&req, "src"), json!(["gate", 3, null, "56780"]));
    assert_eq!(streams(&req, "dest"), json!([HOUSEHOLD, 2, "56781", null]));
}

#[tokio::test]
async fn route_3_a_screen_calls_the_desk() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;

    hall.say("call_req", &screen_calls(json!({"type": 4})))
        .await;
    let mut desk = Peer::accept(&town.desk).await;
    let req = desk.hear("call_req").await;

    let own = "http://11.0.1.22:954/stream/";
    assert_eq!(
        streams(&req, "src"),
        json!([HOUSEHOLD, 2, format!("{own}56780"), null])
    );
    assert_eq!(
        streams(&req, "dest"),
        json!(["desk", 4, null, format!("{own}567801")])
    );
}

#[tokio::test]
async fn route_4_the_desk_calls_a_flat() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;
    let mut desk = town.peer(DESK).await;

    let mut call = call_flat("d-1", HOUSEHOLD);
    call["src"]["video_stream_id"] = json!("http://11.0.1.22:954/stream/1");
    desk.say("call_req", &call).await;
    let req = hall.hear("call_req").await;

    assert_eq!(streams(&req, "src"), json!(["desk", 4, null, "1"]));
    assert_eq!(streams(&req, "dest"), json!([HOUSEHOLD, 2, "56781", null]));
}

#[tokio::test]
async fn route_5_a_screen_calls_another_flat_by_ids_or_by_the_central_server() {
    let mut town = Town::start().await;
    let flat = town.flat("1-102").await;
    let newer = json!({"id": "newer", "kind": "screen", "flat": flat, "profile": "v0.5"});
    town.add(newer).await;
    let mut hall = town.screen("hall").await;
    let mut next = town.screen("next").await;
    let mut newer = town.screen("newer").await;

    hall.say(
        "call_req",
        &json!({
            "sid": "s-1",
            "src": {"id": HOUSEHOLD, "audio_stream_id": "56780"},
            "dest": {"id": "1-102", "audio_stream_id": "56781"},
        }),
    )
    .await;
    let (req, newer_req) = (next.hear("call_req").await, newer.hear("call_req").await);

    assert_eq!(streams(&req, "src"), json!([HOUSEHOLD, 2, "56780", null]));
    assert_eq!(streams(&req, "dest"), json!(["1-102", 2, "56781", null]));
    let central = "http://11.0.0.9:954/stream/";
    assert_eq!(
        streams(&newer_req, "src"),
        json!([HOUSEHOLD, 2, format!("{central}56780"), null])
    );
    assert_eq!(
        streams(&newer_req, "dest"),
        json!(["1-102", 2, format!("{central}56781"), null])
    );
}

#[tokio::test]
async fn route_5_another_box_is_called_for_its_flat_and_calls() {
    let mut town = Town::start().await;
    let villa = tokio::net::TcpListener::bind(("127.0.1.4", 0))
        .await
        .unwrap();
    let at = villa.local_addr().unwrap();
    let flat = town.flat("1-102").await;
    let device = json!({"id": "villa", "kind": "box", "flat": flat, "address": at.to_string(),
        "profile": "v0.5"});
    town.add(device).await;
    let mut hall = town.screen("hall").await;

    let dest = json!({"ip": at.ip(), "port": at.port()});
    hall.say("call_req", &screen_calls(dest)).await;
    let mut called = Peer::accept(&villa).await;
    let req = called.hear("call_req").await;
    called.say("call_accept", &json!({})).await;
    hall.hear("call_accept").await;
    hall.say("call_end", &json!({})).await;
    called.hear("call_end").await;
    let mut calling = town.peer("127.0.1.4").await;
    calling.say("call_req", &call_flat("v-1", HOUSEHOLD)).await;
    let back = hall.hear("call_req").await;

    let central = "http://11.0.0.9:954/stream/";
    assert_eq!(
        streams(&req, "src"),
        json!([HOUSEHOLD, 2, format!("{central}56780"), null])
    );
    assert_eq!(
        streams(&req, "dest"),
        json!(["1-102", 1, null, format!("{central}567801")])
    );
    assert_eq!(streams(&back, "src"), json!(["1-102", 1, null, "56780"]));
    assert_eq!(streams(&back, "dest"), json!([HOUSEHOLD, 2, "56781", null]));
}

#[tokio::test]
async fn route_6_an_outdoor_unit_calls_the_desk_past_the_box() {
    let town = Town::start().await;
    let mut gate = town.at_centre(GATE).await;
    let own = "http://11.0.11.1:954/stream/";

    gate.say(
        "call_req",
        &json!({
            "sid": "g-1",
            "src": {"id": "2-1-1", "type": 3, "video_stream_id": format!("{own}56780")},
            "dest": {"type": 5, "video_stream_id": format!("{own}56782"),
                "audio_stream_id": format!("{own}56781")},
        }),
    )
    .await;
    let mut desk = Peer::accept(&town.desk).await;
    let req = desk.hear("call_req").await;

    assert_eq!(
        streams(&req, "src"),
        json!(["gate", 3, null, format!("{own}56780")])
    );
    assert_eq!(
        streams(&req, "dest"),
        json!(["desk", 4, format!("{own}56781"), format!("{own}56782")])
    );
    desk.say("call_accept", &json!({})).await;
    gate.hear("call_accept").await;
}

#[tokio::test]
async fn route_7_the_desk_calls_an_outdoor_unit_past_the_box() {
    let town = Town::start().await;
    let mut desk = town.at_centre(DESK).await;
    let at = town.gate.local_addr().unwrap();
    let own = "http://11.0.1.3:954/stream/";

    desk.say(
        "call_req",
        &json!({
            "sid": "d-1",
            "src": {"id": "desk", "video_stream_id": format!("{own}56780"),
                "audio_stream_id": format!("{own}56781")},
            "dest": {"ip": at.ip(), "port": at.port(), "video_stream_id": format!("{own}56782")},
        }),
    )
    .await;
    let mut gate = Peer::accept(&town.gate).await;
    let req = gate.hear("call_req").await;

    assert_eq!(
        streams(&req, "src"),
        json!(["desk", 4, format!("{own}56781"), format!("{own}56780")])
    );
    assert_eq!(
        streams(&req, "dest"),
        json!(["gate", 3, null, format!("{own}56782")])
    );
}

#[tokio::test]
async fn a_second_box_has_its_own_networks_flats_and_streams() {
    let second = r#"[{home = "127.0.0.1:0", community = "127.0.0.1:0", flats = ["1-102"],
        home_media = "192.168.2.22", community_media = "11.0.2.22"}]"#;
    let flats = r#"["1-101"]"#;
    let town = Town::with(&[("SMARTBOX__BOXES", second), ("SMARTBOX__FLATS", flats)]).await;
    let at = |name: &str| town.community.server.boxes[name];
    let join = async |screen: &str| {
        let mut peer = Peer::connect(HOME, at("home 2")).await;
        peer.say("join_family", &json!({"token": town.token(screen)}))
            .await;
        peer
    };

    let mut hall = join("hall").await;
    assert_eq!(hall.hear("join_reject").await["reason"], "other_box");
    let mut next = join("next").await;
    let joined = next.hear("join_accept").await;
    assert_eq!(joined["room_id"], "1-102");
    assert_eq!(joined["stream_address"], "http://192.168.2.22:954/stream/");
    let mut gate = Peer::connect(GATE, at("community 2")).await;
    gate.say("call_req", &call_flat("g-1", HOUSEHOLD)).await;
    assert_eq!(gate.hear("call_reject").await["message"], "nobody_there");
    gate.say(
        "call_req",
        &json!({"sid": "g-2", "src": {"video_stream_id": "1"}, "dest": {}}),
    )
    .await;
    next.hear_offer().await;
    gate.say("call_end", &json!({})).await;
    next.hear("call_end").await;

    let dest = json!({"id": "gate"});
    next.say("call_req", &screen_calls(dest)).await;
    let mut called = Peer::accept(&town.gate).await;
    let req = called.hear("call_req").await;
    assert_eq!(
        req["src"]["audio_stream_id"],
        "http://11.0.2.22:954/stream/56780"
    );
}

#[tokio::test]
async fn a_peer_out_of_reach_is_told_as_a_rejection() {
    let town = Town::start().await;
    let mut hall = town.screen("hall").await;

    let dest = json!({"ip": YARD, "port": 1});
    hall.say("call_req", &screen_calls(dest)).await;

    let rejected = hall.hear("call_reject").await;
    assert_eq!(rejected["reason"], "app_offline", "{rejected}");
    assert_eq!(rejected["sid"], "s-1");
}

#[tokio::test]
async fn an_address_that_nobody_registered_is_never_called() {
    let town = Town::start().await;
    let stranger = tokio::net::TcpListener::bind(("127.0.1.9", 0))
        .await
        .unwrap();
    let at = stranger.local_addr().unwrap();
    let mut hall = town.screen("hall").await;

    let dest = json!({"ip": at.ip(), "port": at.port()});
    hall.say("call_req", &screen_calls(dest)).await;
    assert_eq!(hall.hear("call_reject").await["message"], "nobody_there");
    let other_port = json!({"ip": GATE, "port": 1});
    hall.say("call_req", &screen_calls(other_port)).await;
    assert_eq!(hall.hear("call_reject").await["message"], "nobody_there");

    let called =
        std::future::poll_fn(|context| std::task::Poll::Ready(stranger.poll_accept(context)));
    assert!(called.await.is_pending());
}
