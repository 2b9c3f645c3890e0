//! What happens to a simulated party, and how its calls went.

use std::fmt::{Display, Formatter, Result};
use std::net::SocketAddr;

use super::wire::{Message, Why};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Others may call here.
    Listens(SocketAddr),
    /// A connection stands.
    Connected(SocketAddr),
    /// The connection is gone; it will be made again.
    LinkLost {
        /// Why.
        why: String,
    },
    /// This party said something.
    Said(Message),
    /// The other side of its call, or its box, said something.
    Heard(Message),
    /// Said by somebody else, or about another call, and of no effect.
    PassedOver(Message),
    /// Somebody else called during a call and was told that the line is busy.
    TurnedAway {
        /// Who called.
        caller: String,
    },
    /// The lock was opened, as told.
    LockOpened,
}

/// Where events go. Called in order, never concurrently.
pub type Tell<'a> = dyn FnMut(Event) + Send + 'a;

impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Event::Listens(at) => write!(f, "listens at {at}"),
            Event::Connected(to) => write!(f, "connected to {to}"),
            Event::LinkLost { why } => write!(f, "lost its connection: {why}"),
            Event::Said(message) => write!(f, "says {message}"),
            Event::Heard(message) => write!(f, "hears {message}"),
            Event::PassedOver(message) => write!(f, "passes over {message}"),
            Event::TurnedAway { caller } => write!(f, "is busy and turns {caller} away"),
            Event::LockOpened => f.write_str("opens its lock"),
        }
    }
}

/// How a call, or whatever else a run waited for, went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Called, and the other side did not take it.
    Refused {
        /// The code of the field, where it or its word was sent.
        why: Option<Why>,
        /// In a word.
        reason: String,
    },
    /// Called, and the other side ended it before anybody answered.
    Unanswered {
        /// In a word.
        reason: String,
    },
    /// Called, and took it back before anybody answered.
    Cancelled,
    /// Was called, and it ended before this party did anything.
    Missed {
        /// In a word.
        reason: String,
    },
    /// Was called, and declined.
    Declined,
    /// Answered or was answered, and it has ended. S3 does not tell a called party whether another
    /// one was faster: such a party hears the end at once.
    Talked {
        /// `hangup` where this party ended it, else in the other's word.
        reason: String,
    },
    /// The connection ended in the middle.
    Lost {
        /// Why.
        why: String,
    },
    /// An alarm came and was taken note of.
    Alarmed,
    /// Nothing of this happened in the time given.
    TimeUp,
}
