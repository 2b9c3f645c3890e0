//! I14: what a peer says without naming a call never counts for a call that it did not mean, if what
//! we say and what it says are together less than [`KNOWN_AFTER`] under way.

use engine::call::{Current, KNOWN_AFTER, Stray};
use engine::id::CallId;
use engine::time::Instant;

use crate::connection::{Delays, Heard, Referring, TICK, search};

#[test]
fn no_message_counts_for_a_call_that_was_not_meant() {
    let ticks = ticks() - 1;
    for out in 0..=ticks {
        let back = ticks - out;

        let (seen, broken) = search(Delays { out, back }, refer);

        assert_eq!(broken, None);
        for heard in [
            Heard::ByName,
            Heard::AfterKeep,
            Heard::AfterTime,
            Heard::Stray(Stray::NoCall),
            Heard::Stray(Stray::OtherCall),
            Heard::Stray(Stray::NotYetKnown),
        ] {
            assert!(seen.contains(&heard), "never came to pass: {heard:?}");
        }
    }
}

/// So the assumption is needed as it stands.
#[test]
fn a_round_trip_as_long_as_the_waiting_time_is_too_long() {
    for out in 0..=ticks() {
        let back = ticks() - out;

        let (_, broken) = search(Delays { out, back }, refer);

        assert!(broken.is_some(), "{out} {back}");
    }
}

#[test]
fn a_rule_that_does_not_wait_is_found() {
    assert_found(refer_at_once);
}

#[test]
fn a_rule_that_minds_no_names_is_found() {
    assert_found(refer_past_names);
}

#[track_caller]
fn assert_found(rule: Referring) {
    let (_, broken) = search(Delays { out: 1, back: 1 }, rule);

    assert!(broken.is_some());
}

fn ticks() -> u8 {
    let ticks = KNOWN_AFTER.as_millis() / TICK.as_millis();
    u8::try_from(ticks).expect("few")
}

fn refer(current: &Current, named: Option<&str>, now: Instant) -> Result<CallId, Stray> {
    current.refer(named, now).cloned()
}

fn refer_at_once(current: &Current, named: Option<&str>, now: Instant) -> Result<CallId, Stray> {
    refer(current, named.or(current.name()), now)
}

fn refer_past_names(current: &Current, named: Option<&str>, now: Instant) -> Result<CallId, Stray> {
    refer(current, named.and(current.name()), now)
}
