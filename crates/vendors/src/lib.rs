//! Clients of outside services, one folder per vendor.
//!
//! So far only TRTC. Nothing in this crate reads a clock or knows a dialect.

pub mod trtc;
