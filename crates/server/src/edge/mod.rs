//! The sockets: HTTP, MQTT, and the local line for administration.

mod guard;
mod peers;
mod accept;
mod socket;
mod tls;
mod websocket;
mod ops;
mod http;
mod roster;
mod trace;
mod denial;
mod sign_in;
mod messaging;
mod links;
mod embedded;
mod kicker;
mod mqtt;
mod external;
mod admin;

pub(crate) use admin::{AdminRequest, add_operator_online, listen_admin, serve_admin};
pub(crate) use embedded::EmbeddedBus;
pub(crate) use external::{Accounts, Dialects, Hooks, Ledger, routes as hook_routes};
pub(crate) use guard::Guard;
pub(crate) use http::{HttpFront, http_turnstile, serve_http};
pub(crate) use kicker::BrokerKicker;
pub(crate) use links::BrokerLinks;
pub(crate) use messaging::{Messaging, MessagingPorts};
pub(crate) use mqtt::serve_mqtt;
pub(crate) use ops::{recorder, routes as ops_routes, run_upkeep};
pub(crate) use peers::Peers;
pub(crate) use roster::Roster;
pub(crate) use tls::{Tls, run_reload, serve_mqtts};
pub(crate) use trace::Tracer;
pub(crate) use websocket::routes as mqtt_routes;
