//! The sockets: HTTP, MQTT, and the local line for administration.

mod http;
mod messaging;
mod admin;

pub(crate) use admin::{AdminRequest, add_operator_online, serve_admin};
pub(crate) use http::serve_http;
pub(crate) use messaging::{EmbeddedBus, Messaging};
