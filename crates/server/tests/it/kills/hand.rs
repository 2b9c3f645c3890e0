//! The hands: doors press and hang up, phones answer, decline and hang up, by chance.
//!
//! A hand insists on an answer to everything it sends and enters what was acknowledged.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use testkit::Dice;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::asking::{Answered, Client};
use super::ear::Hearing;
use super::ledger::Ledger;
use super::town::FLATS;

/// Looks at a call's state before a hand gives up: half a minute, far beyond the ring limit.
const LOOKS: usize = 1500;
const LOOK: Duration = Duration::from_millis(20);

pub(super) struct Hand {
    pub(super) client: Client,
    pub(super) hearing: Arc<Hearing>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) dice: Dice,
}

impl Hand {
    /// Places one call after another until stopped; leaves none of its own alive.
    pub(super) async fn press_on(mut self, device: String, stop: CancellationToken) {
        let mut present: Option<String> = None;
        while !stop.is_cancelled() {
            let number = self.dice.pick(&FLATS);
            let pressed = self.press(&device, number).await;
            // A door has one call: a new one, or a refusal of it, ended the former one.
            if let Some(former) = present
                .take()
                .filter(|former| pressed.as_ref() != Some(former))
            {
                self.ledger.ended(&former);
            }
            let Some(call) = pressed else {
                self.pause(300).await;
                continue;
            };
            match self.dice.below(10) {
                0 => present = Some(call),
                1 => self.wait_for_end(&call).await,
                2..7 => self.hang_up_after(&call, 300).await,
                _ => self.hang_up_after(&call, 1000).await,
            }
            self.pause(100).await;
        }
        if let Some(call) = present {
            self.wait_for_end(&call).await;
        }
    }

    async fn press(&self, device: &str, number: &str) -> Option<String> {
        let body = json!({"device_device_id": device, "household_number": number});
        let Answered {
            status,
            body,
            unanswered,
        } = self.client.post("/api/mqtt/call", &body).await;
        (0..unanswered).for_each(|_| self.ledger.stray());
        match status {
            200 => {
                let call = body["data"]["call_id"].as_str().unwrap();
                self.ledger.pressed(call);
                self.hearing.expect_end(call);
                Some(call.to_owned())
            }
            409 => {
                self.ledger.stray();
                None
            }
            _ => panic!("a press was answered {status}: {body}"),
        }
    }

    async fn hang_up_after(&mut self, call: &str, most_ms: u64) {
        self.pause(most_ms).await;
        assert_eq!(self.client.act("device", call, "hangup").await, 200);
        self.ledger.ended(call);
    }

    /// The ring limit or a resident ends it.
    async fn wait_for_end(&self, call: &str) {
        for _ in 0..LOOKS {
            if self.client.status(call).await == "ended" {
                return self.ledger.ended(call);
            }
            tokio::time::sleep(LOOK).await;
        }
        panic!("call {call} has no end");
    }

    /// Meets one offer after another until stopped; hangs up whatever it answered.
    pub(super) async fn answer_on(
        mut self,
        resident: String,
        mut offers: mpsc::Receiver<String>,
        stop: CancellationToken,
    ) {
        loop {
            let call = tokio::select! {
                () = stop.cancelled() => return,
                offer = offers.recv() => offer,
            };
            let Some(call) = call else {
                return;
            };
            self.pause(150).await;
            match self.dice.below(10) {
                0..6 => self.answer(&resident, &call).await,
                6 => drop(self.client.act("resident", &call, "rejected").await),
                _ => {}
            }
        }
    }

    async fn answer(&mut self, resident: &str, call: &str) {
        if self.client.act("resident", call, "answered").await != 200 {
            return;
        }
        self.ledger.answered(call, resident);
        self.hearing.expect_end(call);
        self.pause(400).await;
        assert_eq!(self.client.act("resident", call, "hangup").await, 200);
        self.ledger.ended(call);
    }

    async fn pause(&mut self, most_ms: u64) {
        let pause = Duration::from_millis(self.dice.below(most_ms));
        tokio::time::sleep(pause).await;
    }
}
