//! Shared subscriptions in the core: whose turn it is, and what happens when somebody goes.

use std::sync::Arc;

use super::stage::{Stage, entry, note};
use crate::limits::Limits;
use crate::link::LinkId;
use crate::message::{Audience, Message, Outcome};

const FILTER: &str = "$share/g/a";

fn member(stage: &mut Stage, name: &str, life_secs: u32) -> LinkId {
    let link = stage.connect(entry(name, life_secs));
    stage.subscribe(link, FILTER, 2);
    assert_eq!(stage.read(link), ["suback 2"]);
    link
}

#[test]
fn members_take_turns() {
    let mut stage = Stage::new();
    let (ann, bob) = (member(&mut stage, "ann", 0), member(&mut stage, "bob", 0));
    let eve = member(&mut stage, "eve", 0);

    for number in 1..=4 {
        stage.publish(&note("a", &number.to_string()));
    }
    stage.drop_link(bob);
    stage.publish(&note("a", "5"));

    assert_eq!(stage.read(ann), ["a=1 #1", "a=4 #2", "a=5 #3"]);
    // What bob had not acknowledged has gone to the next in turn.
    assert_eq!(stage.read(eve), ["a=3 #1", "a=2 #2"]);
}

#[test]
fn a_member_with_room_goes_before_one_without() {
    let limits = Limits {
        inflight_max: 1,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let (ann, bob) = (member(&mut stage, "ann", 0), member(&mut stage, "bob", 0));
    stage.publish(&note("a", "1"));
    stage.publish(&note("a", "2"));
    stage.acknowledge(bob, 1);

    stage.publish(&note("a", "3"));
    stage.publish(&note("a", "4"));

    assert_eq!(stage.read(bob), ["a=2 #1", "a=3 #2"]);
    stage.acknowledge(ann, 1);
    assert_eq!(stage.read(ann), ["a=1 #1", "a=4 #2"]);
}

#[test]
fn absent_members_get_what_may_wait_if_nobody_is_there() {
    let mut stage = Stage::new();
    let (ann, bob) = (member(&mut stage, "ann", 60), member(&mut stage, "bob", 60));
    stage.drop_link(ann);
    stage.publish(&note("a", "1"));
    stage.publish(&note("a", "2"));
    assert_eq!(stage.read(bob), ["a=1 #1", "a=2 #2"]);
    stage.acknowledge(bob, 1);
    stage.acknowledge(bob, 2);
    stage.outcomes();
    stage.drop_link(bob);

    for qos in [0, 1] {
        stage.publish(&Message {
            qos,
            ..note("a", "3")
        });
        stage.publish(&Message {
            transient: true,
            qos,
            ..note("a", "4")
        });
    }

    assert_eq!(stage.outcomes(), [Outcome::Unrouted; 4]);
    assert_eq!(stage.core.counts().queued_messages, 1);
}

#[test]
fn the_audience_is_kept_before_a_member_is_chosen_and_when_it_goes() {
    let mut stage = Stage::new();
    let (ann, bob) = (member(&mut stage, "ann", 0), member(&mut stage, "bob", 0));
    let to_bob = |payload| Message {
        audience: Audience::Subjects(Arc::from(["bob".into()])),
        ..note("a", payload)
    };

    stage.publish(&to_bob("1"));
    stage.publish(&to_bob("2"));
    stage.publish(&Message {
        audience: Audience::Links(vec![ann]),
        ..note("a", "3")
    });
    assert_eq!(stage.read(bob), ["a=1 #1", "a=2 #2"]);
    stage.drop_link(bob);

    assert_eq!(stage.read(ann), ["a=3 #1"]);
}

#[test]
fn mqtt_4_8_2_5_what_was_sent_at_qos_2_goes_to_nobody_else() {
    let limits = Limits {
        inflight_max: 1,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let ann = member(&mut stage, "ann", 0);
    for payload in ["sent", "waits"] {
        stage.publish(&Message {
            qos: 2,
            ..note("a", payload)
        });
    }
    assert_eq!(stage.read(ann), ["a=sent ##1"]);
    let bob = member(&mut stage, "bob", 0);

    stage.drop_link(ann);

    assert_eq!(stage.read(bob), ["a=waits ##1"]);
}

#[test]
fn a_group_leaves_nothing_behind() {
    let mut stage = Stage::new();
    let (ann, bob) = (member(&mut stage, "ann", 0), member(&mut stage, "bob", 60));
    stage.subscribe(bob, "$share/h/#", 1);
    stage.subscribe(bob, FILTER, 1);
    assert_eq!(stage.core.counts().subscriptions, 3);
    stage.drop_link(ann);
    stage.drop_link(bob);

    stage.pass(60);

    assert_eq!(stage.core.counts().subscriptions, 0);
    stage.publish(&note("a", "1"));
    assert_eq!(stage.outcomes(), [Outcome::Unrouted]);
}

#[test]
fn a_topic_that_looks_like_a_shared_filter_matches_none() {
    let mut stage = Stage::new();
    let ann = member(&mut stage, "ann", 0);

    stage.publish(&Message {
        audience: Audience::Links(vec![ann]),
        ..note(FILTER, "1")
    });

    assert_eq!(stage.outcomes(), [Outcome::Unrouted]);
}
