//! The dialects' bus on the embedded broker.

use std::sync::Arc;

use broker::{Broker, LinkId, Message, Outcome};
use bus::{Audience, Bus};

use crate::machine::Stopwatch;

/// The bus of the dialects on the embedded broker.
pub(crate) struct EmbeddedBus {
    broker: Broker,
    stopwatch: Stopwatch,
}

impl EmbeddedBus {
    pub(crate) fn new(broker: Broker, stopwatch: Stopwatch) -> Self {
        Self { broker, stopwatch }
    }
}

impl Bus for EmbeddedBus {
    fn publish(&self, message: bus::Message, outcome: Option<bus::OnOutcome>) {
        let bus::Message {
            topic,
            payload,
            qos,
            life,
            offline,
            audience,
        } = message;
        let audience = match audience {
            Audience::Everyone => broker::Audience::Everyone,
            Audience::Subjects(subjects) => broker::Audience::Subjects(Arc::from(subjects)),
            Audience::Links(links) => {
                broker::Audience::Links(links.into_iter().map(|link| LinkId(link.0)).collect())
            }
        };
        let expires = Some(self.stopwatch.now() + life);
        let message = Message {
            topic,
            payload,
            qos,
            retain: false,
            transient: !offline,
            expires,
            audience,
        };
        let outcome = outcome.map(|told| -> broker::OutcomeFn {
            Arc::new(move |outcome| match outcome {
                Outcome::Acknowledged(_) => told(bus::Outcome::Acknowledged),
                Outcome::Lost(_) | Outcome::Unrouted => told(bus::Outcome::Lost),
            })
        });
        self.broker.publish(message, outcome);
    }
}
