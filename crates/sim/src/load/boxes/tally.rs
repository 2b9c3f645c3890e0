//! What calls through boxes came to, the wrong ones counted by what was wrong.

use std::time::Duration;

use super::progress::Delays;
use crate::load::error::LoadError;
use crate::load::tally::Spread;
use crate::load::wrong::Wrong;

/// Failures that are kept in words.
const REASONS_MAX: usize = 5;

/// Calls of some rounds.
#[derive(Clone, Debug, Default)]
pub struct BoxTally {
    /// Calls begun.
    pub started: usize,
    /// Calls that went as they must, to their end.
    pub completed: usize,
    /// Calls in which somebody else won as well.
    pub two_winners: usize,
    /// Calls after which a screen went on ringing or talking.
    pub missing_ends: usize,
    /// Screens that rang for another flat.
    pub strangers_rung: usize,
    /// Why calls failed, the first few.
    pub reasons: Vec<String>,
    press_to_ring: Vec<Duration>,
    accept_to_call_end: Vec<Duration>,
}

impl BoxTally {
    /// From sending the request to each screen's.
    pub fn press_to_ring(&self) -> Spread {
        Spread::of(self.press_to_ring.clone())
    }

    /// From sending the winner's answer to the end at each loser.
    pub fn accept_to_call_end(&self) -> Spread {
        Spread::of(self.accept_to_call_end.clone())
    }

    /// Counts one call.
    pub(super) fn count(&mut self, outcome: Result<Delays, LoadError>) {
        self.started += 1;
        match outcome {
            Ok(delays) => {
                self.completed += 1;
                self.press_to_ring.extend(delays.press_to_ring);
                self.accept_to_call_end.extend(delays.accept_to_call_end);
            }
            Err(why) => self.blame(&why),
        }
    }

    /// Counts screens that rang while nobody called their flat.
    pub(super) fn count_strangers(&mut self, strangers: usize) {
        self.strangers_rung += strangers;
    }

    fn blame(&mut self, why: &LoadError) {
        if let LoadError::Wrong(wrong) = why {
            match wrong {
                Wrong::TwoWinners => self.two_winners += 1,
                Wrong::MissingEnd => self.missing_ends += 1,
                Wrong::StrangerRung => self.strangers_rung += 1,
                Wrong::NobodyWon | Wrong::NotRung | Wrong::EndedEarly | Wrong::Refused(_) => {}
            }
        }
        if self.reasons.len() < REASONS_MAX {
            self.reasons.push(why.to_string());
        }
    }
}
