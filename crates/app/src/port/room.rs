//! Media rooms at an outside service: who keeps them.

use engine::call::Room;

use crate::port::BoxFuture;
use crate::port::outbox::ErrandFailure;

/// The outside service that keeps media rooms. Each call ends within a bounded time.
pub trait RoomService: Send + Sync {
    /// Closes a room; one that is gone counts as closed.
    fn release(&self, room: Room) -> BoxFuture<'_, Result<(), ErrandFailure>>;

    /// Throws users out of a room; those who are not inside count as thrown out.
    fn remove(&self, room: Room, users: Vec<String>) -> BoxFuture<'_, Result<(), ErrandFailure>>;
}
