//! The life of a connection: hear, speak, keep alive, and what is lost with it.

use std::sync::Arc;
use std::time::Duration;

use engine::call::{Actor, Call, Gone as LegGone, Input, LegState, Party, party_of};
use engine::id::CallId;
use metrics::gauge;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

use crate::link::conversation::{Conversation, Gone, Role};
use crate::link::socket::Heard;
use crate::registry::Opening;
use crate::wire::Message;

/// A connection that has said nothing of sense by then is closed, and so is one that has not joined.
const FIRST_FRAME: Duration = Duration::from_secs(3);

/// Frames that may come between two keep-alives of ours; a peer that sends more is closed.
const FRAMES_MAX: u32 = 200;

/// Reads between two keep-alives of ours that complete no frame: the longest frame, each byte in a
/// packet of its own.
const PARTS_MAX: u32 = 65_536;

/// What a party that lost its link is noted to have said.
const LINK_LOST: &str = "link_lost";

/// How often, and in which distance, it is tried to end what a lost link carried: a store that is
/// away for longer takes the process with it.
const LOSS_TRIES: u32 = 60;
const LOSS_PAUSE: Duration = Duration::from_secs(1);

enum Next {
    Heard(Heard),
    Open(Opening),
    Wake,
    Keep,
    Dead,
    Peers,
    Stop,
}

/// When something is to be done without anybody's doing.
struct Times {
    keep: Interval,
    dead: Interval,
    dead_after: Duration,
    frames: u32,
    parts: u32,
}

impl Times {
    fn new(keep: Duration, dead_after: Duration, first: Duration) -> Self {
        Self {
            keep: later(keep),
            dead: later(first),
            dead_after,
            frames: 0,
            parts: 0,
        }
    }

    /// The peer is there.
    fn note_life(&mut self) {
        if self.dead.period() == self.dead_after {
            self.dead.reset();
        } else {
            self.dead = later(self.dead_after);
        }
    }

    /// Something came that completed no frame; an error if that was too often.
    fn count_part(&mut self) -> Result<(), Gone> {
        self.parts += 1;
        (self.parts <= PARTS_MAX).then_some(()).ok_or(Gone)
    }

    /// A frame came; an error if there were too many.
    fn count(&mut self) -> Result<(), Gone> {
        self.frames += 1;
        (self.frames <= FRAMES_MAX).then_some(()).ok_or(Gone)
    }
}

/// Ticks after each period, not at once.
fn later(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.reset();
    ticks
}

impl Conversation {
    /// Runs the connection to its end.
    pub(crate) async fn run(mut self) {
        let endpoint = self.endpoint();
        let has_room = endpoint
            .as_ref()
            .is_none_or(|endpoint| self.house.registry().add(endpoint, &self.handle));
        if has_room {
            gauge!("koumen_smartbox_links").increment(1);
            if self.speak().await.is_ok() && self.speak_alarms().await.is_ok() {
                self.converse().await;
            }
            gauge!("koumen_smartbox_links").decrement(1);
        } else {
            self.drop_message("too_many_links");
        }
        if let Some(endpoint) = self.endpoint() {
            self.house.registry().remove(&endpoint, &self.handle);
        }
        self.socket.close().await;
        self.lose().await;
    }

    async fn converse(&mut self) {
        let settings = &self.house.ports().settings;
        let first = match self.was_called() {
            true => settings.dead,
            false => FIRST_FRAME.min(settings.dead),
        };
        let mut times = Times::new(settings.keep, settings.dead, first);
        let mut peers = self.house.ports().peers.watch();
        if !self.is_still_known() {
            return;
        }
        let stop = self.house.ports().tasks.stop().clone();
        let handle = Arc::clone(&self.handle);
        while !self.is_done() {
            let next = tokio::select! {
                biased;
                () = stop.cancelled() => Next::Stop,
                () = handle.close.cancelled() => Next::Stop,
                Ok(()) = peers.changed() => Next::Peers,
                Some(order) = self.orders.recv() => Next::Open(order),
                () = handle.wake.notified() => Next::Wake,
                _ = times.keep.tick() => Next::Keep,
                _ = times.dead.tick() => Next::Dead,
                heard = self.socket.hear() => Next::Heard(heard),
            };
            if self.step(next, &mut times).await.is_err() {
                return;
            }
        }
    }

    /// A connection that was made for a call is over with it.
    fn is_done(&self) -> bool {
        self.was_called() && self.current.call().is_none()
    }

    fn was_called(&self) -> bool {
        matches!(self.role, Role::Callee(_))
    }

    async fn step(&mut self, next: Next, times: &mut Times) -> Result<(), Gone> {
        match next {
            Next::Heard(Heard::Frame(frame)) => {
                times.count()?;
                self.take(*frame).await?;
                // A stranger that only keeps alive must not stay.
                if self.role != Role::Stranger {
                    times.note_life();
                }
                Ok(())
            }
            Next::Heard(Heard::Nonsense(fault)) => {
                tracing::debug!(%fault, "a frame is no message");
                self.drop_message("nonsense");
                times.count()
            }
            Next::Open(order) => self.tell_open(order).await,
            Next::Wake => {
                self.speak().await?;
                self.speak_alarms().await
            }
            Next::Heard(Heard::Part) => times.count_part(),
            Next::Keep => {
                (times.frames, times.parts) = (0, 0);
                let sid = self.current.name().map(str::to_owned);
                self.say(Message::CallKeep { sid }).await
            }
            Next::Peers if self.is_still_known() => Ok(()),
            Next::Peers | Next::Dead | Next::Stop | Next::Heard(Heard::Over) => Err(Gone),
        }
    }

    /// What goes with the link: a conversation, the call of whoever called, the leg that was called
    /// on it. A screen's offers stay, for it may come back.
    async fn lose(&mut self) {
        let call = match &self.role {
            Role::Callee(call) => Some(call.clone()),
            Role::Stranger | Role::Screen | Role::Caller => self.current.call().cloned(),
        };
        let (Some(call), Some(by)) = (call, self.actor()) else {
            return;
        };
        for _ in 0..LOSS_TRIES {
            let Some(input) = self.find_loss(&call, &by).await else {
                return;
            };
            let Err(failure) = self.house.ports().calls.handle(input).await else {
                return;
            };
            tracing::warn!(%failure, "a call could not be told yet that a link is lost");
            if self.house.ports().tasks.stop().is_cancelled() {
                return;
            }
            sleep(LOSS_PAUSE).await;
        }
    }

    /// What the loss of the link means for the call, if it means anything.
    async fn find_loss(&self, call: &CallId, by: &Actor) -> Option<Input> {
        let registry = self.house.registry();
        let is_elsewhere = registry.is_elsewhere(call, &by.endpoint, &self.handle);
        registry.displace(call, &by.endpoint, &self.handle);
        let found = self.house.ports().calls.find(call).await.ok()??;
        let (call, by) = (call.clone(), by.clone());
        let note = Some(LINK_LOST.to_owned());
        match party_of(&found, &by.endpoint)? {
            _ if found.ended().is_some() || is_elsewhere => None,
            Party::Caller => Some(Input::Hangup { call, by, note }),
            Party::Leg(leg) if is_won(&found, leg) => Some(Input::Hangup { call, by, note }),
            Party::Leg(leg) if self.was_called() && found.legs[leg.0].is_open() => {
                let gone = LegGone::Unreachable;
                Some(Input::GiveUp { call, by, gone })
            }
            Party::Leg(_) => None,
        }
    }
}

fn is_won(call: &Call, leg: engine::call::LegNo) -> bool {
    call.legs[leg.0].state == LegState::Won
}
