//! Opening doors: what a peer asks for, and what a door is told. Source: S3 §2.7.
//!
//! `open_door` has no id of its own, so what a connection asks for in one call within three seconds is
//! one request. The door cannot confirm: what it was told is handed over, and no more is known.

use std::time::Duration;

use app::Failure;
use app::unlock::{Ask, Asker, Unlocks};
use engine::id::CallId;
use tokio::time::timeout;

use crate::link::conversation::{Conversation, Gone};
use crate::link::memory::Request;
use crate::registry::{Opening, Written};
use crate::wire::{Message, OpenDoor};

/// For how long the same request is meant.
const ONE_REQUEST: Duration = Duration::from_secs(3);

impl Conversation {
    /// Asks for the door of the call that the message means. The answer is the door's opening, or
    /// silence: the protocol has no other.
    pub(super) fn open_door(&mut self, sid: Option<&str>) {
        let (Some(call), Some(by)) = (self.refer_as_leg(sid), self.actor()) else {
            return;
        };
        let key = self.request_key(&call);
        let ask = Ask {
            by: Asker::Party(by),
            key,
            call: Some(call),
            door: None,
            nonce: None,
        };
        let unlocks = self.house.ports().unlocks.clone();
        drop(self.house.ports().tasks.detach(ask_for(unlocks, ask)));
    }

    fn request_key(&mut self, call: &CallId) -> String {
        let now = self.house.ports().calls.now();
        let is_same = |last: &&Request| last.call == *call && now.since(last.at) < ONE_REQUEST;
        if let Some(last) = self.asked.as_ref().filter(is_same) {
            return last.key.clone();
        }
        let key = format!("{}-{}", self.handle.no, now.ms());
        self.asked = Some(Request {
            call: call.clone(),
            at: now,
            key: key.clone(),
        });
        key
    }

    /// Tells the door, unless the order has become too old on its way here, and says what became of
    /// it. A peer that does not take it in time is given up: what it has of it must not arrive later.
    pub(super) async fn tell_open(&mut self, opening: Opening) -> Result<(), Gone> {
        let Opening { order, written } = opening;
        let left = order.ends.since(self.house.ports().calls.now());
        let is_here = order.call.is_some() && order.call.as_ref() == self.current.call();
        let (told, became) = if left.is_zero() || !is_here {
            self.drop_message("order_too_late");
            (Ok(()), Written::Nothing)
        } else {
            let sid = self.current.name().map(str::to_owned);
            let message = Message::OpenDoor(OpenDoor { sid });
            match timeout(left, self.socket.say(&message)).await {
                Ok(Ok(())) => (Ok(()), Written::Whole),
                Ok(Err(_)) | Err(_) => {
                    self.socket.cut();
                    (Err(Gone), Written::Unsure)
                }
            }
        };
        if written.send(became).is_err() {
            tracing::debug!("whoever asked for a door has gone away");
        }
        told
    }
}

async fn ask_for(unlocks: Unlocks, ask: Ask) {
    match unlocks.ask(ask).await {
        Ok(unlock) => tracing::debug!(unlock = %unlock.id, "a door was asked for"),
        Err(Failure::Unavailable(why)) => tracing::warn!(why, "a door could not be asked for"),
        Err(failure) => tracing::debug!(%failure, "a door was asked for in vain"),
    }
}
