//! Clients of outside services, one folder per vendor.
//!
//! So far only TRTC, and of TRTC only what is computed here: signing. Nothing in this crate
//! opens a connection, reads a clock or knows a dialect.

pub mod trtc;
