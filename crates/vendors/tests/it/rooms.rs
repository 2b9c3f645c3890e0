//! The REST calls that close rooms and throw users out.

use std::sync::Arc;

use app::port::{Clock, ErrandFailure, RoomService};
use engine::call::Room;
use engine::time::Instant;
use serde_json::json;
use vendors::trtc::{CloudKey, RoomsProblem, RoomsSettings, TrtcRooms};

use crate::stand_in::{SECRET, StandIn, text};

const DONE: &str = r#"{"Response":{"RequestId":"1"}}"#;

#[tokio::test]
async fn a_text_room_is_released_by_a_signed_request() {
    let service = StandIn::answering(200, DONE).await;

    let done = rooms(&service.endpoint).release(text_room()).await;

    done.unwrap();
    let [asked] = service.asked().try_into().unwrap();
    assert_eq!(asked.action, "DismissRoomByStrRoomId");
    assert_eq!(
        asked.body,
        json!({"SdkAppId": 1_600_084_384, "RoomId": "room_1_1_1746870072"})
    );
    assert!(asked.is_signed, "{asked:?}");
    assert_eq!(text(&asked.headers, "x-tc-version"), "2019-07-22");
    assert_eq!(text(&asked.headers, "x-tc-region"), "ap-guangzhou");
    assert_eq!(text(&asked.headers, "x-tc-timestamp"), "1746870238");
}

#[tokio::test]
async fn a_numbered_room_keeps_its_own_name_space() {
    let service = StandIn::answering(200, DONE).await;
    let rooms = rooms(&service.endpoint);

    rooms.release(Room::Number(664_321)).await.unwrap();
    let users = vec!["user456".to_owned()];
    rooms.remove(Room::Number(664_321), users).await.unwrap();

    let [dismiss, remove] = service.asked().try_into().unwrap();
    assert_eq!(dismiss.action, "DismissRoom");
    assert_eq!(dismiss.body["RoomId"], 664_321);
    assert_eq!(remove.action, "RemoveUser");
    assert_eq!(
        remove.body,
        json!({"SdkAppId": 1_600_084_384, "RoomId": 664_321, "UserIds": ["user456"]})
    );
    assert!(dismiss.is_signed && remove.is_signed);
}

#[tokio::test]
async fn many_users_are_removed_ten_at_a_time() {
    let service = StandIn::answering(200, DONE).await;
    let mut users: Vec<String> = (0..12).map(|n| format!("res_{n}")).collect();
    users.insert(3, "no user id".into());

    let done = rooms(&service.endpoint).remove(text_room(), users).await;

    done.unwrap();
    let [first, second] = service.asked().try_into().unwrap();
    assert_eq!(first.action, "RemoveUserByStrRoomId");
    assert_eq!(first.body["UserIds"].as_array().unwrap().len(), 10);
    assert_eq!(second.body["UserIds"], json!(["res_10", "res_11"]));
    assert!(first.is_signed && second.is_signed);
}

#[tokio::test]
async fn a_room_that_is_gone_is_done() {
    let gone = r#"{"Response":{"Error":{"Code":"FailedOperation.RoomNotExist","Message":"no"}}}"#;
    let service = StandIn::answering(200, gone).await;

    let done = rooms(&service.endpoint).release(text_room()).await;

    assert!(done.is_ok(), "{done:?}");
}

#[tokio::test]
async fn failures_are_told_apart_by_whether_another_try_may_help() {
    let later = [
        (
            200,
            r#"{"Response":{"Error":{"Code":"InternalError","Message":""}}}"#,
        ),
        (500, DONE),
        (200, "not JSON"),
    ];
    for (status, body) in later {
        let service = StandIn::answering(status, body).await;
        let failed = rooms(&service.endpoint).release(text_room()).await;
        assert!(
            matches!(failed, Err(ErrandFailure::Unavailable(_))),
            "{body}"
        );
    }
    let never = r#"{"Response":{"Error":{"Code":"InvalidParameter.RoomId","Message":""}}}"#;
    let service = StandIn::answering(200, never).await;

    let failed = rooms(&service.endpoint).release(text_room()).await;

    assert!(
        matches!(failed, Err(ErrandFailure::Refused(_))),
        "{failed:?}"
    );
}

#[tokio::test]
async fn a_service_that_is_away_may_come_back() {
    let endpoint = StandIn::answering(200, DONE).await.endpoint.clone();

    let failed = rooms(&endpoint).release(text_room()).await;

    assert!(
        matches!(failed, Err(ErrandFailure::Unavailable(_))),
        "{failed:?}"
    );
}

#[tokio::test]
async fn a_name_that_is_no_room_is_never_sent() {
    let service = StandIn::answering(200, DONE).await;

    let failed = rooms(&service.endpoint)
        .release(Room::Text("a/b".into()))
        .await;

    assert!(
        matches!(failed, Err(ErrandFailure::Refused(_))),
        "{failed:?}"
    );
    assert!(service.asked().is_empty());
}

#[test]
fn an_endpoint_is_a_scheme_and_a_host() {
    for endpoint in ["https://trtc.tencentcloudapi.com", "http://127.0.0.1:1/"] {
        assert!(open(endpoint).is_ok(), "{endpoint}");
    }
    for endpoint in [
        "trtc.tencentcloudapi.com",
        "ftp://a",
        "https://a/b",
        "https://u@a",
        "",
    ] {
        let refused = open(endpoint).err();
        assert!(
            matches!(refused, Some(RoomsProblem::Endpoint)),
            "{endpoint}"
        );
    }
}

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Instant {
        Instant::from_ms(1_746_870_238_999)
    }
}

fn rooms(endpoint: &str) -> TrtcRooms {
    open(endpoint).unwrap()
}

fn open(endpoint: &str) -> Result<TrtcRooms, RoomsProblem> {
    let settings = RoomsSettings {
        endpoint: endpoint.into(),
        region: "ap-guangzhou".into(),
        sdk_app_id: 1_600_084_384,
        key: CloudKey::new("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE".into(), SECRET).unwrap(),
    };
    TrtcRooms::new(settings, Arc::new(Fixed))
}

fn text_room() -> Room {
    Room::Text("room_1_1_1746870072".into())
}
