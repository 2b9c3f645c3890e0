//! Sessions and links that end, return, or are taken over; wills.
//! Time passes only where a test says so.

use super::stage::{Stage, entry, note, will};
use crate::core::Entry;
use crate::link::{DisconnectReason, Kick};
use crate::message::Message;

#[test]
fn what_was_in_flight_is_sent_again_first_in_order_with_the_same_ids() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 60, "a");
    for number in 1..=3 {
        stage.publish(&note("a", &number.to_string()));
    }
    stage.read(link);
    stage.acknowledge(link, 2);
    stage.drop_link(link);
    stage.publish(&note("a", "4"));

    let again = stage.enter(entry("r", 60));

    assert_eq!(
        stage.read(again),
        ["connack 1", "dup a=1 #1", "dup a=3 #3", "a=4 #4"]
    );
}

#[test]
fn a_message_never_written_is_not_marked_as_a_repeat() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 60, "a");
    stage.drop_link(link);
    stage.publish(&note("a", "1"));
    stage.publish(&Message {
        qos: 0,
        ..note("a", "not kept")
    });
    let narrow = Entry {
        window: 0,
        ..entry("r", 60)
    };
    let link = stage.enter(narrow);
    assert_eq!(stage.read(link), ["connack 1"]);
    stage.drop_link(link);

    let link = stage.enter(entry("r", 60));

    assert_eq!(stage.read(link), ["connack 1", "a=1 #1"]);
}

#[test]
fn a_smaller_window_on_return_holds_repeats_back() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 60, "a");
    for number in 1..=3 {
        stage.publish(&note("a", &number.to_string()));
    }
    stage.read(link);
    stage.drop_link(link);

    let link = stage.enter(Entry {
        window: 1,
        ..entry("r", 60)
    });

    assert_eq!(stage.read(link), ["connack 1", "dup a=1 #1"]);
    stage.acknowledge(link, 3);
    stage.acknowledge(link, 1);
    assert_eq!(stage.read(link), ["dup a=2 #2"]);
}

#[test]
fn a_takeover_closes_the_old_link_and_keeps_the_session() {
    let mut stage = Stage::new();
    let old = stage.reader("r", 60, "a");

    let new = stage.enter(entry("r", 60));

    assert_eq!(stage.turn(old).closing, Some(DisconnectReason::TakenOver));
    assert_eq!(stage.read(new), ["connack 1"]);
    stage.publish(&note("a", "1"));
    assert_eq!(stage.read(new), ["a=1 #1"]);
    stage.drop_link(old);
    stage.core.forget(old);
    assert_eq!(stage.core.counts().connections, 1);
}

#[test]
fn the_same_client_id_of_another_subject_is_another_session() {
    let mut stage = Stage::new();
    let ann = stage.reader("ann", 60, "a");
    let mut foreign = entry("ann", 60);
    foreign.link.subject = "eve".into();

    let eve = stage.enter(foreign);

    assert_eq!(stage.read(eve), ["connack 0"]);
    assert_eq!(stage.turn(ann).closing, None);
}

#[test]
fn a_session_ends_when_its_life_is_over() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 60, "a");
    stage.drop_link(link);

    stage.pass(59);
    assert_eq!(stage.core.counts().subscriptions, 1);
    stage.pass(1);

    let counts = stage.core.counts();
    assert_eq!((counts.sessions, counts.subscriptions), (0, 0));
    stage.connect(entry("r", 60));
}

#[test]
fn a_returned_session_does_not_end_on_its_earlier_deadline() {
    let mut stage = Stage::new();
    let link = stage.reader("r", 60, "a");
    stage.drop_link(link);
    stage.pass(30);
    let link = stage.enter(entry("r", 60));

    stage.pass(100);

    assert_eq!(stage.read(link), ["connack 1"]);
    assert_eq!(stage.core.counts().subscriptions, 1);
}

#[test]
fn a_will_follows_every_end_but_disconnect_and_stopping() {
    for (reason, is_published) in [
        (DisconnectReason::Client, false),
        (DisconnectReason::Stopping, false),
        (DisconnectReason::ClientWithWill, true),
        (DisconnectReason::Closed, true),
        (DisconnectReason::Protocol, true),
        (DisconnectReason::KeepAlive, true),
    ] {
        let mut stage = Stage::new();
        let link = stage.connect(Entry {
            will: Some(will("gone", 0)),
            ..entry("r", 0)
        });

        stage
            .core
            .detach(link, reason, None, stage.now, &mut stage.fx);
        stage.drop_link(link);

        assert_eq!(stage.wills().len(), usize::from(is_published), "{reason:?}");
    }
}

#[test]
fn a_delayed_will_waits_and_is_taken_back_by_a_return() {
    let mut stage = Stage::new();
    let mortal = || Entry {
        will: Some(will("gone", 10)),
        ..entry("r", 60)
    };
    let link = stage.connect(mortal());
    stage.drop_link(link);
    stage.pass(9);
    assert_eq!(stage.wills(), Vec::<String>::new());
    let link = stage.enter(mortal());
    stage.pass(60);
    assert_eq!(stage.wills(), Vec::<String>::new());

    stage.drop_link(link);
    stage.pass(10);

    assert_eq!(stage.wills(), ["gone"]);
}

#[test]
fn a_delayed_will_comes_no_later_than_the_end_of_its_session() {
    let mut stage = Stage::new();
    let link = stage.connect(Entry {
        will: Some(will("gone", 1000)),
        ..entry("r", 60)
    });
    stage.drop_link(link);
    stage.pass(60);
    assert_eq!(stage.wills(), ["gone"]);

    let link = stage.connect(Entry {
        will: Some(will("gone", 1000)),
        ..entry("r", 60)
    });
    stage.drop_link(link);
    stage.connect(entry("r", 0));

    assert_eq!(stage.wills(), ["gone"]);
}

#[test]
fn a_kick_ends_the_links_it_names() {
    let mut stage = Stage::new();
    let phone = stage.connect(entry("ann.phone", 0));
    let tablet = stage.connect(entry("ann.tablet", 0));
    let other = stage.connect(entry("bob.phone", 0));

    let which = Kick::Client {
        subject: "ann".into(),
        client: "ann.phone".into(),
    };
    stage.core.kick(&which, stage.now, &mut stage.fx);
    assert_eq!(stage.turn(phone).closing, Some(DisconnectReason::Kicked));
    assert_eq!(stage.turn(tablet).closing, None);
    stage
        .core
        .kick(&Kick::Subject("ann".into()), stage.now, &mut stage.fx);
    stage
        .core
        .kick(&Kick::Link(other), stage.now, &mut stage.fx);

    assert_eq!(stage.turn(tablet).closing, Some(DisconnectReason::Kicked));
    assert_eq!(stage.turn(other).closing, Some(DisconnectReason::Kicked));
    assert_eq!(stage.core.counts().sessions, 0);
}

#[test]
fn a_forgotten_subject_leaves_nothing_behind() {
    let mut stage = Stage::new();
    let here = stage.connect(entry("ann.phone", 60));
    let away = stage.connect(entry("ann.tablet", 60));
    stage.subscribe(away, "t", 1);
    stage.drop_link(away);
    let other = stage.connect(entry("bob.phone", 60));
    stage.publish(&note("t", "waits"));

    stage.core.forget_subject("ann", stage.now, &mut stage.fx);

    assert_eq!(stage.turn(here).closing, Some(DisconnectReason::Kicked));
    assert_eq!(stage.turn(other).closing, None);
    let counts = stage.core.counts();
    assert_eq!((counts.sessions, counts.subscriptions), (1, 0));
    assert_eq!(counts.queued_messages, 0);
}
