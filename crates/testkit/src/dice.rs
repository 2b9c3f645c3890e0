//! Seeded chance: a failing test prints its seed and falls the same way again.
//!
//! The generator is `SplitMix64`: 64 bits of state, good enough to choose moments, and no secret.

use std::hash::{BuildHasher, RandomState};

use crate::rounds::find_number;

/// The environment variable that fixes the seed.
const SEED: &str = "KOUMEN_TEST_SEED";

/// Dice of one seed.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Dice that fall as `seed` says.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The seed of this run: `KOUMEN_TEST_SEED`, or a fresh one. Tests print it.
    pub fn seed() -> u64 {
        find_number(SEED).unwrap_or_else(|| RandomState::new().hash_one(SEED))
    }

    /// Further dice with a life of their own, so that one task's throws do not change another's.
    pub fn fork(&mut self) -> Self {
        Self::new(self.throw())
    }

    /// Any number.
    pub fn throw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; zero if the limit is zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.throw().checked_rem(limit).unwrap_or(0)
    }

    /// Whether it happens, `percent` times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, which must not be empty.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let place = usize::try_from(self.below(choices.len() as u64)).unwrap_or(0);
        choices[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_falls_the_same_way_twice() {
        let (mut first, mut second) = (Dice::new(7), Dice::new(7));

        let thrown: Vec<u64> = (0..8).map(|_| first.throw()).collect();

        assert!(thrown.iter().all(|number| second.throw() == *number));
        assert_ne!(thrown[0], Dice::new(8).throw());
    }

    #[test]
    fn every_face_falls_and_none_beyond() {
        let mut dice = Dice::new(1);

        let mut faces = [0; 6];
        for _ in 0..600 {
            faces[usize::try_from(dice.below(6)).unwrap()] += 1;
        }

        assert!(faces.iter().all(|times| *times > 50), "{faces:?}");
        assert_eq!(dice.below(0), 0);
    }
}
