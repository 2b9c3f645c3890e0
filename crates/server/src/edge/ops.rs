//! For whoever runs the server: `/healthz`, `/readyz`, `/metrics`.
//!
//! | path | says |
//! |---|---|
//! | `/healthz` | the process answers |
//! | `/readyz` | the store answers too, its writer included |
//! | `/metrics` | counts in Prometheus' text form; to loopback only, others get 404 |

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::port::Health;
use axum::Extension;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use broker::Broker;
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

/// The routes. `broker` is ours, if it is in use.
pub(crate) fn routes(
    store: Arc<dyn Health>,
    broker: Option<Broker>,
    recorded: PrometheusHandle,
) -> Router {
    let show = move |Extension(peer): Extension<Peer>| {
        std::future::ready(show(&peer, broker.as_ref(), &recorded))
    };
    health_routes(store).route("/metrics", get(show))
}

fn health_routes(store: Arc<dyn Health>) -> Router {
    let is_ready = move || ready(Arc::clone(&store));
    Router::new()
        .route("/healthz", get(|| std::future::ready("ok\n")))
        .route("/readyz", get(is_ready))
}

async fn ready(store: Arc<dyn Health>) -> Response {
    match tokio::time::timeout(READY_WAIT, store.check()).await {
        Ok(Ok(())) => "ready\n".into_response(),
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

fn show(peer: &Peer, broker: Option<&Broker>, recorded: &PrometheusHandle) -> Response {
    if !peer.address.ip().is_loopback() {
        return StatusCode::NOT_FOUND.into_response();
    }
    broker.into_iter().for_each(gauge_broker);
    recorded.render().into_response()
}

fn gauge_broker(broker: &Broker) {
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
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc::sync_channel;

    use app::port::{BoxFuture, CallStore, StoreFailure};
    use axum::body::Body;
    use axum::http::Request;
    use storage::Store;
    use tower::ServiceExt;

    use super::*;

    struct Broken;

    impl Health for Broken {
        fn check(&self) -> BoxFuture<'_, Result<(), StoreFailure>> {
            Box::pin(async { Err(StoreFailure::Unavailable("on purpose".into())) })
        }
    }

    struct Silent;

    impl Health for Silent {
        fn check(&self) -> BoxFuture<'_, Result<(), StoreFailure>> {
            Box::pin(pending())
        }
    }

    async fn status(store: Arc<dyn Health>, path: &str) -> StatusCode {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answered = health_routes(store).oneshot(request).await;
        answered.unwrap().status()
    }

    #[tokio::test]
    async fn a_broken_store_is_not_ready_but_the_process_answers() {
        let store = Arc::new(Broken);

        assert_eq!(
            status(Arc::clone(&store) as _, "/readyz").await,
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(status(store, "/healthz").await, StatusCode::OK);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_store_is_not_ready() {
        let status = status(Arc::new(Silent), "/readyz").await;

        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn a_store_whose_writer_is_busy_for_long_is_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path()).unwrap());
        assert_eq!(
            status(Arc::clone(&store) as _, "/readyz").await,
            StatusCode::OK
        );
        let (release, released) = sync_channel::<()>(0);
        let blocking = store.decide(Box::new(move |_| {
            assert!(released.recv().is_err(), "it is released by dropping");
            Ok(None)
        }));

        let asking = async {
            let status = status(Arc::clone(&store) as _, "/readyz").await;
            drop(release);
            status
        };
        let (blocked, status) = tokio::join!(blocking, asking);

        assert!(blocked.is_ok());
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }
}
