//! What the use cases need from the world, as traits.
//!
//! Futures are boxed so that the ports are object-safe: the wiring chooses the implementation at
//! start.

use std::future::Future;
use std::pin::Pin;

pub mod machine;
pub mod store;
pub mod speaker;
pub mod rtc;

pub use machine::{ClientPass, Clock, Passes, Passwords, Random};
pub use rtc::{RtcCredential, RtcSigner};
pub use speaker::Speaker;
pub use store::{
    Account, AccountKind, CallFacts, CallRule, CallStore, DirectoryStore, RecordPage, StoreFailure,
    StoredToken,
};

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
