//! What Koumen does for people and devices: use cases, and the ports they need.
//!
//! A use case loads facts, lets `engine` decide, commits, and only then speaks. No dialect, no
//! wire format, no SQL and no HTTP type appears here.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod task;
pub mod failure;
pub mod limit;
pub mod seats;
pub mod timers;
pub mod feed;
pub mod secret;
pub mod principal;
pub mod directory;
pub mod port;
pub mod key_book;
pub mod peer_book;
pub mod login;
pub mod screens;
pub mod manage;
pub mod connections;
pub mod system;
pub mod outbox;
pub mod calls;
pub mod alarms;
pub mod unlock;
pub mod media;
pub mod clients;

pub use failure::Failure;
