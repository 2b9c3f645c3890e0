//! What a step changes of what is kept: collected here, handed to the journal when the step is
//! over, and what waits until that is on disk.
//!
//! ```text
//! step ─▶ records ─▶ batch n ─▶ journal ─▶ kept(n) ─▶ the acknowledgements that waited for n
//! ```
//! Without a journal nothing is collected and nothing waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ids::SessionId;
use super::publication::Publication;
use crate::journal::{KeptMessage, MessageNo, Record, SessionNo};
use crate::link::LinkId;

/// One step's records; all batches up to one are on disk before the next is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Batch(pub(crate) u64);

/// Who goes on when a batch is on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Waiter {
    /// A link has answers to send.
    Link(LinkId),
    /// A session has QoS 2 messages to send.
    Session(SessionId),
}

/// Records of one step, for the journal.
pub(crate) struct Entry {
    pub(crate) batch: Batch,
    pub(crate) records: Vec<Record>,
    /// Somebody waits until they are on disk.
    pub(crate) is_urgent: bool,
}

/// The wall clock at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    pub(crate) at: Instant,
    pub(crate) wall_ms: i64,
}

#[derive(Default)]
pub(crate) struct Ledger {
    /// None: there is no journal.
    anchor: Option<Anchor>,
    last_session: u64,
    last_message: u64,
    records: Vec<Record>,
    is_urgent: bool,
    /// The last one handed out; `records` will be the next.
    last_batch: Batch,
    kept: Batch,
    waiting: BTreeMap<Batch, Vec<Waiter>>,
    /// Records without hurry are with the journal.
    is_idle: bool,
}

impl Ledger {
    /// Collects from now on; numbers go on after the last ones that were kept.
    pub(crate) fn start(&mut self, anchor: Anchor, session: SessionNo, message: MessageNo) {
        self.anchor = Some(anchor);
        self.last_session = session.0;
        self.last_message = message.0;
    }

    /// The number of a new session; none without a journal.
    pub(crate) fn number_session(&mut self) -> Option<SessionNo> {
        self.anchor?;
        self.last_session += 1;
        Some(SessionNo(self.last_session))
    }

    /// One more refers to a message; its number. None without a journal.
    pub(crate) fn hold(&mut self, message: &Arc<Publication>) -> Option<MessageNo> {
        self.anchor?;
        if let Some(no) = message.kept.hold() {
            return Some(no);
        }
        self.last_message += 1;
        let no = MessageNo(self.last_message);
        message.kept.number(no);
        let kept = KeptMessage {
            topic: Arc::clone(&message.topic),
            payload: message.payload.clone(),
            properties: message.properties.clone(),
            qos: message.qos,
            expires_ms: message.expires.map(|at| self.wall_ms(at)),
        };
        self.note(Record::Message { no, message: kept });
        Some(no)
    }

    /// One less refers to a message that was held.
    pub(crate) fn release(&mut self, message: &Publication) {
        if let Some(message) = message.kept.release() {
            self.note(Record::MessageGone { message });
        }
    }

    pub(crate) fn note(&mut self, record: Record) {
        if self.anchor.is_some() {
            self.records.push(record);
        }
    }

    /// Has `waiter` go on when what this step noted is on disk; none if it noted nothing.
    pub(crate) fn wait(&mut self, waiter: Waiter) -> Option<Batch> {
        if self.records.is_empty() {
            return None;
        }
        self.is_urgent = true;
        let batch = Batch(self.last_batch.0 + 1);
        self.wait_for(batch, waiter);
        Some(batch)
    }

    /// Has `waiter` go on when a batch is on disk that is not yet there.
    pub(crate) fn wait_for(&mut self, batch: Batch, waiter: Waiter) {
        let waiting = self.waiting.entry(batch).or_default();
        if !waiting.contains(&waiter) {
            waiting.push(waiter);
        }
    }

    pub(crate) fn is_kept(&self, batch: Option<Batch>) -> bool {
        batch.is_none_or(|batch| batch <= self.kept)
    }

    /// What this step noted; none if it noted nothing.
    pub(crate) fn take(&mut self) -> Option<Entry> {
        if self.records.is_empty() {
            return None;
        }
        self.last_batch.0 += 1;
        let is_urgent = std::mem::take(&mut self.is_urgent);
        self.is_idle = !is_urgent;
        Some(Entry {
            batch: self.last_batch,
            records: std::mem::take(&mut self.records),
            is_urgent,
        })
    }

    /// Whether records without hurry should be asked for now.
    pub(crate) fn take_idle(&mut self) -> Option<Batch> {
        let was_idle = std::mem::take(&mut self.is_idle);
        was_idle.then_some(self.last_batch)
    }

    /// A batch is on disk; those who waited go on.
    pub(crate) fn settle(&mut self, batch: Batch) -> Vec<Waiter> {
        self.kept = self.kept.max(batch);
        let later = self.waiting.split_off(&Batch(batch.0 + 1));
        let ready = std::mem::replace(&mut self.waiting, later);
        ready.into_values().flatten().collect()
    }

    /// A batch could not be written, and will be with the next one, which is asked for. The links
    /// that waited for it wait no more; sessions still do.
    pub(crate) fn miss(&mut self, batch: Batch) -> Vec<LinkId> {
        self.is_idle = true;
        let mut links = Vec::new();
        for waiting in self.waiting.range_mut(..=batch).map(|(_, waiting)| waiting) {
            waiting.retain(|waiter| match waiter {
                Waiter::Link(link) => {
                    links.push(*link);
                    false
                }
                Waiter::Session(_) => true,
            });
        }
        links
    }

    /// A moment by the wall clock.
    pub(crate) fn wall_ms(&self, at: Instant) -> i64 {
        let Some(anchor) = self.anchor else { return 0 };
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let since = ms(at.saturating_duration_since(anchor.at));
        let before = ms(anchor.at.saturating_duration_since(at));
        anchor.wall_ms.saturating_add(since).saturating_sub(before)
    }

    /// A moment of the wall clock; one before the start is the start.
    pub(crate) fn instant(&self, wall_ms: i64, now: Instant) -> Instant {
        let Some(anchor) = self.anchor else {
            return now;
        };
        let ms = wall_ms.saturating_sub(anchor.wall_ms);
        anchor.at + Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other origin; only sums matter"
    )]
    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        let anchor = Anchor {
            at: Instant::now(),
            wall_ms: 1_000_000,
        };
        ledger.start(anchor, SessionNo(7), MessageNo(9));
        ledger
    }

    fn gone(no: u64) -> Record {
        let message = MessageNo(no);
        Record::MessageGone { message }
    }

    const LINK: Waiter = Waiter::Link(LinkId(1));

    #[test]
    fn those_who_wait_go_on_when_their_batch_is_kept() {
        let mut ledger = ledger();
        ledger.note(gone(1));
        let first = ledger.wait(LINK).unwrap();
        ledger.take().unwrap();
        ledger.note(gone(2));
        let second = ledger.wait(LINK).unwrap();
        ledger.take().unwrap();

        assert_eq!(ledger.settle(first), [LINK]);
        assert!(ledger.is_kept(Some(first)) && !ledger.is_kept(Some(second)));
        assert_eq!(ledger.settle(second), [LINK]);
        assert_eq!(ledger.settle(second), []);
    }

    #[test]
    fn a_step_without_news_waits_for_nothing() {
        let mut ledger = ledger();

        assert_eq!(ledger.wait(LINK), None);
        assert!(ledger.take().is_none());
    }

    #[test]
    fn records_without_hurry_are_asked_for_once() {
        let mut ledger = ledger();
        ledger.note(gone(1));
        assert!(!ledger.take().unwrap().is_urgent);

        assert_eq!(ledger.take_idle(), Some(Batch(1)));
        assert_eq!(ledger.take_idle(), None);
    }

    #[test]
    fn without_a_journal_nothing_is_noted() {
        let mut ledger = Ledger::default();

        ledger.note(gone(1));

        assert!(ledger.take().is_none() && ledger.number_session().is_none());
    }

    #[test]
    fn numbers_go_on_after_the_last_ones() {
        let mut ledger = ledger();

        assert_eq!(ledger.number_session(), Some(SessionNo(8)));
        let message = Arc::new(Publication::received(
            "t".into(),
            Bytes::new(),
            1,
            false,
            Bytes::new(),
            None,
        ));
        assert_eq!(ledger.hold(&message), Some(MessageNo(10)));
        assert_eq!(ledger.hold(&message), Some(MessageNo(10)));
        assert_eq!(ledger.take().unwrap().records.len(), 1);
        ledger.release(&message);
        assert!(ledger.take().is_none());
        ledger.release(&message);
        assert_eq!(ledger.take().unwrap().records, [gone(10)]);
    }

    #[test]
    fn moments_come_back_from_the_wall_clock() {
        let ledger = ledger();
        let anchor = ledger.anchor.unwrap().at;
        let later = anchor + Duration::from_secs(5);

        assert_eq!(ledger.wall_ms(later), 1_005_000);
        assert_eq!(ledger.instant(1_005_000, anchor), later);
        assert_eq!(ledger.instant(3, anchor), anchor);
    }
}
