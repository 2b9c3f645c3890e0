//! The last retained message of each topic (MQTT 3.1.1 §3.3.1.3), bounded in number and bytes.
//! Ordered by topic, so that a filter with a literal beginning looks only at its part.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Instant;

use super::publication::Publication;
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

    /// Replaces the message of its topic, or clears it if the payload is empty. Returns false if a
    /// limit forbids it; then the topic's earlier message is gone too, being out of date.
    pub(crate) fn set(
        &mut self,
        message: &Arc<Publication>,
        (count_max, bytes_max): (usize, usize),
        now: Instant,
    ) -> bool {
        if let Some(old) = self.by_topic.remove(&message.topic) {
            self.bytes -= old.bytes();
        }
        if message.payload.is_empty() {
            return true;
        }
        let bytes = message.bytes();
        let is_full = |this: &Self| {
            this.by_topic.len() >= count_max || this.bytes.saturating_add(bytes) > bytes_max
        };
        if is_full(self) {
            self.purge(now);
        }
        if is_full(self) {
            return false;
        }
        self.bytes += bytes;
        self.by_topic
            .insert(Arc::clone(&message.topic), Arc::clone(message));
        true
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

    fn purge(&mut self, now: Instant) {
        let bytes = &mut self.bytes;
        self.by_topic.retain(|_, message| {
            let keep = !message.is_expired(now);
            if !keep {
                *bytes -= message.bytes();
            }
            keep
        });
    }
}
