//! What the core asks its caller to do once the lock is released: wake tasks, call outcomes,
//! publish wills that fell due. Callbacks never run inside the core.

use std::task::Waker;

use crate::link::Link;
use crate::message::{Outcome, OutcomeFn};
use crate::wire::Will;

/// Collected during one or more core calls, run afterwards in this order.
#[derive(Default)]
pub(crate) struct Effects {
    /// Tasks whose link has something to do.
    pub(crate) wakes: Vec<Waker>,
    /// Outcomes to report.
    pub(crate) outcomes: Vec<(OutcomeFn, Outcome)>,
    /// Wills to hand to the hooks and publish.
    pub(crate) wills: Vec<(Link, Will)>,
}

impl Effects {
    pub(crate) fn report(&mut self, outcome: Option<OutcomeFn>, what: Outcome) {
        if let Some(outcome) = outcome {
            self.outcomes.push((outcome, what));
        }
    }
}
