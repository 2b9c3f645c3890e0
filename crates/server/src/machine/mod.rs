//! The machine behind the ports: time, randomness, slow hashes, media signing.

mod clock;
mod random;
mod passes;
mod passwords;
mod signer;
mod tally;
mod rooms;

pub(crate) use clock::{Stopwatch, SystemClock, wall_ms};
pub(crate) use passes::Jwt;
pub(crate) use passwords::Argon;
pub(crate) use random::SystemRandom;
pub(crate) use rooms::{Rooms, rooms};
pub(crate) use signer::signer;
pub(crate) use tally::Tally;
