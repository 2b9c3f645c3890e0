//! How far one call through a box has come, and whether it goes as it must.
//!
//! ```text
//! call_req → ring ×all → call_accept of one or of all → call_end ×losers → hang up → call_end
//! ```
//! Pure: knows no sockets.

use std::time::{Duration, Instant};

use crate::intercom::Message;
use crate::load::wrong::Wrong;

/// Who got a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seat {
    Unit,
    Screen(usize),
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Wait,
    Answer,
    HangUp,
    Done,
}

/// Delays of one call that went as it must.
pub(super) struct Delays {
    /// From sending the request to each screen's.
    pub(super) press_to_ring: Vec<Duration>,
    /// From sending the winner's answer to the end at each loser.
    pub(super) accept_to_call_end: Vec<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ringing,
    Answering,
    HangingUp,
    Over,
}

/// What one screen has seen.
#[derive(Clone, Copy, Default)]
struct Screen {
    rang: Option<Instant>,
    answered: Option<Instant>,
    ended: Option<Instant>,
}

pub(super) struct Progress {
    stage: Stage,
    pressed: Instant,
    accepts: usize,
    screens: Vec<Screen>,
}

impl Progress {
    pub(super) fn new(screens: usize, pressed: Instant) -> Self {
        Self {
            stage: Stage::Ringing,
            pressed,
            accepts: 0,
            screens: vec![Screen::default(); screens],
        }
    }

    /// Notes that a screen is about to send its answer.
    pub(super) fn answers(&mut self, screen: usize, now: Instant) {
        self.screens[screen].answered = Some(now);
    }

    /// Notes a message; fails on one that must not come.
    pub(super) fn note(
        &mut self,
        seat: Seat,
        message: &Message,
        now: Instant,
    ) -> Result<(), Wrong> {
        match seat {
            Seat::Unit => self.note_unit(message),
            Seat::Screen(at) => {
                let screen = &mut self.screens[at];
                match message {
                    Message::Request(_) if screen.rang.is_some() => Err(Wrong::StrangerRung),
                    Message::Request(_) => {
                        screen.rang = Some(now);
                        Ok(())
                    }
                    Message::End(_) | Message::Reject(_) => {
                        screen.ended = screen.ended.or(Some(now));
                        Ok(())
                    }
                    Message::Accept { .. }
                    | Message::Keep { .. }
                    | Message::OpenDoor { .. }
                    | Message::Joined { .. }
                    | Message::JoinRefused { .. }
                    | Message::Alarm(_)
                    | Message::AlarmTaken { .. }
                    | Message::Unknown { .. } => Ok(()),
                }
            }
        }
    }

    fn note_unit(&mut self, message: &Message) -> Result<(), Wrong> {
        match message {
            Message::Accept { .. } => {
                self.accepts += 1;
                if self.accepts > 1 {
                    return Err(Wrong::TwoWinners);
                }
                Ok(())
            }
            Message::Reject(rejection) => Err(Wrong::Refused(rejection.word().to_owned())),
            Message::End(ending) => Err(Wrong::Refused(ending.word().to_owned())),
            Message::Request(_)
            | Message::Keep { .. }
            | Message::OpenDoor { .. }
            | Message::Joined { .. }
            | Message::JoinRefused { .. }
            | Message::Alarm(_)
            | Message::AlarmTaken { .. }
            | Message::Unknown { .. } => Ok(()),
        }
    }

    /// What is to be done; says each thing to do once.
    pub(super) fn step(&mut self) -> Result<Step, Wrong> {
        let ended = self.screens.iter().filter(|it| it.ended.is_some()).count();
        match self.stage {
            Stage::Ringing if ended > 0 => Err(Wrong::EndedEarly),
            Stage::Ringing if self.screens.iter().all(|screen| screen.rang.is_some()) => {
                self.stage = Stage::Answering;
                Ok(Step::Answer)
            }
            Stage::Answering if ended == self.screens.len() => Err(Wrong::NobodyWon),
            Stage::Answering if self.accepts == 1 && ended + 1 == self.screens.len() => {
                let winner = self.winner().ok_or(Wrong::NobodyWon)?;
                if winner.answered.is_none() {
                    return Err(Wrong::TwoWinners);
                }
                self.stage = Stage::HangingUp;
                Ok(Step::HangUp)
            }
            Stage::HangingUp if ended == self.screens.len() => {
                self.stage = Stage::Over;
                Ok(Step::Done)
            }
            Stage::Ringing | Stage::Answering | Stage::HangingUp | Stage::Over => Ok(Step::Wait),
        }
    }

    /// What a call that does not go on lacks.
    pub(super) fn missing(&self) -> Wrong {
        match self.stage {
            Stage::Ringing => Wrong::NotRung,
            Stage::Answering if self.accepts == 0 => Wrong::NobodyWon,
            Stage::Answering | Stage::HangingUp | Stage::Over => Wrong::MissingEnd,
        }
    }

    /// Of a call that is done: the winner is the one that ended last, at the hang-up.
    pub(super) fn delays(&self) -> Delays {
        let since = |from: Instant, to: Option<Instant>| {
            to.map_or(Duration::ZERO, |to| to.saturating_duration_since(from))
        };
        let rang = self.screens.iter().map(|it| since(self.pressed, it.rang));
        let winner = (0..self.screens.len()).max_by_key(|at| self.screens[*at].ended);
        let accepted = winner.and_then(|at| self.screens[at].answered);
        let losers = (0..self.screens.len()).filter(|at| Some(*at) != winner);
        let accepted = accepted.unwrap_or(self.pressed);
        Delays {
            press_to_ring: rang.collect(),
            accept_to_call_end: losers
                .map(|at| since(accepted, self.screens[at].ended))
                .collect(),
        }
    }

    fn winner(&self) -> Option<&Screen> {
        self.screens.iter().find(|screen| screen.ended.is_none())
    }
}
