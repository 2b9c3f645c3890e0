//! A core with a clock of its own and clients that read their bytes as lines:
//! `connack 0`, `a=1`, `a=1 #7` (QoS 1, packet id 7), `a=1 ##7` (QoS 2), `dup a=1 #7`,
//! `retained a=1`, `puback 7`, `pubrec 7` and so on.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use rmqtt_codec::types::QoS;
use rmqtt_codec::{MqttCodec, MqttPacket, v3, v5};
use tokio_util::codec::Decoder as _;

use crate::core::{
    Arrival, Core, Effects, Entry, Fate, Intake, Owed, Publication, Subscription, Turn, Wanted,
};
use crate::limits::Limits;
use crate::link::{DisconnectReason, Link, LinkId, Version};
use crate::message::{Audience, Message, Outcome, OutcomeFn};
use crate::wire::{Answer, RetainHandling, Will};

pub(super) struct Stage {
    pub(super) core: Core,
    pub(super) now: Instant,
    pub(super) fx: Effects,
    next: u64,
    inboxes: BTreeMap<LinkId, BytesMut>,
    outcomes: Arc<Mutex<Vec<Outcome>>>,
}

/// A 3.1.1 client of subject and client id `name`; `life_secs` 0 is a clean session.
pub(super) fn entry(name: &str, life_secs: u32) -> Entry {
    Entry {
        link: Link {
            id: LinkId(0),
            subject: name.split('.').next().unwrap_or(name).into(),
            client: name.into(),
            tag: 0,
            version: Version::V311,
            clean: life_secs == 0,
            peer: (Ipv4Addr::LOCALHOST, 1883).into(),
        },
        life_secs,
        window: u16::MAX,
        packet_bytes_max: u32::MAX,
        aliases_max: 0,
        will: None,
        assigned: false,
        keep_alive: None,
        denied: Vec::new(),
    }
}

pub(super) fn will(topic: &str, delay_secs: u32) -> Will {
    Will {
        topic: topic.into(),
        payload: Bytes::from_static(b"bye"),
        qos: 0,
        retain: false,
        properties: Bytes::new(),
        expiry_secs: None,
        delay_secs,
    }
}

/// A QoS 1 message to everyone.
pub(super) fn note(topic: &str, payload: &str) -> Message {
    Message {
        topic: topic.into(),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        qos: 1,
        retain: false,
        transient: false,
        expires: None,
        audience: Audience::Everyone,
    }
}

impl Stage {
    pub(super) fn new() -> Stage {
        Stage::with(Limits::default())
    }

    pub(super) fn with(limits: Limits) -> Stage {
        Stage {
            core: Core::new(limits),
            now: epoch(),
            fx: Effects::default(),
            next: 0,
            inboxes: BTreeMap::new(),
            outcomes: Arc::default(),
        }
    }

    pub(super) fn pass(&mut self, secs: u64) {
        self.now += Duration::from_secs(secs);
        self.core.sweep(self.now, &mut self.fx);
    }

    /// Connects and reads CONNACK.
    pub(super) fn connect(&mut self, entry: Entry) -> LinkId {
        let link = self.enter(entry);
        assert_eq!(self.read(link)[0], "connack 0");
        link
    }

    /// What the next link will be.
    pub(super) fn next_link(&self) -> LinkId {
        LinkId(self.next + 1)
    }

    /// Connects and reads nothing.
    pub(super) fn enter(&mut self, mut entry: Entry) -> LinkId {
        let link = self.next_link();
        self.next = link.0;
        entry.link.id = link;
        self.core
            .attach(entry, self.now, &mut self.fx)
            .expect("admitted");
        link
    }

    /// Connects with one QoS 1 subscription.
    pub(super) fn reader(&mut self, name: &str, life_secs: u32, filter: &str) -> LinkId {
        let link = self.connect(entry(name, life_secs));
        self.subscribe(link, filter, 1);
        assert_eq!(self.read(link), ["suback 1"]);
        link
    }

    pub(super) fn subscribe(&mut self, link: LinkId, filter: &str, qos: u8) {
        let subscription = Subscription {
            qos,
            no_local: false,
            as_published: false,
            identifier: None,
        };
        let wanted = Wanted {
            filter: filter.into(),
            subscription,
            retain: RetainHandling::Always,
            refused: None,
        };
        self.core
            .subscribe(link, 9, &[wanted], self.now, &mut self.fx);
    }

    pub(super) fn publish(&mut self, message: &Message) {
        let outcomes = Arc::clone(&self.outcomes);
        let outcome: OutcomeFn =
            Arc::new(move |outcome| outcomes.lock().expect("one thread").push(outcome));
        let publication = Publication::own(message);
        let (now, fx) = (self.now, &mut self.fx);
        self.core.route(publication, Some(outcome), now, fx);
    }

    /// A client's PUBLISH at QoS 1; returns whether the link may be read on.
    pub(super) fn arrive(&mut self, link: LinkId, packet: u16, fate: Fate) -> bool {
        self.arrive_as(link, Answer::Ack, packet, fate)
    }

    /// A client's PUBLISH at QoS 2; returns whether the link may be read on.
    pub(super) fn arrive_exact(&mut self, link: LinkId, packet: u16, fate: Fate) -> bool {
        self.arrive_as(link, Answer::Rec, packet, fate)
    }

    fn arrive_as(&mut self, link: LinkId, answer: Answer, packet: u16, fate: Fate) -> bool {
        let owed = Owed { answer, packet };
        match self.core.intake(link, owed, self.now, &mut self.fx) {
            Intake::New => {
                let owed = Some(owed);
                let arrival = Arrival {
                    owed,
                    bytes: 1,
                    fate,
                };
                self.core.publish(link, arrival, self.now, &mut self.fx)
            }
            Intake::Done { reading } => reading,
        }
    }

    pub(super) fn release(&mut self, link: LinkId, packet: u16) {
        self.core.release(link, packet, self.now, &mut self.fx);
    }

    pub(super) fn receive(&mut self, link: LinkId, packet: u16) {
        self.core
            .receive(link, packet, true, self.now, &mut self.fx);
    }

    pub(super) fn complete(&mut self, link: LinkId, packet: u16) {
        self.core.complete(link, packet, self.now, &mut self.fx);
    }

    pub(super) fn acknowledge(&mut self, link: LinkId, packet: u16) {
        self.core
            .acknowledge(link, packet, true, self.now, &mut self.fx);
    }

    pub(super) fn drop_link(&mut self, link: LinkId) {
        self.core
            .detach(link, DisconnectReason::Closed, None, self.now, &mut self.fx);
    }

    /// Outcomes since the last call.
    pub(super) fn outcomes(&mut self) -> Vec<Outcome> {
        for (outcome, what) in self.fx.outcomes.drain(..) {
            outcome(what);
        }
        std::mem::take(&mut self.outcomes.lock().expect("one thread"))
    }

    /// Topics of the wills that fell due since the last call.
    pub(super) fn wills(&mut self) -> Vec<String> {
        self.fx
            .wills
            .drain(..)
            .map(|(_, will)| will.topic.to_string())
            .collect()
    }

    pub(super) fn turn(&mut self, link: LinkId) -> Turn {
        self.exchange(link, 0)
    }

    /// The socket takes everything; returns what a client of 3.x reads.
    pub(super) fn read(&mut self, link: LinkId) -> Vec<String> {
        let packets = self.packets(link).into_iter();
        let lines = packets.map(|(packet, _)| match packet {
            MqttPacket::V3(packet) => line(packet),
            other @ (MqttPacket::V5(_) | MqttPacket::Version(_)) => format!("{other:?}"),
        });
        lines.collect()
    }

    /// The socket takes everything; returns what the client reads, with the bytes of each packet.
    pub(super) fn packets(&mut self, link: LinkId) -> Vec<(MqttPacket, usize)> {
        let link_there = self.core.links.get(&link);
        let is_five = link_there.is_some_and(|one| one.link.version == Version::V5);
        let mut codec = if is_five {
            MqttCodec::V5(v5::Codec::new(0, 0))
        } else {
            MqttCodec::V3(v3::Codec::new(0))
        };
        let mut packets = Vec::new();
        let mut wrote = 0;
        loop {
            self.exchange(link, wrote);
            let inbox = self.inboxes.entry(link).or_default();
            if inbox.is_empty() {
                return packets;
            }
            wrote = inbox.len();
            let mut left = wrote;
            while let Some((packet, _)) = codec.decode(inbox).expect("valid") {
                packets.push((packet, left - inbox.len()));
                left = inbox.len();
            }
        }
    }

    fn exchange(&mut self, link: LinkId, wrote: usize) -> Turn {
        let inbox = self.inboxes.entry(link).or_default();
        self.core
            .exchange(link, wrote, inbox, Waker::noop(), self.now, &mut self.fx)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an Instant has no other origin; only sums matter"
)]
fn epoch() -> Instant {
    Instant::now()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "an unexpected packet shows as itself"
)]
fn line(packet: v3::Packet) -> String {
    match packet {
        v3::Packet::ConnectAck(ack) => format!("connack {}", u8::from(ack.session_present)),
        v3::Packet::SubscribeAck { status, .. } => status
            .iter()
            .map(|code| match code {
                v3::SubscribeReturnCode::Success(qos) => format!("suback {}", qos.value()),
                v3::SubscribeReturnCode::Failure => "suback no".to_owned(),
            })
            .collect(),
        v3::Packet::PublishAck { packet_id } => format!("puback {packet_id}"),
        v3::Packet::PublishReceived { packet_id } => format!("pubrec {packet_id}"),
        v3::Packet::PublishRelease { packet_id } => format!("pubrel {packet_id}"),
        v3::Packet::PublishComplete { packet_id } => format!("pubcomp {packet_id}"),
        v3::Packet::Publish(publish) => {
            let again = if publish.dup { "dup " } else { "" };
            let retained = if publish.retain { "retained " } else { "" };
            let packet = publish
                .packet_id
                .map(|id| {
                    format!(
                        " {}{id}",
                        if publish.qos == QoS::ExactlyOnce {
                            "##"
                        } else {
                            "#"
                        }
                    )
                })
                .unwrap_or_default();
            let payload = String::from_utf8_lossy(&publish.payload);
            format!("{again}{retained}{}={payload}{packet}", publish.topic)
        }
        other => format!("{other:?}"),
    }
}
