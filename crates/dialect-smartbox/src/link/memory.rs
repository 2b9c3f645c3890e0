//! What a connection remembers beside its calls.

use engine::call::Version;
use engine::id::CallId;
use engine::time::Instant;

/// The last request of the peer to open a door.
pub(crate) struct Request {
    pub(super) call: CallId,
    pub(super) at: Instant,
    pub(super) key: String,
}

/// What the peer was told of an alarm.
pub(crate) struct Told {
    pub(super) version: Version,
    /// What the alarm is called there.
    pub(super) port: String,
}
