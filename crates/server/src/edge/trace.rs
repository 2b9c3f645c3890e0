//! What befalls single clients, written down while an operator watches them.
//!
//! Costs one atomic load while nobody does. Knows neither secrets nor contents, so it cannot tell
//! them. A trace that has run out takes nothing more and can be read until its place is needed.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::port::{Clock, Trace, TraceEntry, Traces, Whom};
use app::principal::Principal;
use engine::time::Instant;

use crate::edge::roster::is_meant;

/// Traces at once. A client is traced while somebody looks into it; 16 people rarely do.
const TRACES_MAX: usize = 16;

/// Entries of one trace: with [`TEXT_BYTES_MAX`] all traces together stay below 6 MB.
const ENTRIES_MAX: usize = 500;

/// Bytes of a filter, topic or client id that are kept; those that are allowed are no longer.
const TEXT_BYTES_MAX: usize = 256;

/// What happened to a client.
#[derive(Clone, Copy, Default)]
pub(super) struct Happening<'a> {
    pub(super) client_id: &'a str,
    pub(super) event: &'static str,
    pub(super) reason: Option<&'static str>,
    pub(super) topic: Option<&'a str>,
}

/// The traces. At most [`TRACES_MAX`] are kept.
pub(crate) struct Tracer {
    /// False: no trace runs.
    runs: AtomicBool,
    kept: Mutex<Vec<Kept>>,
    clock: Arc<dyn Clock>,
}

struct Kept {
    whom: Whom,
    until: Instant,
    entries: VecDeque<TraceEntry>,
}

impl Tracer {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            runs: AtomicBool::new(false),
            kept: Mutex::default(),
            clock,
        }
    }

    /// Whether anybody is traced; what is noted while nobody is, is lost.
    pub(super) fn runs(&self) -> bool {
        self.runs.load(Ordering::Relaxed)
    }

    /// Notes what happened to whoever is signed in.
    pub(super) fn note(&self, principal: &Principal, happening: Happening<'_>) {
        self.write(happening, |whom| is_meant(whom, principal));
    }

    /// Notes what happened to a stranger who said to be a device or resident by this name.
    pub(super) fn note_name(&self, name: &str, happening: Happening<'_>) {
        self.write(happening, |whom| match whom {
            Whom::Door(device) => device.as_str() == name,
            Whom::Resident(resident) => resident.as_str() == name,
            Whom::Client(_) => false,
        });
    }

    fn write(&self, happening: Happening<'_>, is_traced: impl Fn(&Whom) -> bool) {
        if !self.runs() {
            return;
        }
        let at = self.clock.now();
        let mut kept = self.kept();
        for trace in kept.iter_mut().filter(|one| at < one.until) {
            if is_traced(&trace.whom) {
                trace.push(entry(at, happening));
            }
        }
        self.see_who_runs(&kept, at);
    }

    fn see_who_runs(&self, kept: &[Kept], now: Instant) {
        let runs = kept.iter().any(|one| now < one.until);
        self.runs.store(runs, Ordering::Relaxed);
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Traces for Tracer {
    fn begin(&self, whom: Whom, life: Duration) -> Option<Trace> {
        let now = self.clock.now();
        let mut kept = self.kept();
        kept.retain(|one| one.whom != whom);
        if kept.len() >= TRACES_MAX {
            let over = (0..kept.len()).filter(|at| kept[*at].until <= now);
            let oldest = over.min_by_key(|at| kept[*at].until)?;
            kept.remove(oldest);
        }
        let begun = Kept {
            whom,
            until: now + life,
            entries: VecDeque::new(),
        };
        let trace = begun.show();
        kept.push(begun);
        self.see_who_runs(&kept, now);
        Some(trace)
    }

    fn find(&self, whom: &Whom) -> Option<Trace> {
        let kept = self.kept();
        kept.iter().find(|one| one.whom == *whom).map(Kept::show)
    }

    fn end(&self, whom: &Whom) -> bool {
        let mut kept = self.kept();
        let before = kept.len();
        kept.retain(|one| one.whom != *whom);
        self.see_who_runs(&kept, self.clock.now());
        kept.len() < before
    }
}

impl Kept {
    fn push(&mut self, entry: TraceEntry) {
        if self.entries.len() >= ENTRIES_MAX {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    fn show(&self) -> Trace {
        Trace {
            until: self.until,
            entries: self.entries.iter().cloned().collect(),
        }
    }
}

fn entry(at: Instant, happening: Happening<'_>) -> TraceEntry {
    let cut = |text: &str| {
        let end = text.floor_char_boundary(TEXT_BYTES_MAX);
        text[..end].to_owned()
    };
    TraceEntry {
        at,
        client_id: cut(happening.client_id),
        event: happening.event,
        reason: happening.reason,
        topic: happening.topic.map(cut),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use super::*;

    const LIFE: Duration = Duration::from_secs(60);

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Instant {
            Instant::from_ms(self.0.load(Ordering::Relaxed))
        }
    }

    fn tracer() -> (Arc<Hand>, Tracer) {
        let hand = Arc::new(Hand::default());
        (Arc::clone(&hand), Tracer::new(hand))
    }

    fn door(name: &str) -> Whom {
        Whom::Door(name.into())
    }

    fn subscribe(topic: &str) -> Happening<'_> {
        Happening {
            client_id: "panel",
            event: "subscribe_refused",
            topic: Some(topic),
            ..Happening::default()
        }
    }

    fn topics(tracer: &Tracer) -> Vec<String> {
        let entries = tracer.find(&door("lobby")).unwrap().entries;
        entries.into_iter().filter_map(|one| one.topic).collect()
    }

    #[test]
    fn a_trace_tells_of_its_own_client_alone_and_only_while_it_runs() {
        let (hand, tracer) = tracer();
        tracer.note_name("lobby", subscribe("before"));
        tracer.begin(door("lobby"), LIFE).unwrap();

        tracer.note_name("lobby", subscribe("during"));
        tracer.note_name("garage", subscribe("other"));
        hand.0.store(60_000, Ordering::Relaxed);
        tracer.note_name("lobby", subscribe("after"));

        assert_eq!(topics(&tracer), ["during"]);
        assert!(!tracer.runs());
    }

    #[test]
    fn a_trace_keeps_the_newest_entries_and_no_endless_texts() {
        let (_, tracer) = tracer();
        tracer.begin(door("lobby"), LIFE).unwrap();
        tracer.note_name("lobby", subscribe("oldest"));

        let endless = "ä".repeat(1000);
        for _ in 0..ENTRIES_MAX {
            let client_id = &endless;
            tracer.note_name(
                "lobby",
                Happening {
                    client_id,
                    ..subscribe(&endless)
                },
            );
        }

        let entries = tracer.find(&door("lobby")).unwrap().entries;
        let kept = "ä".repeat(TEXT_BYTES_MAX / 2);
        assert_eq!(entries.len(), ENTRIES_MAX);
        assert_eq!(entries[0].topic.as_ref(), Some(&kept));
        assert_eq!(entries[0].client_id, kept);
    }

    #[test]
    fn a_seventeenth_trace_must_wait_for_one_to_run_out_or_end() {
        let (hand, tracer) = tracer();
        for number in 0..TRACES_MAX {
            tracer.begin(door(&number.to_string()), LIFE).unwrap();
        }
        assert!(tracer.begin(door("lobby"), LIFE).is_none());
        assert!(tracer.begin(door("3"), 2 * LIFE).is_some());

        assert!(tracer.end(&door("5")) && !tracer.end(&door("5")));
        assert!(tracer.begin(door("lobby"), LIFE).is_some());
        hand.0.store(60_000, Ordering::Relaxed);
        assert!(tracer.begin(door("garage"), LIFE).is_some());

        assert!(tracer.find(&door("3")).is_some());
    }
}
