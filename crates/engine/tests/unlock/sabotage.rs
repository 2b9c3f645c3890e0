//! Broken rules on purpose: the search must find each of them.

use engine::access::Facts;
use engine::time::Instant;
use engine::unlock::{self, Decision, Handed, Input, Phase, Request, Unlock};

use crate::search::search;
use crate::world::{Rules, SHIPPED, Wish};

#[track_caller]
fn assert_found(rules: Rules, promise: &str) {
    let found = search(&[Wish::Resident(1)], rules);

    let named = |broken: &str| broken.contains(promise);
    assert!(found.broken.is_some_and(named), "{:?}", found.broken);
}

#[test]
fn a_repeated_request_that_is_a_new_order_is_found() {
    fn forgets(request: Request, _: Option<&Unlock>, facts: &Facts, now: Instant) -> Decision {
        unlock::request(request, None, facts, now)
    }
    let rules = Rules {
        request: forgets,
        ..SHIPPED
    };

    assert_found(rules, "I9: a relay moves at most once");
}

#[test]
fn an_order_that_is_sent_after_its_life_is_found() {
    let rules = Rules {
        may_send: |unlock, _| unlock.phase == Phase::Authorised,
        ..SHIPPED
    };

    assert_found(rules, "I9: a relay never moves after");
}

#[test]
fn an_order_without_a_row_is_found() {
    fn unrecorded(
        request: Request,
        known: Option<&Unlock>,
        facts: &Facts,
        now: Instant,
    ) -> Decision {
        Decision {
            is_changed: false,
            ..unlock::request(request, known, facts, now)
        }
    }
    let rules = Rules {
        request: unrecorded,
        ..SHIPPED
    };

    assert_found(rules, "I10: a row precedes a relay");
}

#[test]
fn a_guessed_success_is_found() {
    fn guesses(unlock: &Unlock, input: Input, now: Instant) -> Decision {
        let is_sent = input == Input::Handed(Handed::Sent);
        let mut decision = unlock::decide(unlock, input, now);
        if is_sent && decision.is_changed {
            decision.unlock.phase = Phase::Executed;
        }
        decision
    }
    let rules = Rules {
        decide: guesses,
        ..SHIPPED
    };

    assert_found(rules, "no success is guessed");
}

#[test]
fn an_order_that_is_never_given_up_is_found() {
    fn waits(unlock: &Unlock, input: Input, now: Instant) -> Decision {
        match input {
            Input::Deadline => {
                unlock::decide(unlock, Input::Handed(Handed::Late), unlock.requested)
            }
            Input::Handed(_) | Input::Confirmed(..) | Input::Restart => {
                unlock::decide(unlock, input, now)
            }
        }
    }
    let rules = Rules {
        decide: waits,
        ..SHIPPED
    };

    assert_found(rules, "an overdue order gets a result");
}
