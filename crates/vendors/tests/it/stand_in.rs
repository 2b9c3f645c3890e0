//! A stand-in of the vendor's cloud API: checks signatures, keeps requests, answers what it is told.
//!
//! Signs by the vendor's description, with no code of the client under test.

use std::sync::{Arc, Mutex};

use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The secret that the stand-in knows the client by.
pub(crate) const SECRET: &str = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE";

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) action: String,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
    pub(crate) is_signed: bool,
}

/// A running stand-in; gone when dropped.
pub(crate) struct StandIn {
    pub(crate) endpoint: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
struct Desk {
    asked: Arc<Mutex<Vec<Asked>>>,
    answer: (StatusCode, &'static str),
}

impl StandIn {
    /// Starts one that always answers the same.
    pub(crate) async fn answering(status: u16, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let desk = Desk {
            asked: Arc::clone(&asked),
            answer: (StatusCode::from_u16(status).unwrap(), body),
        };
        let router = Router::new().route("/", post(answer)).with_state(desk);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            endpoint,
            asked,
            _serving: serving,
        }
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    State(desk): State<Desk>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let asked = Asked {
        action: text(&headers, "x-tc-action").to_owned(),
        body: serde_json::from_slice(&body).unwrap(),
        is_signed: is_signed(&headers, &body),
        headers,
    };
    desk.asked.lock().unwrap().push(asked);
    desk.answer
}

/// A header's text, empty if it is not there.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let authorization = text(headers, "authorization");
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(name).unwrap();
        rest.split(',').next().unwrap().to_owned()
    };
    let (credential, names) = (part("Credential="), part("SignedHeaders="));
    let (_, scope) = credential.split_once('/').unwrap();
    let signed: String = names
        .split(';')
        .map(|name| format!("{name}:{}\n", text(headers, name)))
        .collect();
    let canonical = format!("POST\n/\n\n{signed}\n{names}\n{}", sha256(body));
    let at = text(headers, "x-tc-timestamp");
    let to_sign = format!(
        "TC3-HMAC-SHA256\n{at}\n{scope}\n{}",
        sha256(canonical.as_bytes())
    );
    let key = scope
        .split('/')
        .fold(format!("TC3{SECRET}").into_bytes(), |key, part| {
            mac(&key, part.as_bytes())
        });
    hex(&mac(&key, to_sign.as_bytes())) == part("Signature=")
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
