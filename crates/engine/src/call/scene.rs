//! What a call is set in: facts frozen when it begins, which no rule looks at.
//!
//! They are kept with the call so that everyone is told the same, also after a restart, and the
//! record shows what was true then.

/// Where the media of a call meets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Room {
    /// A room named by text, at most 64 bytes.
    Text(String),
    /// A room named by a number, 1–2147483647.
    Number(u32),
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
}

/// A scene for rules that are tried without one.
impl Default for Scene {
    fn default() -> Self {
        Self {
            caller_name: String::new(),
            caller_place: String::new(),
            room: Room::Text(String::new()),
        }
    }
}
