//! Who gets a message, at which QoS, in which order, and what is told back.
//! PUBACKs to publishers are here too: they have an order of their own.

use std::sync::Arc;
use std::time::Duration;

use super::stage::{Stage, entry, note};
use crate::core::Fate;
use crate::limits::Limits;
use crate::link::LinkId;
use crate::message::{Audience, Message, Outcome};
use crate::ticket::{Slot, Ticket, Waiting};

fn transient(topic: &str, payload: &str) -> Message {
    Message {
        transient: true,
        ..note(topic, payload)
    }
}

fn small_window() -> Limits {
    Limits {
        inflight_max: 1,
        ..Limits::default()
    }
}

#[test]
fn overlapping_filters_deliver_once_at_the_highest_qos() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 0, "a/+");
    stage.subscribe(link, "a/#", 0);
    stage.read(link);

    stage.publish(&note("a/b", "1"));

    assert_eq!(stage.read(link), ["a/b=1 #1"]);
}

#[test]
fn leading_wildcards_do_not_see_dollar_topics() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 0, "#");
    stage.subscribe(link, "+/up", 0);
    stage.subscribe(link, "$thing/#", 0);
    stage.read(link);

    stage.publish(&note("$other/up", "1"));
    stage.publish(&note("$thing/up", "2"));

    assert_eq!(stage.read(link), ["$thing/up=2"]);
}

#[test]
fn an_audience_is_kept_and_never_retained() {
    let mut stage = Stage::new();
    let ann = stage.reader("ann", 0, "calls");
    let bob = stage.reader("bob", 0, "calls");
    let to_ann = Audience::Subjects(Arc::from(["ann".into(), "nobody".into()]));

    stage.publish(&Message {
        audience: to_ann,
        retain: true,
        ..note("calls", "1")
    });
    stage.publish(&Message {
        audience: Audience::Links(vec![bob]),
        ..note("calls", "2")
    });

    assert_eq!(stage.read(ann), ["calls=1 #1"]);
    assert_eq!(stage.read(bob), ["calls=2 #1"]);
    assert_eq!(stage.core.counts().retained, 0);
}

#[test]
fn a_subject_named_twice_receives_once() {
    let mut stage = Stage::new();
    let ann = stage.reader("ann", 0, "calls");
    let twice = Audience::Subjects(Arc::from(["ann".into(), "ann".into()]));

    stage.publish(&Message {
        audience: twice,
        ..note("calls", "1")
    });

    assert_eq!(stage.read(ann), ["calls=1 #1"]);
}

#[test]
fn retained_messages_of_a_filter_come_after_its_suback() {
    let mut stage = Stage::new();
    for topic in ["a", "a/b", "a/c", "ab", "$a/b"] {
        stage.publish(&Message {
            retain: true,
            ..note(topic, "x")
        });
    }
    stage.publish(&Message {
        retain: true,
        ..note("a/c", "")
    });
    let link = stage.connect(entry("r", 0));

    stage.subscribe(link, "a/#", 0);

    assert_eq!(
        stage.read(link),
        ["suback 0", "retained a=x", "retained a/b=x"]
    );
}

#[test]
fn a_transient_message_waits_for_room_until_it_expires() {
    let mut stage = Stage::with(small_window());
    let link = stage.reader("r", 0, "a");
    stage.publish(&note("a", "1"));
    stage.publish(&Message {
        expires: Some(stage.now + Duration::from_secs(5)),
        ..transient("a", "dies")
    });
    stage.publish(&transient("a", "lives"));
    let dies_at = stage.now + Duration::from_secs(5);
    assert_eq!(stage.turn(link).deadline, Some(dies_at));
    assert_eq!(stage.outcomes(), []);

    stage.pass(5);
    stage.core.expire(link, stage.now, &mut stage.fx);

    assert_eq!(stage.outcomes(), [Outcome::Lost(link)]);
    assert_eq!(stage.turn(link).deadline, None);
    assert_eq!(stage.read(link), ["a=1 #1"]);
    stage.acknowledge(link, 1);
    assert_eq!(stage.read(link), ["a=lives #3"]);
}

#[test]
fn a_transient_message_dies_with_its_link() {
    let mut stage = Stage::with(small_window());
    let link = stage.reader("r", 60, "a");
    stage.publish(&transient("a", "in flight"));
    stage.publish(&transient("a", "waiting"));
    stage.read(link);

    stage.drop_link(link);

    assert_eq!(stage.outcomes(), [Outcome::Lost(link); 2]);
    stage.publish(&transient("a", "nobody there"));
    assert_eq!(stage.outcomes(), [Outcome::Unrouted]);
    let again = stage.enter(entry("r", 60));
    assert_eq!(stage.read(again), ["connack 1"]);
}

#[test]
fn an_expired_message_in_flight_is_lost_once_and_its_late_puback_is_silent() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 0, "a");
    let expires = Some(stage.now + Duration::from_secs(1));
    stage.publish(&Message {
        expires,
        ..transient("a", "1")
    });
    stage.read(link);

    stage.pass(2);
    stage.core.expire(link, stage.now, &mut stage.fx);
    stage.acknowledge(link, 1);

    assert_eq!(stage.outcomes(), [Outcome::Lost(link)]);
}

#[test]
fn qos_0_keeps_its_place_behind_waiting_qos_1_unless_transient() {
    let mut stage = Stage::with(small_window());
    let link = stage.reader("r", 0, "a");
    stage.publish(&note("a", "1"));
    stage.publish(&note("a", "2"));
    stage.publish(&Message {
        qos: 0,
        ..note("a", "3")
    });

    stage.publish(&Message {
        qos: 0,
        ..transient("a", "now")
    });

    assert_eq!(stage.read(link), ["a=1 #1", "a=now"]);
    stage.acknowledge(link, 1);
    assert_eq!(stage.read(link), ["a=2 #2", "a=3"]);
}

#[test]
fn outcomes_name_each_link_reached() {
    let mut stage = Stage::new();
    let one = stage.reader("one", 0, "a");
    let two = stage.reader("two", 0, "a");

    stage.publish(&note("a", "1"));
    assert_eq!(stage.outcomes(), []);
    stage.acknowledge(two, 1);
    stage.acknowledge(one, 1);
    stage.acknowledge(one, 1);

    assert_eq!(
        stage.outcomes(),
        [Outcome::Acknowledged(two), Outcome::Acknowledged(one)]
    );
}

#[test]
fn an_invalid_topic_of_the_owner_reaches_nobody() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 0, "#");

    stage.publish(&note("a/#", "1"));
    stage.publish(&note(&"x".repeat(70_000), "1"));

    assert_eq!(stage.outcomes(), [Outcome::Unrouted; 2]);
    assert_eq!(stage.read(link), Vec::<String>::new());
}

#[test]
fn pubacks_leave_in_arrival_order() {
    let mut stage = Stage::new();
    let link = stage.connect(entry("w", 0));
    let (first, second) = (Arc::<Slot>::default(), Arc::<Slot>::default());
    let fate = |slot: &Arc<Slot>| Fate::Ticket {
        slot: Arc::clone(slot),
        bytes: 1,
    };
    stage.arrive(link, 1, fate(&first));
    stage.arrive(link, 2, fate(&second));
    stage.arrive(link, 3, Fate::Drop { code: 0 });

    settle(&mut stage, link, &second);
    assert_eq!(stage.read(link), Vec::<String>::new());
    settle(&mut stage, link, &first);

    assert_eq!(stage.read(link), ["puback 1", "puback 2", "puback 3"]);
}

#[test]
fn a_ticket_settled_inside_the_hook_acknowledges_at_once() {
    let mut stage = Stage::new();
    let link = stage.connect(entry("w", 0));
    let slot = Arc::<Slot>::default();
    Ticket::new(Arc::clone(&slot), Arc::new(Nobody)).settle(true);

    stage.arrive(link, 1, Fate::Ticket { slot, bytes: 1 });

    assert_eq!(stage.read(link), ["puback 1"]);
}

struct Nobody;

impl Waiting for Nobody {
    fn settled(&self) {}
}

fn settle(stage: &mut Stage, link: LinkId, slot: &Arc<Slot>) {
    Ticket::new(Arc::clone(slot), Arc::new(Nobody)).settle(true);
    stage.core.settle(link, stage.now, &mut stage.fx);
}
