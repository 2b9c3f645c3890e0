//! Clients of outside services, one folder per vendor.
//!
//! TRTC, and addresses that hear of alarms. Nothing in this crate reads a clock or knows a dialect.

pub mod trtc;
mod webhook;

pub use webhook::Webhooks;
