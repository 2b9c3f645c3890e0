//! The HTTP endpoints, one file each. Source: S0 §4.

mod session;
mod control;
mod call;

use axum::Router;
use axum::routing::{get, post};

use crate::dialect::Ilock;

/// The routes below `/api/mqtt`.
pub fn routes(ilock: Ilock) -> Router {
    Router::new()
        .route("/api/mqtt/call", post(call::call))
        .route("/api/mqtt/controller/device", post(control::device))
        .route("/api/mqtt/controller/resident", post(control::resident))
        .route("/api/mqtt/session", get(session::session))
        .route("/api/mqtt/end-session", post(control::end_session))
        .with_state(ilock)
}
