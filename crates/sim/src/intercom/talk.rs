//! One call of one party, as the caller or as the called side.
//!
//! ```text
//! caller   call_req → call_accept → talk → call_end     called   call_req → call_accept → call_end
//!                   → call_reject | call_end                              → call_reject
//! ```
//! A message that names another call counts for nothing. Source: S3 §2.

use std::time::Duration;

use tokio::time::timeout;

use super::channel::Channel;
use super::desk::Desk;
use super::event::{Event, Outcome};
use super::wire::{Ending, Message, Rejection, Request, Why};
use crate::error::SimError;

/// How long a party that ignores a call lets it ring; above any sensible ring time.
const RING_PATIENCE: Duration = Duration::from_secs(180);

/// What a party does with calls to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Takes it.
    Accept,
    /// Declines it.
    Reject(Why),
    /// Lets it ring.
    Ignore,
}

/// When the called side tells the door to open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OpenDoor {
    /// Not at all.
    #[default]
    Never,
    /// Just before it answers, or would.
    Ringing,
    /// Just after it answered.
    Talking,
}

/// How a party treats calls to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// What it does in the end.
    pub answer: Answer,
    /// How long it lets it ring first.
    pub after: Duration,
    /// Whether it opens the door.
    pub open: OpenDoor,
    /// When it hangs up, if the other side has not.
    pub talk: Duration,
}

/// How a party makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// When it takes the call back, if nobody has answered.
    pub ring: Duration,
    /// When it hangs up, if the other side has not.
    pub talk: Duration,
    /// Opens the door of the side it called, once answered.
    pub open: bool,
}

/// A party's lock, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    /// Opens when it is told to.
    There,
    /// There is none, and being told to open is of no effect.
    None,
}

/// What a call came to at its next turn.
enum Turn {
    Accepted,
    Rejected(Rejection),
    Ended(String),
    TimeUp,
}

/// One call: its attendant, its channel, its name.
pub(super) struct Talk<'t, 'd> {
    pub(super) desk: &'t mut Desk<'d>,
    pub(super) channel: &'t mut Channel,
    pub(super) lock: Lock,
    pub(super) sid: String,
}

impl Talk<'_, '_> {
    /// Calls, and stays until it is over.
    pub(super) async fn call(
        &mut self,
        request: Request,
        patience: Patience,
    ) -> Result<Outcome, SimError> {
        self.say(Message::Request(Box::new(request)));
        self.channel.name_call(Some(self.sid.clone()));
        let outcome = self.called(patience).await;
        self.over(outcome)
    }

    async fn called(&mut self, patience: Patience) -> Result<Outcome, SimError> {
        match self.turn(patience.ring).await? {
            Turn::Accepted => {
                if patience.open {
                    self.say(Message::OpenDoor { sid: None });
                }
                self.converse(patience.talk).await
            }
            Turn::Rejected(rejection) => Ok(Outcome::Refused {
                why: rejection.why,
                reason: rejection.word().to_owned(),
            }),
            Turn::Ended(reason) => Ok(Outcome::Unanswered { reason }),
            Turn::TimeUp => {
                self.end("cancelled").await?;
                Ok(Outcome::Cancelled)
            }
        }
    }

    /// Treats a call to this party, and stays until it is over.
    pub(super) async fn answer(&mut self, manner: Manner) -> Result<Outcome, SimError> {
        self.channel.name_call(Some(self.sid.clone()));
        let outcome = self.answered(manner).await;
        self.over(outcome)
    }

    async fn answered(&mut self, manner: Manner) -> Result<Outcome, SimError> {
        let rings = match manner.answer {
            Answer::Accept | Answer::Reject(_) => manner.after,
            Answer::Ignore => RING_PATIENCE,
        };
        match self.turn(rings).await? {
            Turn::TimeUp => {}
            Turn::Ended(reason) => return Ok(Outcome::Missed { reason }),
            Turn::Rejected(rejection) => {
                let reason = rejection.word().to_owned();
                return Ok(Outcome::Missed { reason });
            }
            Turn::Accepted => {
                let reason = "accepted elsewhere".to_owned();
                return Ok(Outcome::Missed { reason });
            }
        }
        if manner.open == OpenDoor::Ringing {
            self.say(Message::OpenDoor { sid: None });
        }
        match manner.answer {
            Answer::Ignore => Ok(Outcome::Missed {
                reason: "ignored".to_owned(),
            }),
            Answer::Reject(why) => {
                self.say(Message::Reject(Rejection::of(&self.sid, why)));
                self.channel.flush().await?;
                Ok(Outcome::Declined)
            }
            Answer::Accept => {
                let sid = Some(self.sid.clone());
                self.say(Message::Accept { sid });
                if manner.open == OpenDoor::Talking {
                    self.say(Message::OpenDoor { sid: None });
                }
                self.converse(manner.talk).await
            }
        }
    }

    async fn converse(&mut self, talk: Duration) -> Result<Outcome, SimError> {
        let turn = timeout(talk, async {
            loop {
                match self.turn(Duration::MAX).await? {
                    Turn::Ended(reason) => return Ok(reason),
                    Turn::Rejected(rejection) => return Ok(rejection.word().to_owned()),
                    Turn::Accepted | Turn::TimeUp => {}
                }
            }
        });
        let reason = match turn.await {
            Ok(reason) => reason?,
            Err(_) => {
                self.end("hangup").await?;
                "hangup".to_owned()
            }
        };
        Ok(Outcome::Talked { reason })
    }

    /// Listens until the call takes a turn.
    async fn turn(&mut self, patience: Duration) -> Result<Turn, SimError> {
        let listening = async {
            loop {
                let message = self.desk.hear(self.channel).await?;
                if message.sid().is_some_and(|sid| sid != self.sid) {
                    self.desk.tell(Event::PassedOver(message));
                    continue;
                }
                if let Some(turn) = self.take(message) {
                    return Ok(turn);
                }
            }
        };
        match timeout(patience, listening).await {
            Ok(turn) => turn,
            Err(_) => Ok(Turn::TimeUp),
        }
    }

    fn take(&mut self, message: Message) -> Option<Turn> {
        let turn = match &message {
            Message::Accept { .. } => Some(Turn::Accepted),
            Message::Reject(rejection) => Some(Turn::Rejected(rejection.clone())),
            Message::End(ending) => Some(Turn::Ended(ending.word().to_owned())),
            Message::OpenDoor { .. } if self.lock == Lock::There => {
                self.desk.tell(Event::Heard(message));
                self.desk.tell(Event::LockOpened);
                return None;
            }
            Message::Request(_)
            | Message::Keep { .. }
            | Message::OpenDoor { .. }
            | Message::Joined { .. }
            | Message::JoinRefused { .. }
            | Message::Alarm(_)
            | Message::AlarmTaken { .. }
            | Message::Unknown { .. } => None,
        };
        self.desk.tell(match turn {
            Some(_) => Event::Heard(message),
            None => Event::PassedOver(message),
        });
        turn
    }

    async fn end(&mut self, reason: &str) -> Result<(), SimError> {
        self.say(Message::End(Ending {
            sid: Some(self.sid.clone()),
            reason: Some(reason.to_owned()),
            message: None,
        }));
        self.channel.flush().await
    }

    fn say(&mut self, message: Message) {
        self.desk.say(self.channel, message);
    }

    /// A connection that ended is how the call went, not a failure of the run.
    fn over(&mut self, outcome: Result<Outcome, SimError>) -> Result<Outcome, SimError> {
        self.channel.name_call(None);
        match outcome {
            Err(error) if error.is_lost_link() => Ok(Outcome::Lost {
                why: error.to_string(),
            }),
            outcome => outcome,
        }
    }
}
