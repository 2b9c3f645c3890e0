//! What is owed to an outside service.
//!
//! The service is slow and may be away, so what must be done is written down with the step that
//! caused it and done afterwards, once or more.

use engine::call::Room;
use engine::time::Instant;

/// What can be done to a media room. Doing it twice does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomTask {
    /// Closes the room; whoever is inside is thrown out.
    Release(Room),
    /// Throws these users out.
    Remove {
        /// Out of which room.
        room: Room,
        /// Their names at the service, as [`crate::principal::rtc_user`] makes them.
        users: Vec<String>,
    },
}

/// Something that is owed to an outside service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Says what it is about, so that the same errand is not kept twice.
    pub id: String,
    /// What is to be done.
    pub task: RoomTask,
    /// Since when it is owed.
    pub since: Instant,
}
