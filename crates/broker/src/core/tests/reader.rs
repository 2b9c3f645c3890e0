//! A client of a play, of 3.1.1 or 5, that checks what it reads: packet ids, its receive maximum and
//! maximum packet size, topic aliases, subscription ids, and what is acknowledged in which order.

use std::collections::{BTreeMap, VecDeque};

use rmqtt_codec::types::Publish;
use rmqtt_codec::{MqttPacket, v3, v5};

use super::promises::Tickets;
use crate::core::Owed;
use crate::link::LinkId;
use crate::topic;
use crate::wire::Answer;

pub(super) const FILTERS: [&str; 7] = [
    "a",
    "a/#",
    "+",
    "#",
    "$share/g/a",
    "$share/g/#",
    "$share/h/+",
];

/// What it asked for in CONNECT, or the broker allows where that is less.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    pub(super) window: usize,
    pub(super) packet_bytes_max: usize,
    pub(super) aliases_max: u16,
}

pub(super) struct Reader {
    pub(super) link: LinkId,
    name: &'static str,
    bounds: Bounds,
    topic_by_alias: BTreeMap<u16, String>,
    /// Messages that it has not done with, by packet id.
    open: BTreeMap<u16, Open>,
    /// What it has still to answer, in the order in which it read.
    pub(super) unanswered: VecDeque<(Answer, u16)>,
    /// What it must read, in this order.
    promised: VecDeque<Promise>,
}

#[derive(Clone, Copy)]
struct Open {
    is_exact: bool,
    is_received: bool,
}

/// What follows from what it published.
pub(super) struct Promise {
    /// PUBACK or PUBREC; none at QoS 0, where an open ticket holds back what comes after it.
    pub(super) owed: Option<Owed>,
    /// The number of the ticket that decides.
    pub(super) ticket: Option<usize>,
}

enum Heard {
    Message(Box<Publish>),
    Answer(Answer, u16, u8),
    Other(String),
}

impl Reader {
    pub(super) fn new(link: LinkId, name: &'static str, bounds: Bounds) -> Reader {
        Reader {
            link,
            name,
            bounds,
            topic_by_alias: BTreeMap::new(),
            open: BTreeMap::new(),
            unanswered: VecDeque::new(),
            promised: VecDeque::new(),
        }
    }

    pub(super) fn promise(&mut self, promise: Promise) {
        self.promised.push_back(promise);
    }

    /// Reads one packet; returns what kind it was.
    pub(super) fn take(&mut self, packet: MqttPacket, bytes: usize, tickets: &Tickets) -> String {
        match heard(packet) {
            Heard::Message(message) => {
                assert!(bytes <= self.bounds.packet_bytes_max, "{bytes} bytes");
                self.take_message(&message)
            }
            Heard::Answer(answer, packet, code) => {
                self.take_answer(answer, packet, tickets);
                format!("{answer:?} {code}")
            }
            Heard::Other(kind) => kind,
        }
    }

    fn take_message(&mut self, message: &Publish) -> String {
        // What is for one client or subject alone has its name for a payload.
        let whom = String::from_utf8_lossy(&message.payload);
        let is_addressed = whom.starts_with(['a', 'b', 'e']);
        let is_mine = !is_addressed || self.name.starts_with(&*whom);
        assert!(is_mine, "{} read what is for {whom}", self.name);
        let properties = message.properties.as_ref();
        let alias = properties.and_then(|all| all.topic_alias);
        let topic = self.topic(&message.topic, alias.map(|alias| alias.get()));
        let ids = properties.map_or(&[][..], |all| &all.subscription_ids);
        for id in ids {
            let filter = FILTERS[id.get() as usize - 1];
            let filter = topic::split_shared(filter).map_or(filter, |(_, filter)| filter);
            assert!(topic::matches(filter, &topic), "{filter} for {topic}");
        }
        let qos = message.qos.value();
        if let Some(packet) = message.packet_id {
            self.fly(packet.get(), qos == 2);
        }
        let (again, retain) = (u8::from(message.dup), u8::from(message.retain));
        let (aliased, ids) = (alias.is_some(), ids.len());
        format!("message qos {qos} dup {again} retain {retain} alias {aliased} ids {ids}")
    }

    fn topic(&mut self, name: &str, alias: Option<u16>) -> String {
        let Some(alias) = alias else {
            return name.to_owned();
        };
        assert!((1..=self.bounds.aliases_max).contains(&alias), "{alias}");
        if name.is_empty() {
            return self.topic_by_alias[&alias].clone();
        }
        self.topic_by_alias.insert(alias, name.to_owned());
        name.to_owned()
    }

    fn fly(&mut self, packet: u16, is_exact: bool) {
        let is_received = false;
        let open = Open {
            is_exact,
            is_received,
        };
        assert!(self.open.insert(packet, open).is_none(), "{packet} twice");
        let window = self.bounds.window;
        assert!(self.open.len() <= window, "more than {window} in flight");
        let answer = if is_exact { Answer::Rec } else { Answer::Ack };
        self.unanswered.push_back((answer, packet));
    }

    fn take_answer(&mut self, answer: Answer, packet: u16, tickets: &Tickets) {
        match answer {
            Answer::Ack | Answer::Rec => {
                let next = self.next_promise(|_| true).expect("nothing was owed");
                assert_eq!(next.owed, Some(Owed { answer, packet }), "its turn");
                let next = self.promised.pop_front();
                if let Some(number) = next.and_then(|next| next.ticket) {
                    assert!(tickets.is_accepted(number), "{packet} is not stored");
                }
                if answer == Answer::Rec {
                    self.unanswered.push_back((Answer::Rel, packet));
                }
            }
            Answer::Rel => self.unanswered.push_back((Answer::Comp, packet)),
            Answer::Comp => {}
        }
    }

    /// It says so to the broker, rightly or wrongly.
    pub(super) fn answer(&mut self, answer: Answer, packet: u16, is_taken: bool) {
        let Some(open) = self.open.get_mut(&packet) else {
            return;
        };
        let is_over = match answer {
            Answer::Ack => !open.is_exact,
            Answer::Rec if open.is_exact => {
                open.is_received |= is_taken;
                !is_taken
            }
            Answer::Comp => open.is_received,
            Answer::Rec | Answer::Rel => false,
        };
        if is_over {
            self.open.remove(&packet);
        }
    }

    /// With all on disk and all read, only open tickets hold back what was promised.
    pub(super) fn check(&mut self, tickets: &Tickets) {
        let is_open = |one: &Promise| one.ticket.is_some_and(|number| tickets.is_open(number));
        if let Some(next) = self.next_promise(|plain| !is_open(plain)) {
            assert!(is_open(next), "{:?} was not sent", next.owed);
        }
    }

    /// The first one, when those at QoS 0 that are over were taken away.
    fn next_promise(&mut self, is_over: impl Fn(&Promise) -> bool) -> Option<&Promise> {
        while (self.promised.front()).is_some_and(|one| one.owed.is_none() && is_over(one)) {
            self.promised.pop_front();
        }
        self.promised.front()
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the kind of any other packet is its own name"
)]
fn heard(packet: MqttPacket) -> Heard {
    match packet {
        MqttPacket::V3(packet) => match packet {
            v3::Packet::Publish(message) => Heard::Message(message),
            v3::Packet::PublishAck { packet_id } => Heard::Answer(Answer::Ack, packet_id.get(), 0),
            v3::Packet::PublishReceived { packet_id } => {
                Heard::Answer(Answer::Rec, packet_id.get(), 0)
            }
            v3::Packet::PublishRelease { packet_id } => {
                Heard::Answer(Answer::Rel, packet_id.get(), 0)
            }
            v3::Packet::PublishComplete { packet_id } => {
                Heard::Answer(Answer::Comp, packet_id.get(), 0)
            }
            other => Heard::Other(kind(&other)),
        },
        MqttPacket::V5(packet) => match packet {
            v5::Packet::Publish(message) => Heard::Message(message),
            v5::Packet::PublishAck(ack) => {
                Heard::Answer(Answer::Ack, ack.packet_id.get(), ack.reason_code.into())
            }
            v5::Packet::PublishReceived(ack) => {
                Heard::Answer(Answer::Rec, ack.packet_id.get(), ack.reason_code.into())
            }
            v5::Packet::PublishRelease(ack) => {
                Heard::Answer(Answer::Rel, ack.packet_id.get(), ack.reason_code.into())
            }
            v5::Packet::PublishComplete(ack) => {
                Heard::Answer(Answer::Comp, ack.packet_id.get(), ack.reason_code.into())
            }
            v5::Packet::Disconnect(why) => {
                Heard::Other(format!("Disconnect {}", u8::from(why.reason_code)))
            }
            other => Heard::Other(kind(&other)),
        },
        other => panic!("{other:?}"),
    }
}

fn kind(packet: &impl std::fmt::Debug) -> String {
    let text = format!("{packet:?}");
    let end = text.find(|one: char| !one.is_alphanumeric());
    text[..end.unwrap_or(text.len())].to_owned()
}
