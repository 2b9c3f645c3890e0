//! The independent other side of S3: units at entrances, screens and property desks over TCP.
//!
//! `Channel` is a connection to do anything with, right or wrong. `Station` and `Screen` are parties
//! that act by themselves and tell what happens.

mod wire;
mod channel;
mod streams;
mod event;
mod callers;
mod desk;
mod talk;
mod station;
mod login;
mod screen;

pub use channel::{Channel, KeepAlive};
pub use event::{Event, Outcome, Tell};
pub use login::{ScreenLogin, screen_token};
pub use screen::Screen;
pub use station::{Calling, Station};
pub use talk::{Answer, Manner, OpenDoor, Patience};
pub use wire::{Alarm, Ending, Message, Party, PartyKind, Profile, Rejection, Request, Why};

#[cfg(test)]
mod tests;
