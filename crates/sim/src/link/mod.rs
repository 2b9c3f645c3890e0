//! The MQTT half of a simulated party: one 3.1.1 connection with its subscriptions.
//!
//! A third-party client does the talking. A lost connection stays lost: the owner sees why and
//! makes a new party. Knows topics only as texts.
//! Source: S0 §1 (all topics at QoS 1).

mod pump;
mod connection;

pub(crate) use connection::{Link, SignIn};

#[cfg(test)]
mod tests;
