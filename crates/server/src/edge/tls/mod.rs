//! TLS in front of HTTP and MQTT: certificates that can be changed while we run, handshakes, and
//! whom a client's certificate names.

mod identity;
mod handshake;
mod mqtts;

pub(super) use handshake::Secured;
pub(crate) use handshake::{Tls, run_reload};
pub(super) use identity::{Subject, showing, shown};
pub(crate) use mqtts::serve_mqtts;
