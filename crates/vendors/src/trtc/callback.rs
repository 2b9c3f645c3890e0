//! `POST /hooks/trtc/{secret}`: what the vendor reports of rooms.
//!
//! A report counts only if the path has our secret and the body our signature; the bytes are
//! checked as they came. It may come several times: the vendor repeats it for a minute until it is
//! answered, and a copy made by somebody else is judged against the present state like any other.
//! Source: TRTC documentation, "room and media callbacks".
//!
//! ```json
//! {"EventGroupId": 1, "EventType": 103, "EventInfo":
//!     {"RoomId": 664321, "UserId": "res_01…", "EventTs": 1608441737, "Reason": 1}}
//! ```

use std::sync::Arc;

use app::media::{Leaving, RoomEvents, RoomReport};
use aws_lc_rs::{constant_time, digest, hmac};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engine::call::Room;
use serde::Deserialize;

/// Above any report, whose fields have 64 bytes each at most.
const BODY_BYTES_MAX: usize = 64 * 1024;

const ENTERED: u32 = 103;
const LEFT: u32 = 104;
/// Reasons of leaving: a time-out, a process that was killed.
const LOST: [u32; 2] = [2, 5];

/// What opens the hook.
///
/// Has neither `Debug` nor `Display`: it cannot reach a log.
pub struct HookKeys {
    sdk_app_id: String,
    path: digest::Digest,
    body: hmac::Key,
}

impl HookKeys {
    /// Takes the application's number, the secret in the path, and the key that the console calls
    /// the callback key.
    pub fn new(sdk_app_id: u32, path_secret: &str, callback_key: &str) -> HookKeys {
        HookKeys {
            sdk_app_id: sdk_app_id.to_string(),
            path: sha256(path_secret),
            body: hmac::Key::new(hmac::HMAC_SHA256, callback_key.as_bytes()),
        }
    }

    /// Compares digests in constant time, so that neither content nor length of the secret shows.
    fn is_path(&self, secret: &str) -> bool {
        let given = sha256(secret);
        constant_time::verify_slices_are_equal(given.as_ref(), self.path.as_ref()).is_ok()
    }

    fn is_application(&self, headers: &HeaderMap) -> bool {
        let given = headers.get("SdkAppId").map(|value| value.as_bytes());
        given == Some(self.sdk_app_id.as_bytes())
    }

    fn is_signed(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let sign = headers
            .get("Sign")
            .and_then(|value| STANDARD.decode(value).ok());
        sign.is_some_and(|sign| hmac::verify(&self.body, body, &sign).is_ok())
    }
}

fn sha256(text: &str) -> digest::Digest {
    digest::digest(&digest::SHA256, text.as_bytes())
}

struct Hook {
    keys: HookKeys,
    events: Arc<dyn RoomEvents>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    event_type: u32,
    event_info: Event,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    room_id: RoomId,
    user_id: String,
    /// Seconds.
    #[serde(default)]
    event_ts: i64,
    /// Milliseconds, where the vendor is new enough to say.
    event_ms_ts: Option<i64>,
    #[serde(default)]
    reason: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RoomId {
    Number(u32),
    Text(String),
}

/// The route of the callbacks.
pub fn routes(keys: HookKeys, events: Arc<dyn RoomEvents>) -> Router {
    Router::new()
        .route("/hooks/trtc/{secret}", post(receive))
        .with_state(Arc::new(Hook { keys, events }))
}

/// Whoever does not know the path learns nothing, not even whether bodies are read.
async fn receive(
    State(hook): State<Arc<Hook>>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !hook.keys.is_path(&secret) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if !hook.keys.is_application(&headers) || !hook.keys.is_signed(&headers, &body) {
        tracing::warn!("a TRTC callback has a wrong signature or application");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match hear(&*hook.events, &body).await {
        Ok(()) => reply(StatusCode::OK, r#"{"code":0}"#),
        Err(failure) => {
            tracing::warn!(%failure, "a TRTC callback could not be kept; the vendor repeats it");
            reply(StatusCode::SERVICE_UNAVAILABLE, r#"{"code":1}"#)
        }
    }
}

fn reply(status: StatusCode, json: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// Passes on what a call may depend on. All else, and what is written in no known form, is signed
/// by the vendor and none of ours.
async fn hear(events: &dyn RoomEvents, body: &[u8]) -> Result<(), app::Failure> {
    let Ok(Report {
        event_type,
        event_info,
    }) = serde_json::from_slice(body)
    else {
        tracing::debug!("a TRTC callback of no known form");
        return Ok(());
    };
    let leaving = if LOST.contains(&event_info.reason) {
        Leaving::Lost
    } else {
        Leaving::Orderly
    };
    match event_type {
        ENTERED => events.entered(event_info.into()).await,
        LEFT => {
            events.left(event_info.into(), leaving);
            Ok(())
        }
        _ => Ok(()),
    }
}

impl From<Event> for RoomReport {
    fn from(event: Event) -> Self {
        let room = match event.room_id {
            RoomId::Number(number) => Room::Number(number),
            RoomId::Text(name) => Room::Text(name),
        };
        let seconds = event.event_ts.saturating_mul(1000);
        RoomReport {
            room,
            user: event.user_id,
            at_ms: event.event_ms_ts.unwrap_or(seconds),
        }
    }
}
