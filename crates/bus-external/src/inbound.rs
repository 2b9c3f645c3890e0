//! What comes in: handed to the dialect whose topic it is, acknowledged once it is stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bus::{Inbound, Remote, Ticket};
use metrics::counter;
use rumqttc::AsyncClient;
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v5::Publish;
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::line::Line;
use crate::settings::RECEIVE_MAX;

/// How long after a failure what could not be stored is tried again. The broker counts on us: it
/// sends it again only after the connection broke.
const RETRY: Duration = Duration::from_secs(1);

/// The largest payload that is looked at.
const PAYLOAD_MAX: usize = 64 * 1024;

/// Messages in work at once. Those above `QoS` 0 are fewer by what we tell the broker.
const IN_WORK_MAX: usize = 2 * RECEIVE_MAX as usize;

pub(crate) struct Intake<P> {
    line: Arc<Line>,
    remotes: Vec<Arc<dyn Remote<P>>>,
    in_work: AtomicUsize,
    runtime: Handle,
}

/// A message and how it came.
struct Delivery {
    client: AsyncClient,
    publish: Publish,
    /// Counts the connections.
    times: u64,
}

impl<P: 'static> Intake<P> {
    pub(crate) fn new(line: Arc<Line>, remotes: Vec<Arc<dyn Remote<P>>>) -> Self {
        Self {
            line,
            remotes,
            in_work: AtomicUsize::new(0),
            runtime: Handle::current(),
        }
    }

    /// Every filter of every dialect.
    pub(crate) fn filters(&self) -> Vec<String> {
        let filters = self.remotes.iter().flat_map(|one| one.filters());
        filters.map(|filter| filter.to_string()).collect()
    }

    /// What every dialect publishes on, as filters.
    pub(crate) fn spoken(&self) -> Vec<String> {
        let filters = self.remotes.iter().flat_map(|one| one.spoken());
        filters.map(|filter| filter.to_string()).collect()
    }

    /// Never blocks. What nobody wants, is too large, lay at the broker for ever, or is at `QoS` 0 one
    /// too many is dropped; above that the broker sends no more than it was told.
    pub(crate) fn take(self: &Arc<Self>, client: &AsyncClient, publish: Publish) {
        let topic = std::str::from_utf8(&publish.topic).ok().map(Arc::from);
        let wanted = topic.and_then(|topic| Some((self.remote_of(&topic)?, topic)));
        let is_full = self.in_work.load(Ordering::Relaxed) >= IN_WORK_MAX;
        let is_one_too_many = is_full && publish.qos == QoS::AtMostOnce;
        let is_too_large = publish.payload.len() > PAYLOAD_MAX;
        match wanted {
            Some((remote, topic)) if !is_too_large && !is_one_too_many && !publish.retain => {
                self.in_work.fetch_add(1, Ordering::Relaxed);
                self.offer(
                    remote,
                    topic,
                    Delivery {
                        client: client.clone(),
                        publish,
                        times: self.line.watch().borrow().times,
                    },
                );
            }
            _ => {
                counter!("koumen_external_mqtt_dropped_total").increment(1);
                acknowledge(client, &publish);
            }
        }
    }

    fn offer(self: &Arc<Self>, remote: usize, topic: Arc<str>, delivery: Delivery) {
        let (intake, again) = (Arc::clone(self), Arc::clone(&topic));
        let payload = delivery.publish.payload.clone();
        let ticket = Ticket::new(move |stored| {
            if stored {
                intake.in_work.fetch_sub(1, Ordering::Relaxed);
                acknowledge(&delivery.client, &delivery.publish);
            } else {
                intake.retry(remote, again, delivery);
            }
        });
        self.remotes[remote].received(Inbound {
            topic,
            payload,
            ticket,
        });
    }

    /// Unless the connection broke meanwhile, whereupon the broker sends it again.
    fn retry(self: Arc<Self>, remote: usize, topic: Arc<str>, delivery: Delivery) {
        let runtime = self.runtime.clone();
        runtime.spawn(async move {
            sleep(RETRY).await;
            let way = *self.line.watch().borrow();
            if way.is_open && way.times == delivery.times {
                self.offer(remote, topic, delivery);
            } else {
                self.in_work.fetch_sub(1, Ordering::Relaxed);
            }
        });
    }

    fn remote_of(&self, topic: &str) -> Option<usize> {
        let takes = |remote: &Arc<dyn Remote<P>>| {
            let filters = remote.filters();
            filters.iter().any(|filter| matches(filter, topic))
        };
        self.remotes.iter().position(takes)
    }
}

/// On the connection that it came by, and on no other: packet ids are given anew.
pub(crate) fn acknowledge(client: &AsyncClient, publish: &Publish) {
    if publish.qos != QoS::AtMostOnce && client.try_ack(publish).is_err() {
        tracing::debug!("a message could not be acknowledged; the broker will send it again");
    }
}

/// Whether a topic is behind a filter. Source: MQTT 5 §4.7.
fn matches(filter: &str, topic: &str) -> bool {
    let mut levels = topic.split('/');
    for part in filter.split('/') {
        match (part, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (part, Some(level)) if part == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(filter: &str, topic: &str, expected: bool) {
        assert_eq!(matches(filter, topic), expected, "{filter} {topic}");
    }

    #[test]
    fn a_filter_matches_its_topics_and_no_others() {
        check("devices/+/calls/action", "devices/lobby/calls/action", true);
        check(
            "devices/+/calls/action",
            "devices/lobby/calls/control",
            false,
        );
        check("devices/+/calls/action", "devices/lobby/calls", false);
        check(
            "devices/+/calls/action",
            "devices/lobby/calls/action/x",
            false,
        );
        check("devices/#", "devices/lobby/x", true);
        check("devices/#", "devices", true);
        check("a/b", "a/c", false);
    }
}
