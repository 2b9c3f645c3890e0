//! What a run tries: a function that plays an input, and one that makes inputs.

use super::chance::Chance;

/// What is tried.
pub struct Target {
    /// The folder of its crate: `env!("CARGO_MANIFEST_DIR")`.
    pub home: &'static str,
    /// The name of its corpus.
    pub name: &'static str,
    /// A new input.
    pub make: fn(&mut Chance) -> Vec<u8>,
    /// Panics if a promise is broken; returns what it saw, equal for what is alike.
    pub play: fn(&[u8]) -> u64,
}
