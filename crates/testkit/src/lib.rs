//! What tests need and no program may use.
//!
//! Dice that fall the same way for the same seed, numbers of rounds from the environment, random
//! bytes against what strangers reach, and a disk under SQLite that forgets unsynced writes when its
//! power is cut. Named under `[dev-dependencies]` only.

#![warn(missing_docs)]

pub mod rounds;
pub mod dice;
pub mod fuzz;
pub mod power;

pub use dice::Dice;
