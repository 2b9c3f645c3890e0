//! Repeatable chance, to make inputs with (`Chance`), and an input read as choices (`Feed`).

use crate::dice::Dice;

/// Dice that fall as bytes and places.
pub struct Chance(Dice);

impl Chance {
    /// Falls as `seed` says.
    pub fn new(seed: u64) -> Self {
        Self(Dice::new(seed))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0.throw()
    }

    /// Less than `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() >> 33).unwrap_or(0) % end.max(1)
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        self.number().to_le_bytes()[7]
    }

    /// Less than `end` of them.
    pub fn bytes(&mut self, end: usize) -> Vec<u8> {
        (0..self.below(end)).map(|_| self.byte()).collect()
    }

    /// One of `of`, which must not be empty.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// One to four small changes.
    pub fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..=self.below(4) {
            let at = self.below(input.len());
            match self.below(5) {
                0 if !input.is_empty() => input[at] ^= 1 << self.below(8),
                1 if !input.is_empty() => input[at] = self.byte(),
                2 if !input.is_empty() => drop(input.remove(at)),
                3 => input.truncate(at),
                4 => {
                    input.truncate(at);
                    input.extend_from_slice(&other[self.below(other.len())..]);
                }
                _ => input.insert(at, self.byte()),
            }
        }
    }
}

/// An input, read from its beginning; zeros behind its end.
pub struct Feed<'a>(pub &'a [u8]);

impl Feed<'_> {
    /// Whether all of it is read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// Less than `end`, which is at most 256.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    /// One of `of`, which must not be empty.
    pub fn choose<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
