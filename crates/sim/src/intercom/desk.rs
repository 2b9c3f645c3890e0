//! What a party attends to at one time: its one line, others who call meanwhile, alarms.

use super::callers::Callers;
use super::channel::Channel;
use super::event::{Event, Tell};
use super::wire::{Alarm, Message, Rejection, Request, Why};
use crate::error::SimError;

pub(super) struct Desk<'a> {
    /// Those who connect to us, if anybody may.
    pub(super) callers: Option<Callers>,
    pub(super) tell: &'a mut Tell<'a>,
    /// Says at once that a person has taken an alarm.
    pub(super) takes_alarms: bool,
}

/// What a party that waits is wanted for.
pub(super) enum Wanted {
    /// A call, and where it is spoken about.
    Call(Box<(Channel, Request)>),
    /// An alarm, which has been seen to.
    Alarm,
}

impl Desk<'_> {
    pub(super) fn tell(&mut self, event: Event) {
        (self.tell)(event);
    }

    /// Puts a message in line and tells so.
    pub(super) fn say(&mut self, channel: &mut Channel, message: Message) {
        channel.post(&message);
        self.tell(Event::Said(message));
    }

    /// The next message on this channel. Whoever calls elsewhere meanwhile is turned away.
    pub(super) async fn hear(&mut self, channel: &mut Channel) -> Result<Message, SimError> {
        loop {
            tokio::select! {
                biased;
                message = channel.next() => {
                    let message = message?;
                    if let Message::Alarm(alarm) = message {
                        self.take_alarm(channel, alarm);
                    } else {
                        return Ok(message);
                    }
                }
                other = next_of(&mut self.callers) => {
                    let (channel, message) = other?;
                    self.turn_away(channel, message);
                }
            }
        }
    }

    /// Whatever comes first from those who connect to us; waits for ever where nobody may.
    pub(super) async fn wait(&mut self) -> Result<Wanted, SimError> {
        loop {
            let (mut channel, message) = next_of(&mut self.callers).await?;
            if let Message::Request(request) = message {
                self.tell(Event::Heard(Message::Request(request.clone())));
                return Ok(Wanted::Call(Box::new((channel, *request))));
            }
            if let Message::Alarm(alarm) = message {
                self.take_alarm(&mut channel, alarm);
                let sent = channel.flush().await;
                self.keep(channel);
                return sent.map(|()| Wanted::Alarm);
            }
            self.tell(Event::PassedOver(message));
            self.keep(channel);
        }
    }

    /// Waits on a channel whose call is over, until its owner closes it or calls again.
    pub(super) fn keep(&mut self, channel: Channel) {
        if let Some(callers) = &mut self.callers {
            callers.wait_on(channel);
        }
    }

    fn turn_away(&mut self, mut channel: Channel, message: Message) {
        if let Message::Request(request) = message {
            let Request { sid, src, .. } = *request;
            channel.post(&Message::Reject(Rejection::of(&sid, Why::LineBusy)));
            self.tell(Event::TurnedAway { caller: src.id });
        } else if let Message::Alarm(alarm) = message {
            self.take_alarm(&mut channel, alarm);
        } else {
            self.tell(Event::PassedOver(message));
        }
        self.keep(channel);
    }

    fn take_alarm(&mut self, channel: &mut Channel, alarm: Alarm) {
        let (port, name) = (alarm.port.clone(), alarm.name.clone());
        self.tell(Event::Heard(Message::Alarm(alarm)));
        if self.takes_alarms {
            self.say(channel, Message::AlarmTaken { port, name });
        }
    }
}

async fn next_of(callers: &mut Option<Callers>) -> Result<(Channel, Message), SimError> {
    match callers {
        Some(callers) => callers.next().await,
        None => std::future::pending().await,
    }
}
