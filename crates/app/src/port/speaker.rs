//! The other side of "commit, then speak".

use std::sync::Arc;

use engine::call::Call;
use engine::id::EndpointId;

/// A dialect's mouth.
pub trait Speaker: Send + Sync {
    /// Something that `endpoint` may have to hear was committed. Must not block: the speaker pulls
    /// what is owed and queues it. Called for every endpoint of the call, also those that speak
    /// another dialect.
    fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>);
}
