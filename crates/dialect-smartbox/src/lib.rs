//! The `SmartBox` dialect, S3: call control between outdoor units, inner boxes, screens and property
//! desks, as JSON between NUL bytes over TCP.
//!
//! What a call is and who wins it is decided in `engine`; this crate translates.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod wire;
mod settings;
mod streams;
mod route;
mod offer;
mod notice;
mod registry;
mod dialect;
mod link;
mod dial;
mod speaker;
mod listener;
mod routes;

pub use dialect::{Smartbox, SmartboxPorts};
pub use listener::{BindFault, Listeners};
pub use routes::routes;
pub use settings::{BoxSettings, MEDIA_PORT, Settings};
