//! What MQTT demands of a broker, one file per area; tests are named after the statements.
//!
//! All but those of `limits` need only an address, so they can be run against another broker:
//! `KOUMEN_CONFORMANCE_PEER=127.0.0.1:1883 cargo test -p broker --test it conformance::`.
//! A play leaves nothing behind in a broker that others use and shows only what every broker must
//! do; `mosquitto` runs all of them against that broker and lists where it differs.
//! `[MQTT-x.y.z-n]` is a statement of MQTT 5 unless it says 3.1.1.

pub(crate) mod line;
mod peer;
mod connect;
mod publish;
mod qos2;
mod subscribe;
mod shared;
mod aliases;
mod will;
mod session;
mod disconnect;
mod limits;

pub(crate) use peer::VARIABLE;
