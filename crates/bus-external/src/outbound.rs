//! What the server says: handed to the broker or lost, never waited for.

use std::sync::Arc;
use std::time::Duration;

use bus::{Audience, Bus, Message, OnOutcome, Outcome};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use metrics::counter;
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v5::PublishProperties;
use rumqttc::{PublishNotice, PublishOptions};
use tokio::sync::{mpsc, watch};

use crate::line::{Line, Way, cut};

/// Messages that may be on their way to the broker; more are lost and said again later.
pub(crate) const OUTGOING_MAX: usize = 4096;

/// Speaks through the broker. A handle, cheap to clone.
#[derive(Clone)]
pub struct ExternalBus {
    line: Arc<Line>,
    waiting: mpsc::Sender<Waiting>,
}

/// A message that the broker has not acknowledged yet.
pub(crate) struct Waiting {
    notice: PublishNotice,
    told: Option<OnOutcome>,
    way: watch::Receiver<Way>,
    /// Counts the connections.
    times: u64,
}

impl ExternalBus {
    pub(crate) fn new(line: Arc<Line>) -> (Self, mpsc::Receiver<Waiting>) {
        let (waiting, outcomes) = mpsc::channel(OUTGOING_MAX);
        (Self { line, waiting }, outcomes)
    }

    /// Hands the message to the client; none if it cannot be sent now.
    fn send(&self, message: Message) -> Option<PublishNotice> {
        if message.audience != Audience::Everyone {
            tracing::error!(topic = %message.topic, "a message to some cannot go through this broker");
            return None;
        }
        let open = self.line.get()?;
        let properties = PublishProperties {
            message_expiry_interval: Some(whole_seconds(message.life)),
            ..PublishProperties::default()
        };
        let qos = match message.qos {
            0 => QoS::AtMostOnce,
            _ => open.qos,
        };
        let options = PublishOptions::new(qos).properties(properties);
        let topic = message.topic.to_string();
        open.client
            .try_publish_tracked(topic, message.payload, options)
            .ok()
    }
}

impl Bus for ExternalBus {
    fn publish(&self, message: Message, outcome: Option<OnOutcome>) {
        let Ok(place) = self.waiting.try_reserve() else {
            tell(outcome.as_ref(), Outcome::Lost);
            return;
        };
        // Looked at before: if the connection changes meanwhile, the message is lost, not forgotten.
        let way = self.line.watch();
        let times = way.borrow().times;
        match self.send(message) {
            Some(notice) => place.send(Waiting {
                notice,
                told: outcome,
                way,
                times,
            }),
            None => tell(outcome.as_ref(), Outcome::Lost),
        }
    }
}

/// Rounded up: nothing expires before its time.
fn whole_seconds(life: Duration) -> u32 {
    let seconds = life.as_secs() + u64::from(life.subsec_nanos() > 0);
    u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
}

fn tell(told: Option<&OnOutcome>, outcome: Outcome) {
    let name = match outcome {
        Outcome::Acknowledged => "acknowledged",
        Outcome::Lost => "lost",
    };
    counter!("koumen_external_mqtt_published_total", "outcome" => name).increment(1);
    if let Some(told) = told {
        told(outcome);
    }
}

/// Tells what became of each message.
pub(crate) async fn run_outcomes(mut incoming: mpsc::Receiver<Waiting>) {
    let mut open = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(waiting) = incoming.recv(), if open.len() < OUTGOING_MAX => {
                open.push(outcome(waiting));
            }
            Some(()) = open.next() => {}
            else => return,
        }
    }
}

async fn outcome(waiting: Waiting) {
    let Waiting {
        notice,
        told,
        way,
        times,
    } = waiting;
    let outcome = tokio::select! {
        outcome = notice.wait_completion_async() => match outcome {
            Ok(()) => Outcome::Acknowledged,
            Err(error) => {
                tracing::debug!(%error, "a message was lost");
                Outcome::Lost
            }
        },
        () = cut(way, times) => Outcome::Lost,
    };
    tell(told.as_ref(), outcome);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_lives_at_least_as_long_as_it_was_given() {
        for (life, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (30_000, 30)] {
            assert_eq!(whole_seconds(Duration::from_millis(life)), seconds);
        }
    }
}
