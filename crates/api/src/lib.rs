//! The product's own HTTP API below `/v1`: signing in, the directory, records of calls.
//!
//! Errors are problem details (RFC 9457). Everything but `POST /v1/login` needs an operator's
//! token. Knows no dialect and no SQL.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod problem;
mod ask;
mod login;
mod directory;
mod records;

use std::sync::Arc;

use app::login::Logins;
use app::manage::Directory;
use app::port::CallStore;
use axum::Router;
use axum::routing::{get, post};

/// What the API needs. A handle, cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// Who is who.
    pub logins: Arc<Logins>,
    /// The directory's use cases.
    pub directory: Arc<Directory>,
    /// Where records are read.
    pub calls: Arc<dyn CallStore>,
}

/// The routes below `/v1`.
pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/v1/login", post(login::login))
        .route("/v1/communities", post(directory::add_community))
        .route("/v1/flats", post(directory::add_flat))
        .route("/v1/residents", post(directory::add_resident))
        .route("/v1/devices", post(directory::add_device))
        .route("/v1/devices/{id}", get(directory::device))
        .route("/v1/records", get(records::records))
        .with_state(api)
}
