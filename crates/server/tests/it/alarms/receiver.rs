//! Somebody outside who hears of alarms: a web server that keeps what it was told.
//!
//! Source: docs/alarms.md; the signature is checked as written there.

use std::net::SocketAddr;

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::community::SOON;

/// Deliveries that may wait to be looked at.
const QUEUE_MAX: usize = 256;

pub(super) struct Receiver {
    pub(super) url: String,
    heard: mpsc::Receiver<Delivery>,
    serving: tokio::task::JoinHandle<()>,
}

/// One request.
pub(super) struct Delivery {
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
    pub(super) body: Value,
}

impl Receiver {
    /// Answers everything with this status.
    pub(super) async fn start(status: StatusCode) -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
        let listener = listener.await.unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let (sender, heard) = mpsc::channel(QUEUE_MAX);
        let router = Router::new()
            .route("/in", post(take))
            .route("/elsewhere", post(async || Redirect::temporary("/in")))
            .with_state((sender, status));
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        #[expect(clippy::disallowed_methods, reason = "aborted when the receiver goes")]
        let serving = tokio::spawn(serving);
        Self {
            url,
            heard,
            serving,
        }
    }

    /// The next delivery.
    pub(super) async fn next(&mut self) -> Delivery {
        let next = tokio::time::timeout(SOON, self.heard.recv()).await;
        next.expect("nothing was delivered").unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Delivery {
    /// Whether it was signed with this key.
    pub(super) fn is_signed(&self, key: &str) -> bool {
        let header = |name| self.headers[name].to_str().unwrap();
        let mut signed = format!("{}.", header("koumen-timestamp")).into_bytes();
        signed.extend_from_slice(&self.bytes);
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let tag = hmac::sign(&key, &signed);
        let hex: String = tag
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        header("koumen-signature") == format!("v1={hex}")
    }
}

type Taking = (mpsc::Sender<Delivery>, StatusCode);

async fn take(
    State((sender, status)): State<Taking>,
    headers: HeaderMap,
    bytes: Bytes,
) -> StatusCode {
    let body = serde_json::from_slice(&bytes).unwrap();
    let delivery = Delivery {
        headers,
        bytes,
        body,
    };
    sender.try_send(delivery).ok().unwrap();
    status
}
