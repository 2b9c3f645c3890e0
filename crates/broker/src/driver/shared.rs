//! What all connections share: the core behind its lock, the hooks, the counters of links.
//! A step takes the lock, calls the core, releases it and only then runs the effects.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::clock;
use crate::core::{Batch, Core, Effects, Publication};
use crate::hooks::{Hooks, Incoming, Verdict};
use crate::journal::{Journal, Kept, KeptFn, Record};
use crate::limits::Limits;
use crate::link::{Link, LinkId};
use crate::ticket::{Ticket, Waiting};
use crate::wire::Will;

/// The broker's state and owner.
pub(super) struct Shared {
    this: Weak<Shared>,
    core: Mutex<Core>,
    journal: Option<Arc<dyn Journal>>,
    pub(super) hooks: Arc<dyn Hooks>,
    pub(super) limits: Limits,
    next_link: AtomicU64,
    /// Sockets now, handshakes included.
    open: AtomicUsize,
}

impl Shared {
    /// With a journal, the broker begins with what was kept and keeps from now on.
    pub(super) fn new(
        limits: Limits,
        hooks: Arc<dyn Hooks>,
        journal: Option<(Arc<dyn Journal>, Kept)>,
    ) -> Arc<Shared> {
        let mut core = Core::new(limits.clone());
        let journal = journal.map(|(journal, kept)| {
            core.restore(kept, clock::wall(), clock::now());
            journal
        });
        Arc::new_cyclic(|this| Shared {
            this: Weak::clone(this),
            core: Mutex::new(core),
            journal,
            hooks,
            limits,
            next_link: AtomicU64::new(1),
            open: AtomicUsize::new(0),
        })
    }

    pub(super) fn next_link(&self) -> LinkId {
        LinkId(self.next_link.fetch_add(1, Ordering::Relaxed))
    }

    /// One call, or a few, of the core, and then what follows from it.
    pub(super) fn step<R>(&self, call: impl FnOnce(&mut Core, Instant, &mut Effects) -> R) -> R {
        let mut fx = Effects::default();
        let now = clock::now();
        let mut core = self.lock();
        let result = call(&mut core, now, &mut fx);
        // Under the lock: the journal's order is the order of the steps.
        if let Some(entry) = core.take_entry() {
            self.keep(entry.records, entry.is_urgent.then_some(entry.batch));
        }
        drop(core);
        self.run(fx);
        result
    }

    /// Has the journal write what nobody waits for.
    pub(super) fn flush(&self) {
        let mut core = self.lock();
        if let Some(batch) = core.take_idle() {
            self.keep(Vec::new(), Some(batch));
        }
    }

    fn keep(&self, records: Vec<Record>, batch: Option<Batch>) {
        let Some(journal) = &self.journal else {
            return;
        };
        let told = batch.map(|batch| -> KeptFn {
            let this = Weak::clone(&self.this);
            Box::new(move |is_kept| {
                if let Some(shared) = this.upgrade() {
                    shared.step(|core, now, fx| core.settle_batch(batch, is_kept, now, fx));
                }
            })
        });
        journal.append(records, told);
    }

    /// A look at the core that changes nothing.
    pub(super) fn look<R>(&self, call: impl FnOnce(&Core) -> R) -> R {
        call(&self.lock())
    }

    /// A broken invariant in one step must not stop the whole broker: the lock is taken all the
    /// same.
    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, fx: Effects) {
        for waker in fx.wakes {
            waker.wake();
        }
        for (outcome, what) in fx.outcomes {
            outcome(what);
        }
        for (link, will) in fx.wills {
            self.publish_will(&link, will);
        }
    }

    fn publish_will(&self, link: &Link, will: Will) {
        let topic: Arc<str> = Arc::from(&*will.topic);
        let incoming = Incoming {
            topic: Arc::clone(&topic),
            payload: will.payload.clone(),
            qos: will.qos,
            retain: will.retain,
            ticket: Ticket::detached(),
        };
        if self.hooks.on_publish(link, incoming) != Verdict::Forward {
            return;
        }
        self.step(|core, now, fx| {
            let expires = expiry(will.expiry_secs, now);
            let (payload, properties) = (will.payload, will.properties);
            let message =
                Publication::received(topic, payload, will.qos, will.retain, properties, expires);
            core.route(message, None, now, fx);
        });
    }
}

/// When a message expires that came now.
pub(super) fn expiry(secs: Option<u32>, now: Instant) -> Option<Instant> {
    secs.map(|secs| now + Duration::from_secs(secs.into()))
}

/// One socket among [`Limits::connections_max`].
pub(super) struct Place {
    shared: Arc<Shared>,
}

impl Place {
    /// None if all are taken.
    pub(super) fn take(shared: &Arc<Shared>) -> Option<Place> {
        let place = Place {
            shared: Arc::clone(shared),
        };
        let taken = shared.open.fetch_add(1, Ordering::Relaxed);
        (taken < shared.limits.connections_max).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where the tickets of one link report.
pub(super) struct Home {
    pub(super) shared: Weak<Shared>,
    pub(super) link: LinkId,
}

impl Waiting for Home {
    fn settled(&self) {
        if let Some(shared) = self.shared.upgrade() {
            shared.step(|core, now, fx| core.settle(self.link, now, fx));
        }
    }
}
