//! How far one call has come: who has got what, and what is to be done next.
//!
//! ```text
//! press → incoming ×2 → answer → answered ×3 → hang up → hangup to door and winner
//! ```
//! Pure: knows no sockets.

use std::time::{Duration, Instant};

use super::error::LoadError;
use super::household::{DOOR, Event, PHONES, SEATS};
use super::raw::{Word, find_text};

/// What the household must do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Wait,
    Answer,
    HangUp,
    Done,
}

/// Delays of one complete call.
pub(super) struct Delays {
    /// From sending the press to each phone's offer.
    pub(super) press_to_incoming: [Duration; 2],
    /// From sending the answer to the door's notice.
    pub(super) answer_to_door: Duration,
    /// From sending the answer to the notice of the phone that lost.
    pub(super) answer_to_loser: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stage {
    Ringing,
    Answering,
    HangingUp,
}

pub(super) struct Progress {
    winner: usize,
    stage: Stage,
    pressed: Instant,
    answered: Instant,
    call: Option<String>,
    requests_taken: usize,
    incoming: [Option<Instant>; SEATS],
    heard_answer: [Option<Instant>; SEATS],
    heard_hangup: [bool; SEATS],
}

impl Progress {
    pub(super) fn new(winner: usize, pressed: Instant) -> Self {
        Self {
            winner,
            stage: Stage::Ringing,
            pressed,
            answered: pressed,
            call: None,
            requests_taken: 0,
            incoming: [None; SEATS],
            heard_answer: [None; SEATS],
            heard_hangup: [false; SEATS],
        }
    }

    /// The call's id, as soon as anybody has told it.
    pub(super) fn call(&self) -> Option<&str> {
        self.call.as_deref()
    }

    /// Notes what a party got. Messages about other calls count for nothing.
    pub(super) fn note(
        &mut self,
        seat: usize,
        event: &Event,
        now: Instant,
    ) -> Result<(), LoadError> {
        match event {
            Event::Answer(answer) if answer.status != 200 => Err(LoadError::Refused {
                request: answer.request,
                status: answer.status,
            }),
            Event::Answer(answer) => {
                self.requests_taken += 1;
                if self.call.is_none() {
                    self.call = find_text(&answer.body, "call_id").map(str::to_owned);
                }
                Ok(())
            }
            Event::Notice(notice) => {
                if self.call.is_none() && notice.word == Word::Incoming {
                    self.call = Some(notice.call.clone());
                }
                if self.call.as_ref() == Some(&notice.call) {
                    self.hear(seat, notice.word, now);
                }
                Ok(())
            }
        }
    }

    fn hear(&mut self, seat: usize, word: Word, now: Instant) {
        match word {
            Word::Incoming => self.incoming[seat] = Some(now),
            Word::Answered => self.heard_answer[seat] = Some(now),
            Word::Hangup => self.heard_hangup[seat] = true,
            Word::Other => {}
        }
    }

    /// What is to be done; says each thing to do once.
    pub(super) fn step(&mut self, now: Instant) -> Step {
        match self.stage {
            Stage::Ringing if PHONES.iter().all(|phone| self.incoming[*phone].is_some()) => {
                self.stage = Stage::Answering;
                self.answered = now;
                Step::Answer
            }
            Stage::Answering if self.requests_taken == 2 && self.everybody_heard() => {
                self.stage = Stage::HangingUp;
                Step::HangUp
            }
            Stage::HangingUp if self.is_over() => Step::Done,
            Stage::Ringing | Stage::Answering | Stage::HangingUp => Step::Wait,
        }
    }

    fn everybody_heard(&self) -> bool {
        self.heard_answer.iter().all(Option::is_some)
    }

    fn is_over(&self) -> bool {
        self.requests_taken == 3 && self.heard_hangup[DOOR] && self.heard_hangup[self.winner]
    }

    /// Of a call that is done.
    pub(super) fn delays(&self) -> Delays {
        let since = |from: Instant, to: Option<Instant>| {
            to.map_or(Duration::ZERO, |to| to.saturating_duration_since(from))
        };
        let loser = PHONES.into_iter().find(|phone| *phone != self.winner);
        Delays {
            press_to_incoming: PHONES.map(|phone| since(self.pressed, self.incoming[phone])),
            answer_to_door: since(self.answered, self.heard_answer[DOOR]),
            answer_to_loser: since(
                self.answered,
                loser.and_then(|phone| self.heard_answer[phone]),
            ),
        }
    }

    /// What a call that does not go on lacks.
    pub(super) fn missing(&self) -> &'static str {
        match self.stage {
            Stage::Ringing => "an offer to a phone",
            Stage::Answering if self.requests_taken < 2 => "the answer to a request",
            Stage::Answering => "the news of the answer",
            Stage::HangingUp if self.requests_taken < 3 => "the answer to a request",
            Stage::HangingUp => "the news of the end",
        }
    }
}
