//! Load: whole calls, many at once, by a generator cheap enough to share a machine with the server.
//!
//! Raw HTTP/1.1 and MQTT 3.1.1 on kept connections, just enough of each to tell right from wrong.
//! A household is a door and two phones on one task; phases run many of them. Everything is
//! measured with the clock that is given, where the generator stands: its own queueing counts.

mod error;
mod field;
mod socket;
mod http;
mod mqtt;
mod community;
mod household;
mod progress;
mod call;
mod tally;
mod phase;

pub use community::{Community, Home, Operator, make_community};
pub use error::LoadError;
pub use household::Clocks;
pub use phase::{Load, Mark, Paced, Saturated};
pub use tally::Spread;

#[cfg(test)]
mod tests;
