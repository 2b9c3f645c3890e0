//! One call, searched to exhaustion: a door, two stages, three who ring, one who comes late.
//!
//! The ended call stays and its caller presses no more: the number of calls is one. Lines may be
//! taken by calls outside of the model at any time, which brings busy and repress.

use engine::call::{Gone, Outcome, Refusal, Target, Why, decide};

use crate::cast::{Cast, actor, plan, stage, target};
use crate::search::{Event, search};

/// What every search of one call must have met.
const MET: [Event; 16] = [
    Event::Ended(Outcome::Answered),
    Event::Ended(Outcome::MaxDuration),
    Event::Ended(Outcome::Declined),
    Event::Ended(Outcome::NoAnswer),
    Event::Ended(Outcome::Cancelled),
    Event::Ended(Outcome::Admin),
    Event::Ended(Outcome::Unlocked),
    Event::Refused(Refusal::UnknownCall),
    Event::Refused(Refusal::AnsweredElsewhere),
    Event::Refused(Refusal::Ended),
    Event::Refused(Refusal::LegClosed),
    Event::Refused(Refusal::WrongState),
    Event::Ignored(Why::StaleDeadline),
    Event::Ignored(Why::AlreadyThere),
    Event::Ignored(Why::NotAlerting),
    Event::Joined,
];

/// What a search with busy lines must have met besides.
const MET_BUSY: [Event; 5] = [
    Event::Ended(Outcome::Busy),
    Event::Refused(Refusal::Busy),
    Event::Refused(Refusal::LineBusy),
    Event::Ignored(Why::LineBusy),
    Event::OfferedAgain,
];

#[test]
fn a_resident_with_two_phones_then_a_neighbour_with_lines_that_come_and_go() {
    let first = vec![target("p1", "mum", "301"), target("p2", "mum", "301")];
    let mut cast = cast(first, vec![target("q", "ann", "302")], false);
    cast.elsewhere = ["p1", "p2", "q", "j"].map(Into::into).to_vec();

    let found = search("lines that come and go", cast, decide);

    found.assert_kept(&MET);
    found.assert_kept(&MET_BUSY);
}

#[test]
fn two_residents_then_a_neighbour_and_everybody_may_lose_what_they_heard() {
    let first = vec![target("p1", "mum", "301"), target("p2", "dad", "301")];
    let mut cast = cast(first, vec![target("q", "ann", "302")], false);
    cast.followed = ["door", "p1", "p2", "q", "j"].map(Into::into).to_vec();

    let found = search("everybody's hearing", cast, decide);

    found.assert_kept(&MET);
    found.assert_kept(&[Event::Heard]);
}

#[test]
fn those_who_are_kept_ring_on_beside_the_neighbour_and_some_are_out_of_reach() {
    let first = vec![target("p1", "mum", "301"), target("p2", "dad", "301")];
    let mut cast = cast(first, vec![target("q", "ann", "302")], true);
    cast.elsewhere = vec!["q".into()];
    cast.gone = vec![Gone::Silent, Gone::Busy, Gone::Unreachable];
    cast.followed = vec!["p1".into()];

    let found = search("kept", cast, decide);

    found.assert_kept(&MET);
    found.assert_kept(&[Event::OfferedAgain, Event::Heard]);
}

#[test]
fn a_household_spread_over_both_stages_is_declined_for_in_both() {
    let first = vec![target("p1", "-", "301"), target("p2", "mum", "301")];
    let second = vec![target("q", "mum", "301"), target("r", "ann", "302")];
    let mut cast = cast(first, second, true);
    cast.actors.push(actor("r", "one"));
    cast.joiners.push(target("q", "mum", "301"));
    cast.elsewhere = ["p2", "q"].map(Into::into).to_vec();

    let found = search("spread", cast, decide);

    found.assert_kept(&MET);
    found.assert_kept(&[Event::OfferedAgain]);
}

/// The door rings `first`, then `second`; `p1` has two hands; dad's `j` may come late.
fn cast(first: Vec<Target>, second: Vec<Target>, keep: bool) -> Cast {
    let stages = vec![stage(first, keep), stage(second, false)];
    let hands = [
        ("door", "panel"),
        ("p1", "one"),
        ("p1", "two"),
        ("p2", "one"),
        ("q", "one"),
        ("j", "one"),
    ];
    Cast {
        presses: vec![(actor("door", "panel"), plan("301", stages))],
        actors: hands.map(|(name, hand)| actor(name, hand)).to_vec(),
        joiners: vec![target("j", "dad", "301")],
        elsewhere: Vec::new(),
        followed: Vec::new(),
        gone: vec![Gone::Silent],
        keeps_ended: true,
    }
}
