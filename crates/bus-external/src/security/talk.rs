//! Asking the plugin and hearing its answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rumqttc::PublishOptions;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::line::Line;
use crate::security::answer::{Answer, Answers};
use crate::security::command::{Batch, Command, Marked};

/// A broker that needs longer for its first answer does not have the plugin, or not for us.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// With many thousands of accounts each change takes seconds.
const CHANGE_WAIT: Duration = Duration::from_secs(60);

/// Where the plugin is asked.
const COMMANDS: &str = "$CONTROL/dynamic-security/v1";

/// Where it answers.
pub(crate) const RESPONSES: &str = "$CONTROL/dynamic-security/v1/response";

/// Answers that may wait to be read; other administrators' come here too.
const ANSWERS_MAX: usize = 256;

/// Takes the plugin's answers from the connection.
pub(crate) struct Responses(mpsc::Sender<Bytes>);

impl Responses {
    /// Never blocks; one too many is lost, and whoever waits for it asks again.
    pub(crate) fn take(&self, payload: Bytes) {
        if self.0.try_send(payload).is_err() {
            tracing::debug!("an answer of the broker's plugin was not read");
        }
    }
}

/// The plugin did not answer, or the way to it was cut.
pub(super) struct NoAnswer;

pub(super) struct Talk {
    line: Arc<Line>,
    answers: mpsc::Receiver<Bytes>,
    /// Told apart from those of others who administer the broker, and of us before a restart.
    asked: u64,
}

impl Talk {
    pub(super) fn new(line: Arc<Line>) -> (Self, Responses) {
        let (sender, answers) = mpsc::channel(ANSWERS_MAX);
        let talk = Self {
            line,
            answers,
            asked: u64::from(std::process::id()) << 32,
        };
        (talk, Responses(sender))
    }

    /// Sends a batch and returns its answers, in order; the first on a connection.
    pub(super) async fn greet(&mut self, commands: Vec<Command>) -> Result<Vec<Answer>, NoAnswer> {
        self.ask_within(FIRST_WAIT, commands).await
    }

    /// Sends a batch and returns its answers, in order.
    pub(super) async fn ask(&mut self, commands: Vec<Command>) -> Result<Vec<Answer>, NoAnswer> {
        self.ask_within(CHANGE_WAIT, commands).await
    }

    async fn ask_within(
        &mut self,
        wait: Duration,
        commands: Vec<Command>,
    ) -> Result<Vec<Answer>, NoAnswer> {
        self.asked += 1;
        let correlation = self.asked.to_string();
        let commands = commands.into_iter().map(|command| Marked {
            command,
            correlation: correlation.clone(),
        });
        let batch = Batch {
            commands: commands.collect(),
        };
        let payload = serde_json::to_vec(&batch).map_err(|_| NoAnswer)?;
        let open = self.line.get().ok_or(NoAnswer)?;
        let options = PublishOptions::new(open.qos);
        let sent = open.client.try_publish(COMMANDS, payload, options);
        sent.map_err(|_| NoAnswer)?;
        let answered = timeout(wait, self.answer_to(&correlation)).await;
        answered.unwrap_or(Err(NoAnswer))
    }

    async fn answer_to(&mut self, correlation: &str) -> Result<Vec<Answer>, NoAnswer> {
        let mut way = self.line.watch();
        loop {
            let payload = tokio::select! {
                payload = self.answers.recv() => payload.ok_or(NoAnswer)?,
                _ = way.wait_for(|way| !way.is_open) => return Err(NoAnswer),
            };
            let Ok(Answers { responses }) = serde_json::from_slice(&payload) else {
                continue;
            };
            let is_it = |answer: &Answer| answer.correlation.as_deref() == Some(correlation);
            if responses.iter().any(is_it) {
                return Ok(responses);
            }
        }
    }
}
