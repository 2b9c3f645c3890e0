//! The product's own HTTP API below `/v1`: signing in, the directory, operators, calls, alarms,
//! connections.
//!
//! Errors are problem details (RFC 9457), lists are paged. Everything but `POST /v1/login` and the
//! OpenAPI document needs an operator's token; what is in a community that the operator may not see
//! does not exist for them. Knows no dialect and no SQL.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod problem;
mod ask;
mod page;
mod login;
mod directory;
mod calls;
mod records;
mod alarms;
mod doors;
mod unlocks;
mod credentials;
mod events;
mod connections;
mod traces;
mod document;

use std::sync::Arc;

use app::alarms::{Alarms, Hooks};
use app::calls::Calls;
use app::connections::Connections;
use app::feed::Feed;
use app::login::Logins;
use app::manage::Directory;
use app::port::{CallLog, Traces};
use app::unlock::Unlocks;
use axum::Router;
use axum::routing::{any, get};
use engine::alarm::Alarm;
use engine::call::Call;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use events::Streams;

use crate::alarms::{list as alarm_list, webhooks, zones};
use crate::directory::{buildings, communities, devices, flats, operators, residents, units};

/// What the API needs. A handle, cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// Who is who.
    pub logins: Arc<Logins>,
    /// The directory's use cases.
    pub directory: Arc<Directory>,
    /// The use cases of calls.
    pub calls: Calls,
    /// Opening doors.
    pub unlocks: Unlocks,
    /// Lists of calls.
    pub log: Arc<dyn CallLog>,
    /// Calls as they change.
    pub feed: Feed<Call>,
    /// Alarms.
    pub alarms: AlarmsApi,
    /// How many watch them.
    pub streams: Streams,
    /// Who is connected by MQTT; none if that is another broker's to know.
    pub connections: Option<Arc<Connections>>,
    /// What befalls single clients.
    pub traces: Arc<dyn Traces>,
}

/// What the API needs of alarms. A handle, cheap to clone.
#[derive(Clone)]
pub struct AlarmsApi {
    /// The use cases.
    pub alarms: Alarms,
    /// Addresses outside that hear of them.
    pub hooks: Arc<Hooks>,
    /// Alarms as they change.
    pub feed: Feed<Alarm>,
}

/// The routes below `/v1`.
pub fn routes(api: Api) -> Router {
    let (router, document) = described().split_for_parts();
    let document = document::finish(document);
    router
        .route("/v1/openapi.json", get(async move || axum::Json(document)))
        .route("/v1", any(async || problem::nothing_here()))
        .route("/v1/{*rest}", any(async || problem::nothing_here()))
        .method_not_allowed_fallback(async || problem::wrong_method())
        .with_state(api)
}

/// The OpenAPI document, as `GET /v1/openapi.json` shows it.
pub fn document() -> OpenApi {
    document::finish(described().into_openapi())
}

fn described() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(document::start())
        .routes(routes!(login::sign_in, login::sign_out))
        .routes(routes!(communities::add, communities::list))
        .routes(routes!(
            communities::show,
            communities::change,
            communities::remove
        ))
        .routes(routes!(buildings::add, buildings::list))
        .routes(routes!(
            buildings::show,
            buildings::change,
            buildings::remove
        ))
        .routes(routes!(units::add, units::list))
        .routes(routes!(units::show, units::change, units::remove))
        .routes(routes!(flats::add, flats::list))
        .routes(routes!(flats::show, flats::change, flats::remove))
        .routes(routes!(zones::show, zones::set))
        .routes(routes!(zones::arm))
        .routes(routes!(zones::trigger))
        .routes(routes!(residents::add, residents::list))
        .routes(routes!(
            residents::show,
            residents::change,
            residents::remove
        ))
        .routes(routes!(devices::add, devices::list))
        .routes(routes!(devices::show, devices::change, devices::remove))
        .routes(routes!(devices::renew_secret))
        .routes(routes!(operators::add, operators::list))
        .routes(routes!(
            operators::show,
            operators::change,
            operators::remove
        ))
        .routes(routes!(calls::list))
        .routes(routes!(calls::show))
        .routes(routes!(calls::end))
        .routes(routes!(records::list))
        .routes(routes!(alarm_list::list))
        .routes(routes!(alarm_list::show))
        .routes(routes!(alarm_list::acknowledge))
        .routes(routes!(alarm_list::handle))
        .routes(routes!(alarm_list::resolve))
        .routes(routes!(alarm_list::permit))
        .routes(routes!(webhooks::add, webhooks::list))
        .routes(routes!(webhooks::remove))
        .routes(routes!(webhooks::test))
        .routes(routes!(doors::show, doors::change))
        .routes(routes!(unlocks::unlock))
        .routes(routes!(unlocks::unlock_all))
        .routes(routes!(unlocks::list))
        .routes(routes!(credentials::add, credentials::list))
        .routes(routes!(credentials::remove))
        .routes(routes!(events::watch))
        .routes(routes!(connections::list))
        .routes(routes!(connections::show, connections::close))
        .routes(routes!(traces::begin, traces::show, traces::end))
}
