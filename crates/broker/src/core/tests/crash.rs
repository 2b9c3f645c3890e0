//! What survives the process: a disk that has what was written to it, and a core that begins anew
//! with that. Between two writes the power may go.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::honest::Honest;
use super::stage::{Stage, entry, note};
use crate::core::{Fate, Publication, anchor};
use crate::journal::{Kept, KeptSession, Record};
use crate::limits::Limits;
use crate::link::{DisconnectReason, LinkId};

/// A stage on a disk.
pub(super) struct House {
    pub(super) stage: Stage,
    pub(super) disk: Kept,
    /// What a failing disk has still to take.
    missed: Vec<Record>,
}

impl House {
    fn new() -> House {
        House::with(Limits::default())
    }

    pub(super) fn with(limits: Limits) -> House {
        House::start(Kept::default(), Stage::with(limits))
    }

    fn start(disk: Kept, mut stage: Stage) -> House {
        let anchor = anchor(stage.now, Duration::from_secs(1_000_000));
        stage.core.restore(disk.clone(), anchor, stage.now);
        let mut house = House {
            stage,
            disk,
            missed: Vec::new(),
        };
        house.write();
        house
    }

    /// All that was to be kept is on disk.
    pub(super) fn write(&mut self) {
        for record in std::mem::take(&mut self.missed) {
            apply(&mut self.disk, record);
        }
        while let Some(entry) = self.stage.core.take_entry() {
            for record in entry.records {
                apply(&mut self.disk, record);
            }
            let (now, fx) = (self.stage.now, &mut self.stage.fx);
            self.stage.core.settle_batch(entry.batch, true, now, fx);
        }
        if let Some(batch) = self.stage.core.take_idle() {
            let (now, fx) = (self.stage.now, &mut self.stage.fx);
            self.stage.core.settle_batch(batch, true, now, fx);
        }
    }

    /// The disk fails; what it was to take is tried again with the next write.
    pub(super) fn lose(&mut self) {
        while let Some(entry) = self.stage.core.take_entry() {
            self.missed.extend(entry.records);
            let (now, fx) = (self.stage.now, &mut self.stage.fx);
            self.stage.core.settle_batch(entry.batch, false, now, fx);
        }
    }

    /// Only what was written is left.
    pub(super) fn crash(self) -> House {
        let limits = self.stage.core.limits.clone();
        House::start(self.disk, Stage::with(limits))
    }

    /// A lasting session that subscribes at `qos`; absent in the end.
    fn absent(&mut self, name: &str, filter: &str, qos: u8) {
        let link = self.present(name, filter, qos);
        self.stage.drop_link(link);
        self.write();
    }

    fn present(&mut self, name: &str, filter: &str, qos: u8) -> LinkId {
        let link = self.stage.connect(entry(name, 3600));
        self.stage.subscribe(link, filter, qos);
        self.write();
        assert_eq!(self.stage.read(link), [format!("suback {qos}")]);
        link
    }

    fn back(&mut self, name: &str) -> (LinkId, Vec<String>) {
        let link = self.stage.enter(entry(name, 3600));
        let heard = self.stage.read(link);
        (link, heard)
    }
}

fn apply(disk: &mut Kept, record: Record) {
    let place = |disk: &mut Kept, no| disk.sessions.iter().position(|one| one.no == no);
    match record {
        Record::Session {
            no,
            subject,
            client,
            life,
        } => disk.sessions.push(KeptSession {
            no,
            subject,
            client,
            life,
            ends_ms: None,
            filters: Vec::new(),
            waiting: Vec::new(),
            taken: Vec::new(),
        }),
        Record::SessionGone { session } => disk.sessions.retain(|one| one.no != session),
        Record::Message { no, message } => drop(disk.messages.insert(no, message)),
        Record::MessageGone { message } => drop(disk.messages.remove(&message)),
        Record::Retained { topic, message } => {
            retain_no_more(disk, &topic);
            disk.retained.push(message);
        }
        Record::RetainedGone { topic } => retain_no_more(disk, &topic),
        Record::Ends { session, .. }
        | Record::Filter { session, .. }
        | Record::FilterGone { session, .. }
        | Record::Waiting { session, .. }
        | Record::Received { session, .. }
        | Record::Done { session, .. }
        | Record::Taken { session, .. }
        | Record::Released { session, .. } => {
            let at = place(disk, session).expect("a record of a session that is there");
            apply_to(&mut disk.sessions[at], record);
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "those of no session were applied before"
)]
fn apply_to(session: &mut KeptSession, record: Record) {
    match record {
        Record::Ends { at_ms, life, .. } => (session.ends_ms, session.life) = (at_ms, life),
        Record::Filter { filter, how, .. } => {
            session.filters.retain(|(other, _)| *other != filter);
            session.filters.push((filter, how));
        }
        Record::FilterGone { filter, .. } => {
            session.filters.retain(|(other, _)| *other != filter);
        }
        Record::Waiting { delivery, .. } => session.waiting.push(delivery),
        Record::Received { seq, .. } => {
            let found = session.waiting.iter_mut().find(|one| one.seq == seq);
            found.expect("it waits").received = true;
        }
        Record::Done { seq, .. } => session.waiting.retain(|one| one.seq != seq),
        Record::Taken { packet, .. } => session.taken.push(packet),
        Record::Released { packet, .. } => session.taken.retain(|one| *one != packet),
        other => panic!("{other:?}"),
    }
}

fn retain_no_more(disk: &mut Kept, topic: &str) {
    let messages = &disk.messages;
    disk.retained
        .retain(|no| messages.get(no).is_some_and(|one| &*one.topic != topic));
}

fn forward(topic: &str, payload: &'static str, qos: u8) -> Fate {
    Fate::Forward(Publication::received(
        topic.into(),
        Bytes::from_static(payload.as_bytes()),
        qos,
        false,
        Bytes::new(),
        None,
    ))
}

#[test]
fn a_publish_is_acknowledged_when_what_it_leads_to_is_on_disk() {
    let mut house = House::new();
    house.absent("panel", "t", 1);
    let sender = house.stage.connect(entry("sender", 0));

    house.stage.arrive(sender, 5, forward("t", "one", 1));
    assert!(house.stage.read(sender).is_empty());
    house.write();

    assert_eq!(house.stage.read(sender), ["puback 5"]);
    let mut house = house.crash();
    assert_eq!(house.back("panel").1, ["connack 1", "dup t=one #1"]);
}

#[test]
fn a_publish_to_nobody_who_lasts_is_acknowledged_at_once() {
    let mut house = House::new();
    house.stage.reader("phone", 0, "t");
    let sender = house.stage.connect(entry("sender", 0));

    house.stage.arrive(sender, 5, forward("t", "one", 1));

    assert_eq!(house.stage.read(sender), ["puback 5"]);
}

#[test]
fn who_is_there_is_served_before_it_is_on_disk() {
    let mut house = House::new();
    let panel = house.present("panel", "t", 1);
    let sender = house.stage.connect(entry("sender", 0));

    house.stage.arrive(sender, 5, forward("t", "one", 1));

    assert_eq!(house.stage.read(panel), ["t=one #1"]);
    assert!(house.stage.read(sender).is_empty());
}

#[test]
fn a_queue_survives_in_order_and_its_numbers_go_on() {
    let mut house = House::new();
    house.absent("panel", "t", 1);
    for payload in ["a", "b", "c"] {
        house.stage.publish(&note("t", payload));
    }
    house.write();

    let mut house = house.crash();
    let (panel, heard) = house.back("panel");
    assert_eq!(
        heard,
        ["connack 1", "dup t=a #1", "dup t=b #2", "dup t=c #3"]
    );
    house.stage.acknowledge(panel, 1);
    house.stage.publish(&note("t", "d"));
    house.write();

    assert_eq!(house.stage.read(panel), ["t=d #4"]);
    let mut house = house.crash();
    assert_eq!(
        house.back("panel").1,
        ["connack 1", "dup t=b #2", "dup t=c #3", "dup t=d #4"]
    );
}

#[test]
fn what_is_delivered_leaves_nothing_behind() {
    let mut house = House::new();
    house.absent("panel", "t", 1);
    house.absent("screen", "t", 1);
    house.stage.publish(&note("t", "a"));
    house.write();
    assert_eq!(house.disk.messages.len(), 1);

    for name in ["panel", "screen"] {
        let (link, _) = house.back(name);
        house.stage.acknowledge(link, 1);
        house.write();
    }

    assert!(house.disk.messages.is_empty());
    assert!(house.disk.sessions.iter().all(|one| one.waiting.is_empty()));
}

#[test]
fn a_subscription_is_confirmed_when_it_is_on_disk() {
    let mut house = House::new();
    let link = house.stage.connect(entry("panel", 3600));
    house.stage.subscribe(link, "t", 1);
    assert!(house.stage.read(link).is_empty());
    assert!(house.stage.core.take_granted(link).is_empty());

    house.write();

    assert_eq!(house.stage.read(link), ["suback 1"]);
    assert_eq!(house.stage.core.take_granted(link), ["t".into()]);
    let mut house = house.crash();
    let (link, _) = house.back("panel");
    house.stage.publish(&note("t", "a"));
    assert_eq!(house.stage.read(link), ["t=a #1"]);
}

#[test]
fn an_unsubscription_survives() {
    let mut house = House::new();
    let link = house.present("panel", "t", 1);
    let (now, fx) = (house.stage.now, &mut house.stage.fx);
    house
        .stage
        .core
        .unsubscribe(link, 3, &["t".into()], now, fx);
    assert!(house.stage.read(link).is_empty());
    house.write();
    assert_eq!(house.stage.read(link).len(), 1);

    let mut house = house.crash();
    house.stage.publish(&note("t", "a"));

    assert_eq!(house.back("panel").1, ["connack 1"]);
}

#[test]
fn a_repeat_of_a_qos_2_publish_is_known_after_a_crash() {
    let mut house = House::new();
    house.absent("panel", "t", 1);
    let sender = house.stage.connect(entry("sender", 3600));
    house.stage.arrive_exact(sender, 5, forward("t", "one", 2));
    assert!(house.stage.read(sender).is_empty());
    house.write();
    assert_eq!(house.stage.read(sender), ["pubrec 5"]);

    let mut house = house.crash();
    let (sender, _) = house.back("sender");
    house.stage.arrive_exact(sender, 5, forward("t", "one", 2));
    house.write();
    assert_eq!(house.stage.read(sender), ["pubrec 5"]);
    house.stage.release(sender, 5);
    assert!(house.stage.read(sender).is_empty());
    house.write();
    assert_eq!(house.stage.read(sender), ["pubcomp 5"]);

    assert_eq!(house.back("panel").1, ["connack 1", "dup t=one #1"]);
    assert!(house.disk.sessions.iter().all(|one| one.taken.is_empty()));
}

#[test]
fn a_qos_2_message_leaves_when_it_is_on_disk_and_is_released_when_its_receipt_is() {
    let mut house = House::new();
    let panel = house.present("panel", "t", 2);
    let sender = house.stage.connect(entry("sender", 3600));

    house.stage.arrive_exact(sender, 5, forward("t", "one", 2));
    assert!(house.stage.read(panel).is_empty());
    house.write();
    assert_eq!(house.stage.read(panel), ["t=one ##1"]);
    house.stage.receive(panel, 1);
    assert!(house.stage.read(panel).is_empty());
    house.write();
    assert_eq!(house.stage.read(panel), ["pubrel 1"]);

    let mut house = house.crash();
    let (panel, heard) = house.back("panel");
    assert_eq!(heard, ["connack 1", "pubrel 1"]);
    house.stage.complete(panel, 1);
    house.write();
    assert!(house.disk.messages.is_empty());
}

#[test]
fn a_receipt_that_is_not_on_disk_is_asked_for_again() {
    let mut house = House::new();
    let panel = house.present("panel", "t", 2);
    let sender = house.stage.connect(entry("sender", 3600));
    house.stage.arrive_exact(sender, 5, forward("t", "one", 2));
    house.write();
    house.stage.read(panel);
    house.stage.receive(panel, 1);

    let mut house = house.crash();

    assert_eq!(house.back("panel").1, ["connack 1", "dup t=one ##1"]);
}

#[test]
fn retained_messages_survive_and_so_does_their_end() {
    let mut house = House::new();
    for (topic, payload) in [("a", "1"), ("a", "2"), ("b", "3"), ("b", "")] {
        let mut message = note(topic, payload);
        message.retain = true;
        house.stage.publish(&message);
    }
    house.write();

    let mut house = house.crash();
    let link = house.stage.connect(entry("screen", 0));
    house.stage.subscribe(link, "#", 1);

    assert_eq!(house.stage.read(link), ["suback 1", "retained a=2 #1"]);
    assert_eq!(house.disk.messages.len(), 1);
}

#[test]
fn a_session_ends_on_time_after_a_crash() {
    let mut house = House::new();
    house.absent("panel", "t", 1);
    house.stage.pass(1);

    let mut house = house.crash();
    house.stage.pass(3599);
    house.stage.pass(2);
    house.write();

    assert!(house.disk.sessions.is_empty());
    assert_eq!(house.back("panel").1, ["connack 0"]);
}

#[test]
fn a_clean_start_leaves_nothing_of_the_session_before() {
    let mut house = House::new();
    house.absent("panel", "t", 1);
    house.stage.publish(&note("t", "a"));
    house.stage.connect(entry("panel", 0));
    house.write();

    assert!(house.disk.sessions.is_empty());
    assert!(house.disk.messages.is_empty());
}

#[test]
fn who_waits_for_what_is_lost_is_cut_off_unacknowledged() {
    let mut house = House::new();
    house.absent("panel", "t", 1);
    let sender = house.stage.connect(entry("sender", 0));
    house.stage.arrive(sender, 5, forward("t", "one", 1));

    house.lose();

    let closing = house.stage.turn(sender).closing;
    assert_eq!(closing, Some(DisconnectReason::Ticket));
    assert!(house.stage.read(sender).is_empty());
}

#[test]
fn what_the_disk_refused_is_not_acknowledged_to_a_repeat_before_it_is_there() {
    let mut house = House::new();
    let panel = house.present("panel", "t", 2);
    let sender = house.stage.connect(entry("sender", 3600));
    house.write();
    house.stage.arrive_exact(sender, 5, forward("t", "one", 2));
    house.lose();
    assert!(house.stage.turn(sender).closing.is_some());

    let (sender, _) = house.back("sender");
    house.stage.arrive_exact(sender, 5, forward("t", "one", 2));
    assert!(house.stage.read(sender).is_empty());
    assert!(house.stage.read(panel).is_empty());
    house.write();

    assert_eq!(house.stage.read(sender), ["pubrec 5"]);
    assert_eq!(house.stage.read(panel), ["t=one ##1"]);
}

#[test]
fn a_client_is_not_read_while_many_of_its_subscriptions_wait_for_the_disk() {
    let mut house = House::with(Limits {
        tickets_max: 2,
        ..Limits::default()
    });
    let link = house.stage.connect(entry("panel", 3600));
    house.stage.subscribe(link, "a", 1);
    assert!(house.stage.turn(link).reading);
    house.stage.subscribe(link, "b", 1);

    assert!(!house.stage.turn(link).reading);
    house.write();

    assert_eq!(house.stage.read(link), ["suback 1", "suback 1"]);
    assert!(house.stage.turn(link).reading);
}

#[derive(Clone, Debug)]
enum Act {
    Publish,
    Connect { who: usize },
    Drop { who: usize },
    Read { who: usize, answers: usize },
    Write,
    Crash,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Publish),
        2 => (0..2_usize).prop_map(|who| Act::Connect { who }),
        1 => (0..2_usize).prop_map(|who| Act::Drop { who }),
        4 => (0..2_usize, 0..6_usize).prop_map(|(who, answers)| Act::Read { who, answers }),
        3 => Just(Act::Write),
        1 => Just(Act::Crash),
    ]
}

proptest! {
    /// Whenever the power goes: what honest clients hand over at QoS 2 arrives once and in order.
    #[test]
    fn exactly_once_holds_through_crashes(acts in prop::collection::vec(act(), 0..80)) {
        let mut house = House::new();
        let link = house.present("reader", "a", 2);
        let mut clients = [Honest::named("writer"), Honest::named("reader")];
        clients[1].link = Some(link);
        let mut published = Vec::new();

        for (number, act) in (1_u32..).zip(&acts) {
            let stage = &mut house.stage;
            match act {
                Act::Publish => {
                    let before = clients[0].sending.len();
                    clients[0].publish(stage, number);
                    if clients[0].sending.len() > before {
                        published.push(number);
                    }
                }
                Act::Connect { who } => clients[*who].connect(stage),
                Act::Drop { who } => clients[*who].drop(stage),
                Act::Read { who, answers } => clients[*who].read(stage, *answers),
                Act::Write => house.write(),
                Act::Crash => {
                    house = house.crash();
                    clients.iter_mut().for_each(|client| client.link = None);
                }
            }
        }
        for who in [0, 1] {
            clients[who].connect(&mut house.stage);
            for _ in 0..200 {
                house.write();
                clients[who].read(&mut house.stage, usize::MAX);
            }
        }

        prop_assert_eq!(&clients[1].got, &published);
        prop_assert!(clients[0].sending.is_empty() && clients[1].held.is_empty());
        house.write();
        prop_assert!(house.disk.messages.is_empty());
    }
}
