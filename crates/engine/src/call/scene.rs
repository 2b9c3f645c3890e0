//! What a call is set in: facts frozen when it begins, which no rule looks at.
//!
//! They are kept with the call so that everyone is told the same, also after a restart, and the
//! record shows what was true then.

use std::sync::Arc;

/// Where the media of a call meets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Room {
    /// A room named by text, at most 64 bytes.
    Text(String),
    /// A room named by a number, 1–2147483647.
    Number(u32),
}

/// The names of the streams that the two sides of a call push, where the caller named them: ids,
/// or whole addresses. At most 512 bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Streams {
    /// What the caller says.
    pub caller_audio: Option<String>,
    /// What the caller shows.
    pub caller_video: Option<String>,
    /// What the one who answers says.
    pub callee_audio: Option<String>,
    /// What the one who answers shows.
    pub callee_video: Option<String>,
}

/// Who calls, in words, and where the media meets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scene {
    /// What people call the caller.
    pub caller_name: String,
    /// Where it stands; may be empty.
    pub caller_place: String,
    /// The one media room of the call.
    pub room: Room,
    /// Its streams, where the caller named them.
    pub streams: Option<Arc<Streams>>,
}

/// A scene for rules that are tried without one.
impl Default for Scene {
    fn default() -> Self {
        Self {
            caller_name: String::new(),
            caller_place: String::new(),
            room: Room::Text(String::new()),
            streams: None,
        }
    }
}
