//! The HTTP endpoints, a file for each kind. Source: S0 §4; S1 §2.2.2, §4.3.

mod session;
mod control;
mod call;
mod system;
mod client;
mod device;
mod alarm;
mod unlock;

use axum::Router;
use axum::routing::{get, post, put};

use crate::dialect::Ilock;

/// The routes below `/api/mqtt`.
pub fn routes(ilock: Ilock) -> Router {
    Router::new()
        .route("/api/mqtt/call", post(call::call))
        .route("/api/mqtt/controller/device", post(control::device))
        .route("/api/mqtt/controller/resident", post(control::resident))
        .route("/api/mqtt/session", get(session::session))
        .route("/api/mqtt/end-session", post(control::end_session))
        .route("/api/mqtt/device/status", post(device::status))
        .route("/api/mqtt/device/credentials", get(device::credentials))
        .route("/api/mqtt/system/message", post(system::message))
        .route("/api/mqtt/clients/register", post(client::register))
        .route("/api/mqtt/clients/status", put(client::status))
        .route(
            "/api/mqtt/calls/caller-action",
            post(control::caller_action),
        )
        .route(
            "/api/mqtt/calls/callee-action",
            post(control::callee_action),
        )
        .route("/api/mqtt/alarms", get(alarm::list))
        .route("/api/mqtt/alarms/acknowledge", post(alarm::acknowledge))
        .route("/api/mqtt/arming", put(alarm::arm))
        .route("/api/mqtt/calls/unlock", post(unlock::unlock))
        .route("/api/mqtt/calls/access-qr", get(unlock::access_qr))
        .route(
            "/api/mqtt/device/unlock-result",
            post(unlock::unlock_result),
        )
        .route("/api/mqtt/device/access-code", post(unlock::access_code))
        .route("/api/mqtt/device/door-state", post(unlock::door_state))
        .with_state(ilock)
}
