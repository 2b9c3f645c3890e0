//! The sockets: HTTP, MQTT, and the local line for administration.

mod guard;
mod websocket;
mod ops;
mod http;
mod messaging;
mod admin;
mod kicker;

pub(crate) use admin::{AdminRequest, add_operator_online, listen_admin, serve_admin};
pub(crate) use guard::Guard;
pub(crate) use http::serve_http;
pub(crate) use kicker::BrokerKicker;
pub(crate) use messaging::{EmbeddedBus, Messaging};
pub(crate) use ops::{recorder, routes as ops_routes, run_upkeep};
pub(crate) use websocket::routes as mqtt_routes;
