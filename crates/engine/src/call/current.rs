//! Which call a message means that names none.
//!
//! Some protocols let a peer answer, decline or hang up without saying which call. Such a message
//! belongs to the call that the peer knew of when it spoke. What is sent on one connection arrives
//! in order, but what the peer said before our offer reached it arrives after we made the offer; so
//! it counts for the offered call only once the peer has shown to know it.
//!
//! ```text
//!            offer                keep that names it, or KNOWN_AFTER passed
//!   none ───────────► offered ───────────────────────────────────────────► known
//!    │  place (the peer knows its own call)                                  ▲
//!    └───────────────────────────────────────────────────────────────────────┘
//!                     close, from anywhere: none
//! ```

use std::time::Duration;

use crate::id::CallId;
use crate::time::Instant;

/// How long after an offer a peer that names no calls is taken to know it.
///
/// It must be longer than an offer and what the peer said just before it arrived are under way
/// together: the round trip. That of a building's network is some milliseconds. What an automatic
/// peer says sooner is lost, unless it names the call; people are slower.
pub const KNOWN_AFTER: Duration = Duration::from_millis(300);

/// What one connection whose messages need not name a call has been told, and has shown to know.
///
/// It holds one call at most; an offer of another takes the place of the one before. What arrives on
/// the connection must be brought here in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Current {
    held: Option<Held>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Held {
    call: CallId,
    name: String,
    /// When the peer is taken to know it at last; none if it has shown that it does.
    known_at: Option<Instant>,
}

/// Why a message counts for no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stray {
    /// There is no call on this connection.
    NoCall,
    /// It names another call.
    OtherCall,
    /// It names none, and may have been said before the offer arrived.
    NotYetKnown,
}

impl Current {
    /// We offered `call` on this connection at `now`, where it is called `name`. Offering the same
    /// call again changes nothing.
    pub fn offer(&mut self, call: CallId, name: String, now: Instant) {
        if self.call() != Some(&call) {
            let known_at = Some(now + KNOWN_AFTER);
            self.held = Some(Held {
                call,
                name,
                known_at,
            });
        }
    }

    /// The peer placed `call` itself, or the connection was made for it alone: nothing on it can
    /// mean another.
    pub fn place(&mut self, call: CallId, name: String) {
        let known_at = None;
        self.held = Some(Held {
            call,
            name,
            known_at,
        });
    }

    /// The peer keeps alive a call of this name, so its offer has arrived. One without a name shows
    /// nothing.
    pub fn keep(&mut self, name: Option<&str>) {
        let named = self.held.as_mut().filter(|held| name == Some(&held.name));
        if let Some(held) = named {
            held.known_at = None;
        }
    }

    /// `call` is over on this connection.
    pub fn close(&mut self, call: &CallId) {
        if self.call() == Some(call) {
            self.held = None;
        }
    }

    /// The call on this connection.
    pub fn call(&self) -> Option<&CallId> {
        self.held.as_ref().map(|held| &held.call)
    }

    /// What it is called there.
    pub fn name(&self) -> Option<&str> {
        self.held.as_ref().map(|held| held.name.as_str())
    }

    /// The call that a message of this moment means. A name must be right, and is enough; without
    /// one the peer must know of the call.
    pub fn refer(&self, named: Option<&str>, now: Instant) -> Result<&CallId, Stray> {
        let held = self.held.as_ref().ok_or(Stray::NoCall)?;
        let is_known = held.known_at.is_none_or(|known_at| now >= known_at);
        match named {
            Some(name) if name == held.name => Ok(&held.call),
            Some(_) => Err(Stray::OtherCall),
            None if is_known => Ok(&held.call),
            None => Err(Stray::NotYetKnown),
        }
    }
}
