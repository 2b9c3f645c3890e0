//! The callbacks' route: who is heard, and what is passed on.

use std::sync::{Arc, Mutex};

use app::Failure;
use app::media::{Leaving, RoomEvents, RoomReport};
use app::port::BoxFuture;
use aws_lc_rs::hmac;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engine::call::Room;
use serde_json::Value;
use tower::ServiceExt;
use vendors::trtc::{HookKeys, routes};

const VECTORS: &str = include_str!("../vectors/tc3.json");
const KEY: &str = "123654CallbackKey";
const APP: &str = "1600084384";
const PATH: &str = "/hooks/trtc/0123456789abcdef";

#[tokio::test]
async fn the_vendors_signed_reports_are_heard() {
    let heard = Arc::new(Heard::default());
    let file: Value = serde_json::from_str(VECTORS).unwrap();
    let vectors = file["trtc_callback_sign"]["vectors"].as_array().unwrap();

    for vector in vectors {
        let (sign, body) = (
            vector["sign"].as_str().unwrap(),
            vector["body"].as_str().unwrap(),
        );
        let answered = send(&heard, PATH, Some(sign), Some(APP), body).await;
        assert_eq!(answered, (StatusCode::OK, r#"{"code":0}"#.to_owned()));
    }

    let entered = RoomReport {
        room: Room::Number(12_345),
        user: "test".into(),
        at_ms: 1_608_441_737_000,
    };
    let left = RoomReport {
        room: Room::Text("room_1_1_1746870072".into()),
        user: "1".into(),
        at_ms: 1_687_770_731_898,
    };
    assert_eq!(heard.entered(), [entered]);
    assert_eq!(heard.left(), [(left, Leaving::Lost)]);
}

#[tokio::test]
async fn a_report_that_is_not_the_vendors_is_refused() {
    let heard = Arc::new(Heard::default());
    let (body, sign) = (entered("test"), sign(&entered("test")));
    let other = entered("other");
    let tries = [
        (Some(sign.as_str()), Some(APP), other.as_str()),
        (Some("bm8="), Some(APP), &body),
        (Some("not base64"), Some(APP), &body),
        (None, Some(APP), &body),
        (Some(&sign), Some("1"), &body),
        (Some(&sign), None, &body),
    ];

    for (sign, app, body) in tries {
        let (status, _) = send(&heard, PATH, sign, app, body).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{sign:?} {app:?}");
    }

    assert!(heard.entered().is_empty());
}

#[tokio::test]
async fn another_path_is_not_there() {
    let heard = Arc::new(Heard::default());
    let body = entered("test");

    let paths = [
        "/hooks/trtc/0123456789abcdeF",
        "/hooks/trtc/x",
        "/hooks/trtc/",
    ];
    for path in paths {
        let (status, _) = send(&heard, path, Some(&sign(&body)), Some(APP), &body).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }

    assert!(heard.entered().is_empty());
}

#[tokio::test]
async fn a_body_is_64_kib_at_most() {
    let heard = Arc::new(Heard::default());
    let report = entered("test");
    let longest = report.clone() + &" ".repeat(64 * 1024 - report.len());
    let longer = format!("{longest} ");

    let fits = send(&heard, PATH, Some(&sign(&longest)), Some(APP), &longest).await;
    let too_long = send(&heard, PATH, Some(&sign(&longer)), Some(APP), &longer).await;

    assert_eq!(fits.0, StatusCode::OK);
    assert_eq!(too_long.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_is_not_known_is_answered_and_passed_over() {
    let heard = Arc::new(Heard::default());
    let bodies = [
        r#"{"EventGroupId":1,"EventType":101,"EventInfo":{"RoomId":1,"UserId":"a","New":[]}}"#,
        r#"{"EventGroupId":9,"EventType":901,"EventInfo":{}}"#,
        "[]",
        "no JSON",
    ];

    for body in bodies {
        let (status, _) = send(&heard, PATH, Some(&sign(body)), Some(APP), body).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    assert!(heard.entered().is_empty() && heard.left().is_empty());
}

#[tokio::test]
async fn a_report_that_could_not_be_kept_is_asked_for_again() {
    let heard = Arc::new(Heard {
        is_broken: true,
        ..Heard::default()
    });
    let body = entered("test");

    let (status, _) = send(&heard, PATH, Some(&sign(&body)), Some(APP), &body).await;

    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
}

#[derive(Default)]
struct Heard {
    is_broken: bool,
    entered: Mutex<Vec<RoomReport>>,
    left: Mutex<Vec<(RoomReport, Leaving)>>,
}

impl Heard {
    fn entered(&self) -> Vec<RoomReport> {
        self.entered.lock().unwrap().clone()
    }

    fn left(&self) -> Vec<(RoomReport, Leaving)> {
        self.left.lock().unwrap().clone()
    }
}

impl RoomEvents for Heard {
    fn entered(&self, report: RoomReport) -> BoxFuture<'_, Result<(), Failure>> {
        if self.is_broken {
            let failure = Failure::Unavailable("on purpose".into());
            return Box::pin(async { Err(failure) });
        }
        self.entered.lock().unwrap().push(report);
        Box::pin(async { Ok(()) })
    }

    fn left(&self, report: RoomReport, leaving: Leaving) {
        self.left.lock().unwrap().push((report, leaving));
    }
}

async fn send(
    heard: &Arc<Heard>,
    path: &str,
    sign: Option<&str>,
    app: Option<&str>,
    body: &str,
) -> (StatusCode, String) {
    let keys = HookKeys::new(APP.parse().unwrap(), "0123456789abcdef", KEY);
    let router = routes(keys, Arc::clone(heard) as _);
    let mut request = Request::post(path);
    for (name, value) in [("Sign", sign), ("SdkAppId", app)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 4096).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn sign(body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    STANDARD.encode(hmac::sign(&key, body.as_bytes()))
}

fn entered(user: &str) -> String {
    format!(
        r#"{{"EventGroupId":1,"EventType":103,"EventInfo":{{"RoomId":7,"UserId":"{user}","EventTs":1,"Role":20,"Reason":1}}}}"#
    )
}
