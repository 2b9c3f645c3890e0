//! What one packet leads to: the hooks are asked without the lock, then the core is called.
//! Knows the hooks and the core, not the socket.

use std::sync::Arc;

use bytestring::ByteString;

use super::connection::Attached;
use super::shared;
use crate::core::{Arrival, Fate, Intake, Owed, Publication, Subscription, Wanted};
use crate::hooks::{Incoming, Verdict};
use crate::link::{DisconnectReason, Version};
use crate::ticket::{Slot, Ticket};
use crate::topic;
use crate::wire::{Answer, Packet, Published, Request};

const NOT_AUTHORIZED: u8 = 0x87;
const FILTER_INVALID: u8 = 0x8F;

impl Attached {
    /// Returns false if the link shall not be read on for now.
    pub(super) fn handle(&self, packet: Packet) -> bool {
        let link = self.link.id;
        match packet {
            Packet::Publish(publish) => return self.publish(publish),
            Packet::PubAck { packet, taken } => self.shared.step(|core, now, fx| {
                core.acknowledge(link, packet, taken, now, fx);
            }),
            Packet::PubRec { packet, taken } => self.shared.step(|core, now, fx| {
                core.receive(link, packet, taken, now, fx);
            }),
            Packet::PubRel { packet } => {
                self.shared
                    .step(|core, now, fx| core.release(link, packet, now, fx));
            }
            Packet::PubComp { packet } => self.shared.step(|core, now, fx| {
                core.complete(link, packet, now, fx);
            }),
            Packet::Subscribe {
                packet,
                identifier,
                requests,
            } => self.subscribe(packet, identifier.map(|id| id.get()), requests),
            Packet::Unsubscribe { packet, filters } => self.unsubscribe(packet, &filters),
            Packet::Ping => self.shared.step(|core, _, fx| core.ping(link, fx)),
            Packet::Disconnect {
                with_will,
                life_secs,
            } => {
                let reason = if with_will {
                    DisconnectReason::ClientWithWill
                } else {
                    DisconnectReason::Client
                };
                self.shared
                    .step(|core, now, fx| core.leave(link, reason, life_secs, now, fx));
                return false;
            }
        }
        true
    }

    fn publish(&self, publish: Published) -> bool {
        let topic: Arc<str> = Arc::from(&*publish.topic);
        let (link, qos) = (self.link.id, publish.qos);
        let owed = publish.packet.map(|packet| Owed {
            answer: if qos == 2 { Answer::Rec } else { Answer::Ack },
            packet,
        });
        // At QoS 1 a 3.x client has no receive maximum: nothing to look at.
        let is_watched = qos == 2 || self.link.version == Version::V5;
        if let Some(owed) = owed.filter(|_| is_watched)
            && let Intake::Done { reading } =
                (self.shared).step(|core, now, fx| core.intake(link, owed, now, fx))
        {
            return reading;
        }
        let (slot, verdict) = self.decide(&topic, &publish);
        let bytes = topic.len() + publish.payload.len() + publish.properties.len();
        self.shared.step(move |core, now, fx| {
            let fate = match verdict {
                None => Fate::Drop {
                    code: NOT_AUTHORIZED,
                },
                Some(Verdict::Drop) => Fate::Drop { code: 0 },
                Some(Verdict::Consume) => Fate::Ticket {
                    slot,
                    bytes: topic.len() + publish.payload.len(),
                },
                Some(Verdict::Forward) => Fate::Forward(Publication::received(
                    topic,
                    publish.payload,
                    qos,
                    publish.retain,
                    publish.properties,
                    shared::expiry(publish.expiry_secs, now),
                )),
            };
            core.publish(link, Arrival { owed, bytes, fate }, now, fx)
        })
    }

    /// None: not allowed.
    fn decide(&self, topic: &Arc<str>, publish: &Published) -> (Arc<Slot>, Option<Verdict>) {
        let slot = Arc::<Slot>::default();
        if !self
            .shared
            .hooks
            .allow_publish(&self.link, topic, publish.retain)
        {
            return (slot, None);
        }
        let incoming = Incoming {
            topic: Arc::clone(topic),
            payload: publish.payload.clone(),
            qos: publish.qos,
            retain: publish.retain,
            ticket: Ticket::new(Arc::clone(&slot), Arc::clone(&self.home)),
        };
        let verdict = self.shared.hooks.on_publish(&self.link, incoming);
        (slot, Some(verdict))
    }

    fn check(&self, request: Request, identifier: Option<u32>) -> Wanted {
        let filter: Arc<str> = Arc::from(&*request.filter);
        let refused = if !topic::is_filter(&filter, self.shared.limits.filter_levels_max) {
            Some(FILTER_INVALID)
        } else if !self.shared.hooks.allow_subscribe(&self.link, &filter) {
            Some(NOT_AUTHORIZED)
        } else {
            None
        };
        Wanted {
            filter,
            subscription: Subscription {
                qos: request.qos,
                no_local: request.no_local,
                as_published: request.as_published,
                identifier,
            },
            retain: request.retain,
            refused,
        }
    }

    fn subscribe(&self, packet: u16, identifier: Option<u32>, requests: Vec<Request>) {
        let wanted: Vec<Wanted> = requests
            .into_iter()
            .map(|one| self.check(one, identifier))
            .collect();
        let granted = self
            .shared
            .step(|core, now, fx| core.subscribe(self.link.id, packet, &wanted, now, fx));
        if !granted.is_empty() {
            self.shared.hooks.on_subscribed(&self.link, &granted);
        }
    }

    fn unsubscribe(&self, packet: u16, filters: &[ByteString]) {
        let filters: Vec<Arc<str>> = filters.iter().map(|filter| Arc::from(&**filter)).collect();
        let removed = self
            .shared
            .step(|core, now, fx| core.unsubscribe(self.link.id, packet, &filters, now, fx));
        if !removed.is_empty() {
            self.shared.hooks.on_unsubscribed(&self.link, &removed);
        }
    }
}
