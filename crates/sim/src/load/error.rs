//! What can go wrong in a call of the generator. No secret appears here.

use std::io;

use super::wrong::Wrong;
use crate::error::SimError;

/// Why a call or a connection failed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A socket could not be opened, or failed.
    #[error("a connection failed: {0}")]
    Broken(#[from] io::Error),
    /// The server closed a connection in the middle of something.
    #[error("the server closed a connection")]
    Closed,
    /// Bytes outside the protocol, or a packet larger than any of a call.
    #[error("unexpected bytes: {0}")]
    Unexpected(&'static str),
    /// CONNACK or SUBACK refused.
    #[error("the broker refused a client")]
    NotLetIn,
    /// A request got another status than 200.
    #[error("{request} was answered {status}")]
    Refused {
        /// What was asked.
        request: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// A call, or another exchange, was not over in time.
    #[error("it hung: {missing} missing")]
    Hung {
        /// What had not come by then.
        missing: &'static str,
    },
    /// A connection of S3 failed.
    #[error(transparent)]
    Link(SimError),
    /// A call through a box went as none may.
    #[error(transparent)]
    Wrong(#[from] Wrong),
    /// The community could not be made.
    #[error(transparent)]
    SetUp(#[from] SimError),
}
