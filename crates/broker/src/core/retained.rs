//! The last retained message of each topic (MQTT 3.1.1 §3.3.1.3), bounded in number and bytes.
//! Ordered by topic, so that a filter with a literal beginning looks only at its part.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Instant;

use super::ledger::Ledger;
use super::publication::Publication;
use crate::journal::Record;
use crate::topic;

/// All retained messages.
#[derive(Default)]
pub(crate) struct Retained {
    by_topic: BTreeMap<Arc<str>, Arc<Publication>>,
    bytes: usize,
}

impl Retained {
    pub(crate) fn count(&self) -> usize {
        self.by_topic.len()
    }

    /// The bytes that are counted, and those that are there.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let there = self.by_topic.values().map(|message| message.bytes());
        (self.bytes, there.sum())
    }

    /// Replaces the message of its topic, or clears it if the payload is empty. Returns false if a
    /// limit forbids it; then the topic's earlier message is gone too, being out of date.
    pub(crate) fn set(
        &mut self,
        message: &Arc<Publication>,
        (count_max, bytes_max): (usize, usize),
        now: Instant,
        ledger: &mut Ledger,
    ) -> bool {
        if let Some(old) = self.by_topic.remove(&message.topic) {
            self.bytes -= old.bytes();
            forget(&old, ledger);
        }
        if message.payload.is_empty() {
            return true;
        }
        let bytes = message.bytes();
        let is_full = |this: &Self| {
            this.by_topic.len() >= count_max || this.bytes.saturating_add(bytes) > bytes_max
        };
        if is_full(self) {
            self.purge(now, ledger);
        }
        if is_full(self) {
            return false;
        }
        self.put(message);
        if let Some(no) = ledger.hold(message) {
            ledger.note(Record::Retained {
                topic: Arc::clone(&message.topic),
                message: no,
            });
        }
        true
    }

    /// Puts a message where nothing is.
    pub(crate) fn put(&mut self, message: &Arc<Publication>) {
        self.bytes += message.bytes();
        self.by_topic
            .insert(Arc::clone(&message.topic), Arc::clone(message));
    }

    /// The messages that match `filter` and are not expired, in the order of their topics.
    pub(crate) fn matching(&self, filter: &str, now: Instant) -> Vec<Arc<Publication>> {
        let prefix = topic::literal_prefix(filter);
        self.by_topic
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(|(name, _)| name.starts_with(prefix))
            .filter(|(name, message)| topic::matches(filter, name) && !message.is_expired(now))
            .map(|(_, message)| Arc::clone(message))
            .collect()
    }

    fn purge(&mut self, now: Instant, ledger: &mut Ledger) {
        let bytes = &mut self.bytes;
        self.by_topic.retain(|_, message| {
            let keep = !message.is_expired(now);
            if !keep {
                *bytes -= message.bytes();
                forget(message, ledger);
            }
            keep
        });
    }
}

fn forget(message: &Publication, ledger: &mut Ledger) {
    let topic = Arc::clone(&message.topic);
    ledger.note(Record::RetainedGone { topic });
    ledger.release(message);
}
