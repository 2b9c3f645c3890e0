//! One whole call of a household, and getting over one that failed.

use std::time::Duration;

use tokio::time::timeout;

use super::error::LoadError;
use super::household::{DOOR, Household, PHONES};
use super::progress::{Delays, Progress, Step};

/// Far above any delay of a server that works, below the 30 s after which a call ends unanswered.
const CALL_WAIT: Duration = Duration::from_secs(10);

const PRESS: &str = "/api/mqtt/call";
const BY_RESIDENT: &str = "/api/mqtt/controller/resident";
const BY_DOOR: &str = "/api/mqtt/controller/device";

impl Household {
    /// Rings, answers and hangs up, with everybody hearing of everything.
    pub(super) async fn call(&mut self) -> Result<Delays, LoadError> {
        let winner = self.winner;
        self.winner = PHONES
            .into_iter()
            .find(|it| *it != winner)
            .unwrap_or(winner);
        let mut progress = Progress::new(winner, (self.clocks.monotonic)());
        let done = match timeout(CALL_WAIT, self.converse(winner, &mut progress)).await {
            Ok(done) => done,
            Err(_) => Err(LoadError::Hung {
                missing: progress.missing(),
            }),
        };
        match done {
            Ok(()) => Ok(progress.delays()),
            Err(why) => {
                self.get_over(progress.call()).await?;
                Err(why)
            }
        }
    }

    async fn converse(&mut self, winner: usize, progress: &mut Progress) -> Result<(), LoadError> {
        let press = format!(
            r#"{{"device_device_id":"{}","household_number":"{}","timestamp":{}}}"#,
            self.home.door.device_id,
            self.home.number,
            (self.clocks.wall_ms)(),
        );
        self.post(DOOR, PRESS, &press).await?;
        loop {
            let (seat, event, now) = self.next().await?;
            progress.note(seat, &event, now)?;
            match progress.step(now) {
                Step::Wait => {}
                Step::Answer => {
                    self.control(winner, BY_RESIDENT, "answered", progress)
                        .await?
                }
                Step::HangUp => self.control(DOOR, BY_DOOR, "hangup", progress).await?,
                Step::Done => return Ok(()),
            }
        }
    }

    async fn control(
        &mut self,
        seat: usize,
        path: &'static str,
        action: &str,
        progress: &Progress,
    ) -> Result<(), LoadError> {
        let call = progress.call().unwrap_or_default();
        let now = (self.clocks.wall_ms)();
        let body = format!(r#"{{"action":"{action}","call_id":"{call}","timestamp":{now}}}"#);
        self.post(seat, path, &body).await
    }

    /// Starts afresh: new connections, and the end of the call if it is known.
    async fn get_over(&mut self, call: Option<&str>) -> Result<(), LoadError> {
        self.connect_again().await?;
        if let Some(call) = call {
            let body = format!(r#"{{"action":"hangup","call_id":"{call}"}}"#);
            self.post(DOOR, BY_DOOR, &body).await?;
            if let Ok(answer) = timeout(CALL_WAIT, self.answer(DOOR)).await {
                answer?;
            }
        }
        Ok(())
    }
}
