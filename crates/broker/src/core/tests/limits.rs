//! What happens at each bound.
//! Each test sets the bound it needs and leaves the others alone.

use std::sync::Arc;
use std::time::Duration;

use super::stage::{Stage, entry, note};
use crate::core::Fate;
use crate::hooks::Refusal;
use crate::limits::Limits;
use crate::link::DisconnectReason;
use crate::message::{Message, Outcome};
use crate::ticket::Slot;

#[test]
fn the_ninth_lasting_session_of_a_subject_ends_the_oldest_absent_one() {
    let mut stage = Stage::new();
    let stays = stage.connect(entry("ann.0", 60));
    for number in 1..8 {
        let link = stage.connect(entry(&format!("ann.{number}"), 60));
        stage.drop_link(link);
    }
    stage.connect(entry("ann.clean", 0));
    assert_eq!(stage.core.counts().sessions, 9);

    stage.connect(entry("ann.8", 60));

    assert_eq!(stage.core.counts().sessions, 9);
    assert_eq!(stage.turn(stays).closing, None);
    let kept = stage.enter(entry("ann.2", 60));
    assert_eq!(stage.read(kept), ["connack 1"]);
    let gone = stage.enter(entry("ann.1", 60));
    assert_eq!(stage.read(gone), ["connack 0"]);
}

#[test]
fn one_link_too_many_of_a_subject_is_refused_but_not_a_takeover() {
    let limits = Limits {
        connections_per_subject_max: 1,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let first = stage.connect(entry("ann.phone", 0));
    let refused = stage
        .core
        .attach(entry("ann.tablet", 0), stage.now, &mut stage.fx);
    assert_eq!(refused.err(), Some(Refusal::Busy));

    stage.connect(entry("ann.phone", 0));

    assert_eq!(stage.turn(first).closing, Some(DisconnectReason::TakenOver));
}

#[test]
fn a_full_queue_drops_the_newest() {
    let limits = Limits {
        queue_messages_max: 2,
        inflight_max: 1,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let link = stage.reader("r", 60, "a");

    for number in 1..=4 {
        stage.publish(&note("a", &number.to_string()));
    }

    assert_eq!(stage.outcomes(), [Outcome::Lost(link)]);
    let counts = stage.core.counts();
    assert_eq!(
        (counts.queued_messages, counts.queued_bytes, counts.dropped),
        (2, 4, 1)
    );
    stage.drop_link(link);
    let link = stage.enter(entry("r", 60));
    assert_eq!(stage.read(link), ["connack 1", "dup a=1 #1"]);
    stage.acknowledge(link, 1);
    assert_eq!(stage.read(link), ["a=2 #2"]);
    stage.acknowledge(link, 2);
    assert_eq!(stage.read(link), ["a=3 #3"]);
    assert_eq!(stage.core.counts().queued_bytes, 0);
}

#[test]
fn what_waits_too_long_is_dropped_in_its_turn_or_when_room_is_needed() {
    let limits = Limits {
        queue_messages_max: 2,
        queue_life: Duration::from_secs(100),
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let link = stage.reader("r", 3600, "a");
    stage.drop_link(link);
    stage.publish(&note("a", "1"));
    stage.pass(60);
    stage.publish(&note("a", "2"));
    stage.pass(40);
    stage.publish(&note("a", "3"));
    assert_eq!(stage.core.counts().dropped, 1, "1 made room for 3");
    stage.pass(60);

    let link = stage.enter(entry("r", 3600));

    assert_eq!(stage.read(link), ["connack 1", "a=3 #3"]);
    assert_eq!(stage.core.counts().dropped, 2);
}

#[test]
fn above_the_outgoing_bound_qos_0_is_dropped_and_qos_1_waits() {
    let limits = Limits {
        outgoing_bytes_max: 100,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let link = stage.reader("r", 0, "a");
    let filler = "x".repeat(200);
    stage.publish(&note("a", &filler));

    stage.publish(&Message {
        qos: 0,
        ..note("a", "dropped")
    });
    stage.publish(&note("a", "waits"));

    assert!(!stage.turn(link).reading);
    assert_eq!(stage.outcomes(), [Outcome::Lost(link)]);
    assert_eq!(stage.read(link)[1], "a=waits #2");
    assert!(stage.turn(link).reading);
}

#[test]
fn a_task_with_bytes_of_its_own_is_told_that_there_are_more() {
    let mut stage = Stage::new();
    let link = stage.connect(entry("r", 0));
    stage.subscribe(link, "a", 0);
    assert!(!stage.turn(link).confirm, "it has taken all there is");

    stage.publish(&note("a", "1"));

    assert!(stage.turn(link).confirm);
}

#[test]
fn reading_stops_at_the_ticket_bound_and_goes_on_below_it() {
    let limits = Limits {
        ticket_bytes_max: 10,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let link = stage.connect(entry("w", 0));
    let slot = Arc::<Slot>::default();
    let fate = Fate::Ticket {
        slot: Arc::clone(&slot),
        bytes: 10,
    };

    assert!(!stage.arrive(link, 1, fate));
    assert!(!stage.turn(link).reading);
    crate::ticket::Ticket::new(slot, Arc::new(Nobody)).settle(true);
    stage.core.settle(link, stage.now, &mut stage.fx);

    assert!(stage.turn(link).reading);
    assert_eq!(stage.fx.wakes.len(), 1);
}

#[test]
fn an_old_ticket_ends_its_link_unacknowledged() {
    let mut stage = Stage::new();
    let link = stage.connect(entry("w", 0));
    let slot = Arc::<Slot>::default();
    stage.arrive(link, 1, Fate::Ticket { slot, bytes: 1 });
    assert_eq!(
        stage.turn(link).deadline,
        Some(stage.now + Duration::from_secs(10))
    );

    stage.pass(10);
    stage.core.expire(link, stage.now, &mut stage.fx);

    assert_eq!(stage.turn(link).closing, Some(DisconnectReason::Ticket));
    assert_eq!(stage.read(link), Vec::<String>::new());
}

#[test]
fn packet_ids_wrap_around_and_leave_out_none_in_flight() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 0, "a");
    stage.publish(&note("a", "slow"));
    for _ in 2..=65_535_u32 {
        stage.publish(&note("a", ""));
        let line = stage.read(link).pop().expect("a message");
        let packet = line
            .rsplit('#')
            .next()
            .and_then(|id| id.parse().ok())
            .expect("an id");
        stage.acknowledge(link, packet);
    }

    stage.publish(&note("a", "next"));
    assert_eq!(
        stage.read(link),
        Vec::<String>::new(),
        "id 1 is still in flight"
    );
    stage.acknowledge(link, 1);

    assert_eq!(stage.read(link), ["a=next #1"]);
}

#[test]
fn retained_messages_are_limited_in_number_and_bytes() {
    let limits = Limits {
        retained_max: 2,
        retained_bytes_max: 10,
        ..Limits::default()
    };
    let mut stage = Stage::with(limits);
    let keep = |topic: &str, payload: &str| Message {
        retain: true,
        ..note(topic, payload)
    };

    stage.publish(&keep("a", "12345678"));
    stage.publish(&keep("b", "1234"));
    assert_eq!(stage.core.counts().retained, 1, "too many bytes");
    stage.publish(&keep("a", "1"));
    stage.publish(&keep("b", "1"));
    stage.publish(&keep("c", "1"));

    assert_eq!(stage.core.counts().retained, 2, "too many");
}

struct Nobody;

impl crate::ticket::Waiting for Nobody {
    fn settled(&self) {}
}
