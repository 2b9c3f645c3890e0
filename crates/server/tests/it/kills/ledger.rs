//! What the server acknowledged, as its clients would remember it.
//!
//! Lives count the server's processes: the counter moves after a process is dead and before the
//! next one starts, so what was acknowledged in an earlier life was acknowledged by a process that
//! is gone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

/// Everything that was answered with 200, and how much else may have happened.
#[derive(Default)]
pub(super) struct Ledger {
    life: AtomicU64,
    /// Presses without an answer or with a refusal: each may have left one call of its own.
    strays: AtomicU64,
    calls: Mutex<BTreeMap<String, Acknowledged>>,
}

/// What is known of one call whose press was acknowledged.
#[derive(Clone, Debug, Default)]
pub(super) struct Acknowledged {
    /// The resident whose answer was acknowledged, and in which life at the latest.
    pub(super) winner: Option<(String, u64)>,
    /// In which life at the latest its end was acknowledged.
    pub(super) ended: Option<u64>,
}

impl Ledger {
    pub(super) fn life(&self) -> u64 {
        self.life.load(Ordering::SeqCst)
    }

    pub(super) fn next_life(&self) {
        self.life.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn stray(&self) {
        self.strays.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn strays(&self) -> u64 {
        self.strays.load(Ordering::SeqCst)
    }

    pub(super) fn pressed(&self, call: &str) {
        self.calls().entry(call.to_owned()).or_default();
    }

    /// There is one winner for ever.
    pub(super) fn answered(&self, call: &str, resident: &str) {
        let life = self.life();
        let mut calls = self.calls();
        let winner = &mut calls.entry(call.to_owned()).or_default().winner;
        let (first, _) = winner.get_or_insert_with(|| (resident.to_owned(), life));
        assert_eq!(first, resident, "call {call} has two winners");
    }

    pub(super) fn ended(&self, call: &str) {
        let life = self.life();
        let mut calls = self.calls();
        let entry = calls.entry(call.to_owned()).or_default();
        entry.ended.get_or_insert(life);
    }

    /// What had been acknowledged about a call before `life` began.
    pub(super) fn before(&self, life: u64, call: &str) -> Acknowledged {
        let Acknowledged { winner, ended } = self.calls().get(call).cloned().unwrap_or_default();
        Acknowledged {
            winner: winner.filter(|(_, known)| *known < life),
            ended: ended.filter(|known| *known < life),
        }
    }

    pub(super) fn winner(&self, call: &str) -> Option<String> {
        let winner = self.calls().get(call)?.winner.clone();
        winner.map(|(resident, _)| resident)
    }

    pub(super) fn all(&self) -> BTreeMap<String, Acknowledged> {
        self.calls().clone()
    }

    fn calls(&self) -> MutexGuard<'_, BTreeMap<String, Acknowledged>> {
        self.calls.lock().unwrap()
    }
}
