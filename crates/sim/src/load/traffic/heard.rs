//! What one subscriber heard: how many different messages, and how many twice.
//! Pure: knows no sockets.

use std::time::Instant;

use super::ring::{END, MARK_BYTES};

pub(super) struct Heard {
    /// The lowest number not heard yet, by publisher; a gap is never heard later.
    next: Vec<u32>,
    /// Different messages.
    pub(super) count: u64,
    /// Messages heard before, or after one with a higher number.
    pub(super) repeated: u64,
    /// No more will come.
    pub(super) is_over: bool,
    /// When the last one came.
    pub(super) last: Instant,
}

impl Heard {
    pub(super) fn new(publishers: usize, now: Instant) -> Self {
        Self {
            next: vec![0; publishers],
            count: 0,
            repeated: 0,
            is_over: false,
            last: now,
        }
    }

    /// Notes one message. One without a mark counts as repeated: nobody sent it.
    pub(super) fn note(&mut self, payload: &[u8]) {
        let Some((publisher, number)) = read_mark(payload) else {
            self.repeated += 1;
            return;
        };
        if number == END {
            self.is_over = true;
            return;
        }
        match self.next.get_mut(publisher as usize) {
            Some(next) if number >= *next => {
                *next = number + 1;
                self.count += 1;
            }
            _ => self.repeated += 1,
        }
    }
}

/// Publisher and number.
pub(super) fn read_mark(payload: &[u8]) -> Option<(u32, u32)> {
    let mark = payload.first_chunk::<MARK_BYTES>()?;
    let (publisher, number) = mark.split_first_chunk::<4>()?;
    Some((
        u32::from_be_bytes(*publisher),
        u32::from_be_bytes(*number.first_chunk()?),
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn mark(publisher: u8, number: u32) -> Vec<u8> {
        let mut mark = vec![0, 0, 0, publisher];
        mark.extend(number.to_be_bytes());
        mark
    }

    #[test]
    fn a_repeated_message_does_not_make_up_for_a_lost_one() {
        let mut heard = Heard::new(2, now());

        for (publisher, number) in [(0, 0), (1, 0), (0, 1), (0, 1), (1, 2)] {
            heard.note(&mark(publisher, number));
        }

        assert_eq!((heard.count, heard.repeated), (4, 1));
        assert!(!heard.is_over);
    }

    #[test]
    fn the_end_is_no_message() {
        let mut heard = Heard::new(1, now());

        heard.note(&mark(0, 0));
        heard.note(&mark(0, END));

        assert!(heard.is_over);
        assert_eq!((heard.count, heard.repeated), (1, 0));
    }

    #[expect(clippy::disallowed_methods, reason = "some moment, never looked at")]
    fn now() -> Instant {
        Instant::now()
    }
}
