//! Two doors that ring the same endpoints, which may also call: line conflicts, busy, glare, call
//! back, replacement. Searched to exhaustion.
//!
//! The number of calls is bounded by the callers: each has at most one live call, since a call
//! holds its caller's line. In most searches an ended call goes at once (why that is sound is said
//! in `normal`) and its caller may press again without end; in one it stays and its caller
//! presses no more.

use engine::call::{Actor, Gone, Outcome, Plan, Refusal, Target, Why, decide};

use crate::cast::{Cast, actor, plan, stage, target};
use crate::search::{Event, search};

/// What every search must have met.
const MET: [Event; 13] = [
    Event::Ended(Outcome::Answered),
    Event::Ended(Outcome::MaxDuration),
    Event::Ended(Outcome::Declined),
    Event::Ended(Outcome::NoAnswer),
    Event::Ended(Outcome::Cancelled),
    Event::Ended(Outcome::Busy),
    Event::Ended(Outcome::Admin),
    Event::Refused(Refusal::LineBusy),
    Event::Refused(Refusal::Busy),
    Event::Ignored(Why::StaleDeadline),
    Event::Glare,
    Event::Superseded,
    Event::OfferedAgain,
];

#[test]
fn two_doors_and_two_residents_who_call_back_and_a_door_that_changes_its_mind() {
    let mut presses = doors();
    presses.extend(callers());
    presses.push(to_dad());

    let found = search("two doors", cast(presses), decide);

    found.assert_kept(&MET);
}

#[test]
fn a_door_with_two_stages_beside_a_door_with_one() {
    let mut presses = doors();
    let stages = vec![stage(vec![mum()], true), stage(vec![dad(), kid()], false)];
    presses[0].1 = plan("301", stages);
    presses[0].1.preview = false;
    presses.push(callers()[0].clone());
    let mut cast = cast(presses);
    cast.actors.push(actor("c", "one"));
    cast.joiners.push(kid());

    let found = search("two doors, two stages", cast, decide);

    found.assert_kept(&MET);
    found.assert_kept(&[Event::Joined, Event::Ignored(Why::LineBusy)]);
}

#[test]
fn what_a_door_and_a_resident_hear_follows_every_call() {
    let mut presses = doors();
    presses.extend(callers());
    let mut cast = cast(presses);
    cast.followed = ["d1", "a"].map(Into::into).to_vec();

    let found = search("two doors, hearing", cast, decide);

    found.assert_kept(&MET);
    found.assert_kept(&[Event::Heard]);
}

#[test]
fn ended_calls_stay_as_they_are_beside_live_ones() {
    let mut cast = cast(vec![doors()[0].clone(), callers()[0].clone()]);
    cast.keeps_ended = true;

    let found = search("ended calls stay", cast, decide);

    found.assert_kept(&[Event::Refused(Refusal::Ended), Event::Superseded]);
}

fn cast(presses: Vec<(Actor, Plan)>) -> Cast {
    let hands = [
        ("d1", "panel"),
        ("d2", "panel"),
        ("a", "one"),
        ("a", "two"),
        ("b", "one"),
    ];
    Cast {
        presses,
        actors: hands.map(|(name, hand)| actor(name, hand)).to_vec(),
        joiners: Vec::new(),
        elsewhere: Vec::new(),
        followed: Vec::new(),
        gone: vec![Gone::Silent],
        keeps_ended: false,
    }
}

/// Both doors ring both residents.
fn doors() -> Vec<(Actor, Plan)> {
    let press = |door| {
        let both = stage(vec![mum(), dad()], false);
        (actor(door, "panel"), plan("301", vec![both]))
    };
    vec![press("d1"), press("d2")]
}

/// The first door asks for dad alone.
fn to_dad() -> (Actor, Plan) {
    let stages = vec![stage(vec![dad()], false)];
    (actor("d1", "panel"), plan("dad", stages))
}

/// Mum calls the first door; dad calls both, the second one first.
fn callers() -> Vec<(Actor, Plan)> {
    let [d1, d2] = ["d1", "d2"].map(|door| target(door, "-", door));
    let of_dad = vec![stage(vec![d2], false), stage(vec![d1.clone()], false)];
    vec![
        (actor("a", "one"), plan("d1", vec![stage(vec![d1], false)])),
        (actor("b", "one"), plan("doors", of_dad)),
    ]
}

fn mum() -> Target {
    target("a", "mum", "301")
}

fn dad() -> Target {
    target("b", "dad", "301")
}

fn kid() -> Target {
    target("c", "kid", "301")
}
