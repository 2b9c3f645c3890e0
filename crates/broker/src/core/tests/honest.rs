//! Honest clients at QoS 2 over links that break at any moment: each message exactly once, in
//! order. And a group whose members come and go: nothing lost, nothing twice at QoS 2.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;

use super::stage::{Stage, entry, note};
use crate::core::{Fate, Publication};
use crate::limits::Limits;
use crate::link::LinkId;
use crate::message::Message;

/// A client that keeps its session and its promises (MQTT 3.1.1 §4.3.3).
#[derive(Default)]
pub(super) struct Honest {
    name: &'static str,
    pub(super) link: Option<LinkId>,
    /// What it has sent and not finished: id, number, PUBREC came.
    pub(super) sending: VecDeque<(u16, u32, bool)>,
    next: u16,
    /// Ids received and not released.
    pub(super) held: BTreeSet<u16>,
    /// Numbers received.
    pub(super) got: Vec<u32>,
}

impl Honest {
    pub(super) fn named(name: &'static str) -> Honest {
        Honest {
            name,
            ..Honest::default()
        }
    }

    pub(super) fn connect(&mut self, stage: &mut Stage) {
        let link = stage.enter(entry(self.name, 3600));
        self.link = Some(link);
        for (packet, number, received) in self.sending.clone() {
            if received {
                stage.release(link, packet);
            } else {
                send(stage, link, packet, number);
            }
        }
    }

    pub(super) fn publish(&mut self, stage: &mut Stage, number: u32) {
        self.next = self.next % 8 + 1;
        if self.sending.iter().any(|(packet, ..)| *packet == self.next) {
            return;
        }
        self.sending.push_back((self.next, number, false));
        if let Some(link) = self.link {
            send(stage, link, self.next, number);
        }
    }

    pub(super) fn drop(&mut self, stage: &mut Stage) {
        if let Some(link) = self.link.take() {
            stage.drop_link(link);
            stage.core.forget(link);
        }
    }

    /// Reads at most so many packets, the rest being lost with the link, and so the answer to the
    /// last one.
    pub(super) fn read(&mut self, stage: &mut Stage, count: usize) {
        let Some(link) = self.link else { return };
        let lines = stage.read(link);
        let is_cut = lines.len() > count;
        for (at, line) in (1..).zip(lines.iter().take(count)) {
            let answered = (!is_cut || at < count).then_some(link);
            self.take(stage, answered, line);
        }
        if is_cut {
            self.drop(stage);
        }
    }

    /// The answer reaches the broker if there is a link.
    fn take(&mut self, stage: &mut Stage, link: Option<LinkId>, line: &str) {
        let (first, last) = line.rsplit_once([' ', '#']).expect("two words");
        let Ok(packet) = last.parse() else { return };
        if let Some((_, number)) = first.trim_end_matches([' ', '#']).split_once("a=") {
            if self.held.insert(packet) {
                self.got.push(number.parse().expect("a number"));
            }
            if let Some(link) = link {
                stage.receive(link, packet);
            }
        } else if first == "pubrel" {
            self.held.remove(&packet);
            if let Some(link) = link {
                stage.complete(link, packet);
            }
        } else if first == "pubrec" {
            for one in self.sending.iter_mut().filter(|one| one.0 == packet) {
                one.2 = true;
            }
            if let Some(link) = link {
                stage.release(link, packet);
            }
        } else if first == "pubcomp" {
            self.sending.retain(|one| one.0 != packet);
        }
    }
}

fn send(stage: &mut Stage, link: LinkId, packet: u16, number: u32) {
    let message = Message {
        qos: 2,
        ..note("a", &number.to_string())
    };
    stage.arrive_exact(link, packet, Fate::Forward(Publication::own(&message)));
}

#[derive(Clone, Debug)]
enum Act {
    Publish,
    Connect { who: usize },
    Drop { who: usize },
    Read { who: usize, answers: usize },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Publish),
        2 => (0..2_usize).prop_map(|who| Act::Connect { who }),
        1 => (0..2_usize).prop_map(|who| Act::Drop { who }),
        4 => (0..2_usize, 0..6_usize).prop_map(|(who, answers)| Act::Read { who, answers }),
    ]
}

proptest! {
    #[test]
    fn mqtt_4_3_3_each_message_arrives_exactly_once_and_in_order(
        acts in prop::collection::vec(act(), 0..80),
        inflight_max in 1..4_u16,
    ) {
        let mut stage = Stage::with(Limits { inflight_max, ..Limits::default() });
        let link = stage.connect(entry("reader", 3600));
        stage.subscribe(link, "a", 2);
        stage.read(link);
        let mut clients = [Honest::named("writer"), Honest::named("reader")];
        clients[1].link = Some(link);
        let mut published = Vec::new();

        for (number, act) in (1_u32..).zip(&acts) {
            match act {
                Act::Publish => {
                    let before = clients[0].sending.len();
                    clients[0].publish(&mut stage, number);
                    if clients[0].sending.len() > before {
                        published.push(number);
                    }
                }
                Act::Connect { who } => clients[*who].connect(&mut stage),
                Act::Drop { who } => clients[*who].drop(&mut stage),
                Act::Read { who, answers } => clients[*who].read(&mut stage, *answers),
            }
        }
        for who in [0, 1] {
            clients[who].connect(&mut stage);
            for _ in 0..200 {
                clients[who].read(&mut stage, usize::MAX);
            }
        }

        prop_assert_eq!(&clients[1].got, &published);
        prop_assert!(clients[0].sending.is_empty() && clients[1].held.is_empty());
    }

    #[test]
    fn a_group_loses_nothing_while_somebody_is_left(
        acts in prop::collection::vec((0..4_usize, 0..3_usize, 1..3_u8), 0..60),
    ) {
        let mut stage = Stage::with(Limits { inflight_max: 2, ..Limits::default() });
        let names = ["stays", "ann", "bob"];
        let lives = [3600, 0, 0];
        let mut links: [Option<LinkId>; 3] = [None; 3];
        let mut seen: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
        let mut published = BTreeMap::new();
        let enter = |stage: &mut Stage, who: usize| {
            let link = stage.enter(entry(names[who], lives[who]));
            stage.subscribe(link, "$share/g/a", 2);
            link
        };
        links[0] = Some(enter(&mut stage, 0));

        for (number, (kind, who, qos)) in (1_u32..).zip(&acts) {
            match (kind, links[*who]) {
                (0, None) => links[*who] = Some(enter(&mut stage, *who)),
                (1, Some(link)) => {
                    stage.drop_link(link);
                    links[*who] = None;
                }
                (2, Some(link)) => drain(&mut stage, link, *who, &mut seen),
                _ => {
                    published.insert(number, *qos);
                    let payload = number.to_string();
                    stage.publish(&Message { qos: *qos, ..note("a", &payload) });
                }
            }
        }
        for who in [1, 2] {
            if let Some(link) = links[who] {
                stage.drop_link(link);
            }
        }
        let link = enter(&mut stage, 0);
        for _ in 0..100 {
            drain(&mut stage, link, 0, &mut seen);
        }

        for (number, qos) in published {
            let who = seen.get(&number).map_or(0, BTreeSet::len);
            prop_assert!(qos == 2 || who > 0, "{} was lost", number);
            prop_assert!(qos == 1 || who < 2, "{} came twice", number);
        }
        prop_assert_eq!(stage.core.counts().queued_messages, 0);
    }
}

/// Reads and answers everything.
fn drain(stage: &mut Stage, link: LinkId, who: usize, seen: &mut BTreeMap<u32, BTreeSet<usize>>) {
    for line in stage.read(link) {
        let Some((_, rest)) = line.split_once("a=") else {
            if let Some(packet) = line.strip_prefix("pubrel ") {
                stage.complete(link, packet.parse().expect("an id"));
            }
            continue;
        };
        let (number, packet) = rest.split_once(" #").expect("QoS 1 or 2");
        let number = number.parse().expect("a number");
        seen.entry(number).or_default().insert(who);
        match packet.strip_prefix('#') {
            Some(packet) => stage.receive(link, packet.parse().expect("an id")),
            None => stage.acknowledge(link, packet.parse().expect("an id")),
        }
    }
}
