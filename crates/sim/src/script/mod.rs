//! Doors and phones that act by themselves, for the command line and the demo.
//!
//! They tell what happens line by line and return how it went; where the lines go is the
//! caller's business.

mod line;
mod door;
mod phone;

pub use door::{DoorOutcome, run_door};
pub use line::{Line, Say};
pub use phone::{Behaviour, PhoneOutcome, run_phone};

#[cfg(test)]
mod tests;
