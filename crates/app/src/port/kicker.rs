//! Showing somebody the door.

use engine::id::EndpointId;

/// Closes connections.
pub trait Kicker: Send + Sync {
    /// Closes every connection of the endpoint; whoever may still come in can come again.
    fn kick(&self, endpoint: &EndpointId);
}
