//! For whoever runs the server: `/healthz`, `/readyz`, `/metrics`.
//!
//! | path | says |
//! |---|---|
//! | `/healthz` | the process answers |
//! | `/readyz` | the store answers too |
//! | `/metrics` | counts in Prometheus' text form; to loopback only, others get 404 |

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::port::CallStore;
use axum::Extension;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use broker::Broker;
use engine::id::CallId;
use metrics::gauge;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use crate::edge::websocket::Peer;

/// A store that needs longer than this is not ready.
const READY_WAIT: Duration = Duration::from_secs(2);

/// How often old samples are folded away; without it histograms grow without bound.
const UPKEEP: Duration = Duration::from_secs(5);

/// Seconds at which request times are counted: the goals lie between 1 ms and 1 s.
const BUCKETS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The process's recorder. Only the first call installs one; later houses share it.
pub(crate) fn recorder() -> anyhow::Result<PrometheusHandle> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets(&BUCKETS)?
        .install_recorder()?;
    Ok(RECORDER.get_or_init(|| handle).clone())
}

/// Folds old samples away until stopped.
pub(crate) async fn run_upkeep(recorded: PrometheusHandle, stop: CancellationToken) {
    let mut tick = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => recorded.run_upkeep(),
        }
    }
}

/// The routes.
pub(crate) fn routes(
    store: Arc<dyn CallStore>,
    broker: Broker,
    recorded: PrometheusHandle,
) -> Router {
    let is_ready = move || ready(Arc::clone(&store));
    let show =
        move |Extension(peer): Extension<Peer>| std::future::ready(show(peer, &broker, &recorded));
    Router::new()
        .route("/healthz", get(|| std::future::ready("ok\n")))
        .route("/readyz", get(is_ready))
        .route("/metrics", get(show))
}

async fn ready(store: Arc<dyn CallStore>) -> Response {
    let asked = store.find_call(CallId::from("readyz"));
    match tokio::time::timeout(READY_WAIT, asked).await {
        Ok(Ok(_)) => "ready\n".into_response(),
        Ok(Err(failure)) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("{failure}\n")).into_response()
        }
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not answer\n",
        )
            .into_response(),
    }
}

fn show(Peer(peer): Peer, broker: &Broker, recorded: &PrometheusHandle) -> Response {
    if !peer.ip().is_loopback() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let counts = broker.counts();
    for (name, count) in [
        ("koumen_mqtt_connections", counts.connections as f64),
        ("koumen_mqtt_sessions", counts.sessions as f64),
        ("koumen_mqtt_subscriptions", counts.subscriptions as f64),
        ("koumen_mqtt_queued_messages", counts.queued_messages as f64),
        ("koumen_mqtt_queued_bytes", counts.queued_bytes as f64),
        ("koumen_mqtt_received_messages", counts.received as f64),
        ("koumen_mqtt_delivered_messages", counts.delivered as f64),
        ("koumen_mqtt_dropped_messages", counts.dropped as f64),
    ] {
        gauge!(name).set(count);
    }
    recorded.render().into_response()
}
