//! Raw HTTP/1.1 and MQTT 3.1.1 on kept connections: as little as a whole call needs.
//!
//! Polled, so that one task can wait on all connections of a household.

mod field;
mod socket;
mod http;
mod mqtt;

pub(super) use field::find_text;
pub(super) use http::{Answer, HttpLine};
pub(super) use mqtt::{MqttLine, Notice, SignIn, Word, decode, encode, packet, put_text};
pub(super) use socket::{CALL_BYTES, Socket};

#[cfg(test)]
mod tests;
