//! Which call a message means on one connection.

use std::time::Duration;

use crate::call::current::{Current, KNOWN_AFTER, Stray};
use crate::id::CallId;
use crate::time::Instant;

const START: Instant = Instant::from_ms(0);

#[test]
fn without_a_call_nothing_is_meant() {
    let current = Current::default();

    assert_eq!(current.refer(None, START), Err(Stray::NoCall));
    assert_eq!(current.refer(Some("one"), START), Err(Stray::NoCall));
}

#[test]
fn a_right_name_counts_at_once_and_a_wrong_one_never() {
    let current = offered();

    assert_eq!(current.refer(Some("one"), START), Ok(&call("1")));
    assert_eq!(
        current.refer(Some("two"), START + KNOWN_AFTER),
        Err(Stray::OtherCall)
    );
}

#[test]
fn without_a_name_an_offer_counts_after_its_time() {
    let current = offered();

    let too_soon = START + (KNOWN_AFTER - Duration::from_millis(1));
    assert_eq!(current.refer(None, too_soon), Err(Stray::NotYetKnown));
    assert_eq!(current.refer(None, START + KNOWN_AFTER), Ok(&call("1")));
}

#[test]
fn a_keep_alive_that_names_the_call_makes_it_known() {
    let mut current = offered();

    current.keep(None);
    current.keep(Some("zero"));
    assert_eq!(current.refer(None, START), Err(Stray::NotYetKnown));
    current.keep(Some("one"));
    assert_eq!(current.refer(None, START), Ok(&call("1")));
}

#[test]
fn what_the_peer_placed_it_knows() {
    let mut current = Current::default();

    current.place(call("1"), "one".into());

    assert_eq!(current.refer(None, START), Ok(&call("1")));
    assert_eq!(
        (current.call(), current.name()),
        (Some(&call("1")), Some("one"))
    );
}

#[test]
fn the_next_offer_must_be_known_anew() {
    let mut current = offered();
    let later = START + KNOWN_AFTER;

    current.close(&call("1"));
    assert_eq!(current.refer(None, later), Err(Stray::NoCall));
    current.offer(call("2"), "two".into(), later);

    assert_eq!(current.refer(None, later), Err(Stray::NotYetKnown));
    assert_eq!(current.refer(Some("one"), later), Err(Stray::OtherCall));
}

#[test]
fn an_offer_that_is_repeated_is_as_well_known_as_before() {
    let mut current = offered();
    let later = START + KNOWN_AFTER;

    current.offer(call("1"), "one".into(), later);

    assert_eq!(current.refer(None, later), Ok(&call("1")));
}

#[test]
fn the_end_of_another_call_changes_nothing() {
    let mut current = offered();

    current.close(&call("2"));

    assert_eq!(current, offered());
}

fn offered() -> Current {
    let mut current = Current::default();
    current.offer(call("1"), "one".into(), START);
    current
}

fn call(id: &str) -> CallId {
    CallId::from(id)
}
