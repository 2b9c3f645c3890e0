//! Any clients: bytes as a play of four clients that come, go, publish, subscribe and acknowledge
//! rightly and wrongly, over a journal, with crashes. Between the steps the books must be right,
//! and when all are gone nothing may be left, in memory or on disk.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::audit::{audit, is_empty};
use super::crash::House;
use super::stage::{entry, note, will};
use crate::core::{Arrival, Fate, Publication};
use crate::fuzz::{Dice, Feed, Target, hash, run};
use crate::limits::Limits;
use crate::link::{DisconnectReason, Kick, LinkId};
use crate::message::Message;

const NAMES: [&str; 4] = ["ann.1", "ann.2", "bob.1", "eve.1"];
const TOPICS: [&str; 3] = ["a", "a/x", "b"];
const FILTERS: [&str; 7] = [
    "a",
    "a/#",
    "+",
    "#",
    "$share/g/a",
    "$share/g/#",
    "$share/h/+",
];
const STEPS: usize = 20;
/// Longer than all that a play can let pass.
const FOREVER_SECS: u64 = 10_000_000;

#[test]
fn the_books_are_right_whatever_clients_do() {
    run(&Target {
        name: "core",
        make: |dice| dice.bytes(400),
        play,
    });
}

fn limits() -> Limits {
    Limits {
        inflight_max: 3,
        queue_messages_max: 6,
        queue_bytes_max: 30,
        tickets_max: 4,
        retained_max: 2,
        sessions_per_subject_max: 1,
        queue_life: Duration::from_secs(100),
        ..Limits::default()
    }
}

fn play(input: &[u8]) -> u64 {
    let mut theatre = Theatre {
        house: House::with(limits()),
        clients: Default::default(),
        seen: Vec::new(),
    };
    let mut feed = Feed(input);

    while !feed.is_empty() {
        theatre = theatre.step(&mut feed);
        audit(&theatre.house.stage.core);
    }
    theatre.end()
}

/// What a client has read and not answered.
#[derive(Default)]
struct Reader {
    link: Option<LinkId>,
    unanswered: VecDeque<String>,
}

struct Theatre {
    house: House,
    clients: [Reader; NAMES.len()],
    /// Kinds of what clients read.
    seen: Vec<u8>,
}

impl Theatre {
    fn step(mut self, feed: &mut Feed<'_>) -> Theatre {
        let kind = feed.below(STEPS);
        let who = feed.below(NAMES.len());
        match kind {
            0 | 1 => self.connect(who, feed),
            2 => self.part(who, feed),
            3 | 4 => self.subscribe(who, feed),
            5..=7 => self.publish(who, feed),
            8 => self.publish_own(feed),
            9..=11 => self.read(who),
            12 | 13 => self.answer(who, feed.below(4)),
            14 => self.answer_wrongly(who, feed),
            15..=17 => self.house.write(),
            18 => self.house.stage.pass(feed.byte().into()),
            _ => return self.crash(feed.below(2) == 0),
        }
        self.let_go();
        self
    }

    fn connect(&mut self, who: usize, feed: &mut Feed<'_>) {
        let mut entry = entry(NAMES[who], feed.choose(&[0, 60, 3600]));
        let delay_secs = feed.choose(&[0, 30]);
        entry.will = (feed.below(3) == 0).then(|| will("a", delay_secs));
        let link = self.house.stage.enter(entry);
        self.let_go();
        self.clients[who] = Reader {
            link: Some(link),
            ..Reader::default()
        };
    }

    fn part(&mut self, who: usize, feed: &mut Feed<'_>) {
        let how = feed.below(5);
        let Some(link) = self.clients[who].link else {
            return;
        };
        let stage = &mut self.house.stage;
        let (now, fx) = (stage.now, &mut stage.fx);
        match how {
            0 => stage.core.kick(&Kick::Link(link), now, fx),
            1 => stage.core.forget_subject("ann", now, fx),
            2 => {
                let life_secs = Some(60);
                stage
                    .core
                    .leave(link, DisconnectReason::Closed, life_secs, now, fx);
            }
            _ => stage.drop_link(link),
        }
    }

    /// Links that have ended are forgotten, as their tasks would see to.
    fn let_go(&mut self) {
        for client in &mut self.clients {
            let core = &mut self.house.stage.core;
            let is_over = |link| core.session_of(link).is_none();
            if let Some(link) = client.link.filter(|link| is_over(*link)) {
                core.forget(link);
                *client = Reader::default();
            }
        }
    }

    fn subscribe(&mut self, who: usize, feed: &mut Feed<'_>) {
        let (filter, how) = (feed.choose(&FILTERS), feed.below(4));
        let Some(link) = self.clients[who].link else {
            return;
        };
        let stage = &mut self.house.stage;
        if let Ok(qos @ 0..=2) = u8::try_from(how) {
            stage.subscribe(link, filter, qos);
        } else {
            let (now, fx) = (stage.now, &mut stage.fx);
            stage.core.unsubscribe(link, 3, &[filter.into()], now, fx);
        }
        stage.core.take_granted(link);
    }

    fn publish(&mut self, who: usize, feed: &mut Feed<'_>) {
        let (topic, how, packet) = (feed.choose(&TOPICS), feed.byte(), 1 + feed.byte() % 6);
        let Some(link) = self.clients[who].link else {
            return;
        };
        let stage = &mut self.house.stage;
        let payload = Bytes::from_static([&b""[..], b"x", b"some text"][usize::from(how >> 4) % 3]);
        let expires = (how & 8 != 0).then(|| stage.now + Duration::from_secs(20));
        let (qos, retain) = (how % 3, how & 4 != 0);
        let message =
            Publication::received(topic.into(), payload, qos, retain, Bytes::new(), expires);
        let fate = match how >> 6 {
            3 => Fate::Drop { code: 0x87 },
            _ => Fate::Forward(message),
        };
        match qos {
            0 => {
                let (now, fx) = (stage.now, &mut stage.fx);
                stage.core.publish(
                    link,
                    Arrival {
                        owed: None,
                        bytes: 0,
                        fate,
                    },
                    now,
                    fx,
                );
            }
            1 => drop(stage.arrive(link, packet.into(), fate)),
            _ => drop(stage.arrive_exact(link, packet.into(), fate)),
        }
    }

    fn publish_own(&mut self, feed: &mut Feed<'_>) {
        let (topic, how) = (feed.choose(&TOPICS), feed.byte());
        self.house.stage.publish(&Message {
            qos: how % 3,
            retain: how & 4 != 0,
            transient: how & 8 != 0,
            expires: (how & 16 != 0).then(|| self.house.stage.now + Duration::from_secs(10)),
            ..note(topic, "own")
        });
    }

    fn read(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let Some(link) = client.link else { return };
        for line in self.house.stage.read(link) {
            self.seen.extend(line.bytes().take(6));
            client.unanswered.push_back(line);
        }
        let (now, fx) = (self.house.stage.now, &mut self.house.stage.fx);
        self.house.stage.core.expire(link, now, fx);
    }

    /// As a client should, in the order of what it read.
    fn answer(&mut self, who: usize, count: usize) {
        let client = &mut self.clients[who];
        let Some(link) = client.link else { return };
        let stage = &mut self.house.stage;
        for _ in 0..=count {
            let Some(line) = client.unanswered.pop_front() else {
                return;
            };
            let Some((head, id)) = line.rsplit_once([' ', '#']) else {
                continue;
            };
            let Ok(packet) = id.parse() else { continue };
            match head.split_once(' ').map_or(head, |(first, _)| first) {
                "pubrec" => stage.release(link, packet),
                "pubrel" => stage.complete(link, packet),
                _ if head.ends_with('#') => stage.receive(link, packet),
                _ if head.contains('=') => stage.acknowledge(link, packet),
                _ => {}
            }
        }
    }

    fn answer_wrongly(&mut self, who: usize, feed: &mut Feed<'_>) {
        let (how, packet) = (feed.below(6), u16::from(1 + feed.byte() % 8));
        let Some(link) = self.clients[who].link else {
            return;
        };
        let stage = &mut self.house.stage;
        let (now, fx) = (stage.now, &mut stage.fx);
        match how {
            0 => stage.core.acknowledge(link, packet, true, now, fx),
            1 => stage.core.acknowledge(link, packet, false, now, fx),
            2 => stage.core.receive(link, packet, true, now, fx),
            3 => stage.core.receive(link, packet, false, now, fx),
            4 => stage.core.complete(link, packet, now, fx),
            _ => stage.core.release(link, packet, now, fx),
        }
    }

    /// The process ends, perhaps because its disk failed.
    fn crash(mut self, with_disk: bool) -> Theatre {
        if with_disk {
            self.house.lose();
        }
        Theatre {
            house: self.house.crash(),
            clients: Default::default(),
            seen: self.seen,
        }
    }

    /// All go, time passes, what is retained is cleared: nothing is left.
    fn end(mut self) -> u64 {
        for who in 0..NAMES.len() {
            self.read(who);
            if let Some(link) = self.clients[who].link {
                self.house.stage.drop_link(link);
            }
        }
        self.let_go();
        self.house.stage.pass(FOREVER_SECS);
        for topic in TOPICS {
            self.house.stage.publish(&Message {
                retain: true,
                ..note(topic, "")
            });
        }
        self.house.write();
        audit(&self.house.stage.core);
        is_empty(&self.house.stage.core);
        let disk = &self.house.disk;
        assert!(disk.sessions.is_empty() && disk.retained.is_empty());
        assert!(
            disk.messages.is_empty(),
            "kept for nobody: {:?}",
            disk.messages
        );
        // Order and number are not new; which kinds there were is.
        let mut kinds: Vec<_> = self.seen.chunks(6).collect();
        kinds.sort_unstable();
        kinds.dedup();
        hash(&kinds.concat())
    }
}

#[test]
fn the_plays_reach_every_kind_of_packet() {
    let mut dice = Dice::new(3);
    let mut seen = Vec::new();

    for _ in 0..300 {
        let mut theatre = Theatre {
            house: House::with(limits()),
            clients: Default::default(),
            seen: Vec::new(),
        };
        let input = dice.bytes(400);
        let mut feed = Feed(&input);
        while !feed.is_empty() {
            theatre = theatre.step(&mut feed);
        }
        seen.extend(theatre.seen);
    }

    let seen = String::from_utf8_lossy(&seen);
    for kind in [
        "suback", "puback", "pubrec", "pubrel", "pubcom", "retain", "dup a=",
    ] {
        assert!(seen.contains(kind), "no {kind}");
    }
}
