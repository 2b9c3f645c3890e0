//! The newest state of every call that some step was answered with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use app::calls::Done;
use engine::call::Call;
use engine::id::CallId;
use testkit::Dice;

/// How many of the newest calls the steps choose from.
const NEWEST: usize = 6;

#[derive(Default)]
pub(crate) struct Ledger {
    calls: Mutex<BTreeMap<CallId, Arc<Call>>>,
}

impl Ledger {
    /// A step was answered: its call is known in this version at least.
    pub(crate) fn acknowledge(&self, done: &Done) {
        let Some(call) = &done.call else {
            return;
        };
        let mut calls = self.calls.lock().unwrap();
        let known = calls
            .entry(call.id.clone())
            .or_insert_with(|| Arc::clone(call));
        if known.version < call.version {
            *known = Arc::clone(call);
        }
    }

    pub(crate) fn all(&self) -> Vec<Arc<Call>> {
        self.calls.lock().unwrap().values().cloned().collect()
    }

    /// One of the newest calls.
    pub(crate) fn pick(&self, dice: &mut Dice) -> Option<Arc<Call>> {
        let calls = self.calls.lock().unwrap();
        let newest: Vec<_> = calls.values().rev().take(NEWEST).collect();
        (!newest.is_empty()).then(|| Arc::clone(dice.pick(&newest)))
    }
}
