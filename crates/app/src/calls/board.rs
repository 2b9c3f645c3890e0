//! A cache of the calls that can still be spoken about.
//!
//! The truth is the store. The board holds committed calls only, is filled from the store at start
//! and loses a call a while after its end.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::call::{Call, OWED_AFTER_END};
use engine::id::{CallId, EndpointId};
use engine::time::Instant;

#[derive(Default)]
pub(super) struct Board {
    cards: Mutex<Cards>,
}

#[derive(Default)]
struct Cards {
    calls: HashMap<CallId, Arc<Call>>,
    by_endpoint: HashMap<EndpointId, VecDeque<CallId>>,
    ended: VecDeque<(Instant, CallId)>,
}

impl Board {
    /// Shows a committed call, unless a later version is there already.
    pub(super) fn show(&self, call: &Arc<Call>, now: Instant) {
        let mut cards = self.cards();
        cards.forget_old(now);
        let shown = cards.calls.get(&call.id).cloned();
        if shown
            .as_ref()
            .is_some_and(|shown| shown.version >= call.version)
        {
            return;
        }
        let is_listed = |endpoint: &EndpointId| {
            shown
                .as_ref()
                .is_some_and(|shown| parties(shown).any(|one| one == endpoint))
        };
        for endpoint in parties(call).filter(|endpoint| !is_listed(endpoint)) {
            let ids = cards.by_endpoint.entry(endpoint.clone()).or_default();
            ids.push_back(call.id.clone());
        }
        if let Some(ended) = call.ended() {
            cards.ended.push_back((ended.at, call.id.clone()));
        }
        cards.calls.insert(call.id.clone(), Arc::clone(call));
    }

    pub(super) fn find(&self, id: &CallId) -> Option<Arc<Call>> {
        self.cards().calls.get(id).cloned()
    }

    /// Calls in which the endpoint is or just was a party, oldest first.
    pub(super) fn calls_of(&self, endpoint: &EndpointId) -> Vec<Arc<Call>> {
        let cards = self.cards();
        let ids = cards.by_endpoint.get(endpoint).into_iter().flatten();
        ids.filter_map(|id| cards.calls.get(id).cloned()).collect()
    }

    /// Every call, the oldest first.
    pub(super) fn all(&self) -> Vec<Arc<Call>> {
        let mut calls: Vec<_> = self.cards().calls.values().cloned().collect();
        calls
            .sort_unstable_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        calls
    }

    fn cards(&self) -> MutexGuard<'_, Cards> {
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cards {
    fn forget_old(&mut self, now: Instant) {
        while let Some((at, id)) = self.ended.front() {
            if now.since(*at) <= OWED_AFTER_END {
                return;
            }
            let id = id.clone();
            self.ended.pop_front();
            if let Some(call) = self.calls.remove(&id) {
                self.forget_parties(&call);
            }
        }
    }

    fn forget_parties(&mut self, call: &Call) {
        for endpoint in parties(call) {
            if let Some(ids) = self.by_endpoint.get_mut(endpoint) {
                // The oldest goes first, nearly always.
                if ids.front() == Some(&call.id) {
                    ids.pop_front();
                } else {
                    ids.retain(|id| id != &call.id);
                }
                if ids.is_empty() {
                    self.by_endpoint.remove(endpoint);
                }
            }
        }
    }
}

/// The caller's endpoint, then those of the legs.
pub(super) fn parties(call: &Call) -> impl Iterator<Item = &EndpointId> {
    std::iter::once(&call.caller).chain(call.legs.iter().map(|leg| &leg.endpoint))
}
