//! What is owed to an outside service.
//!
//! The service is slow and may be away, so what must be done is written down with the step that
//! caused it and done afterwards, once or more.

use engine::call::Room;
use engine::id::AlarmId;
use engine::time::Instant;

use crate::directory::HookId;

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

/// What can be said to an address outside. Saying it twice does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookTask {
    /// To which address.
    pub hook: HookId,
    /// About which alarm; how it stands when it is said, not when it was owed.
    pub alarm: AlarmId,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// At the service that keeps media rooms.
    Room(RoomTask),
    /// At an address outside that hears of alarms.
    Hook(HookTask),
}

/// Errands of one lane wait for those before them and for no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Those of media rooms.
    Rooms,
    /// Those of addresses outside.
    Hooks,
}

/// Something that is owed to an outside service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Says what it is about, so that the same errand is not kept twice.
    pub id: String,
    /// What is to be done.
    pub task: Task,
    /// Since when it is owed.
    pub since: Instant,
}

impl From<RoomTask> for Task {
    fn from(task: RoomTask) -> Self {
        Self::Room(task)
    }
}
