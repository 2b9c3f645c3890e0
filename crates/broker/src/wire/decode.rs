//! Bytes to packets, through `rmqtt-codec` (MQTT 3.1.1 §2-3, MQTT 5 §2-3).
//! What the codec lets through and the broker does not take becomes a [`Fault`] here.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use rmqtt_codec::error::DecodeError;
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::v5::{DisconnectReasonCode, PublishProperties};
use rmqtt_codec::version::{ProtocolVersion, VersionCodec};
use rmqtt_codec::{v3, v5};
use tokio_util::codec::Decoder as _;

use super::aliases::{self, Aliases};
use super::code::Fault;
use super::connect::{self, Opening};
use super::packet::{Packet, Published, Request, RetainHandling};
use super::properties::encode_travelling;
use crate::link::Version;
use crate::topic;

/// Decodes the packets of one connection after its CONNECT.
#[derive(Debug)]
pub(crate) struct Decoder {
    codec: Codec,
    bytes_max: u32,
    aliases: Aliases,
}

#[derive(Debug)]
enum Codec {
    V3(v3::Codec),
    V5(v5::Codec),
}

/// Longest form of a remaining length.
const LENGTH_BYTES_MAX: usize = 4;

/// The codec refuses an empty client id with this flag unset, though v5 allows it and 3.x wants a
/// CONNACK: the flag is set for the codec and its value kept aside.
const CLEAN_FLAG: u8 = 0b0000_0010;

/// Takes the first packet of a connection from `bytes`. None: more bytes are needed.
pub(crate) fn decode_connect(
    bytes: &mut BytesMut,
    bytes_max: u32,
) -> Result<Option<Opening>, Fault> {
    let version = match VersionCodec.decode(bytes) {
        Ok(Some(version)) => version,
        Ok(None) => return Ok(None),
        Err(DecodeError::InvalidProtocol) if is_named_mqtt(bytes) => return Err(Fault::VERSION),
        Err(error) => return Err(error.into()),
    };
    let Some(flags_at) = find_flags(bytes) else {
        return Ok(None);
    };
    let clean = bytes[flags_at] & CLEAN_FLAG != 0;
    // The codec is asked once, with the whole packet: its own state would forget the flag.
    if find_body(bytes, bytes_max)?.is_none() {
        return Ok(None);
    }
    bytes[flags_at] |= CLEAN_FLAG;
    match version {
        ProtocolVersion::MQTT3 => match v3::Codec::new(bytes_max).decode(bytes)? {
            Some((v3::Packet::Connect(packet), _)) => connect::from_v3(*packet, clean).map(Some),
            _ => Err(Fault::MALFORMED),
        },
        ProtocolVersion::MQTT5 => match v5::Codec::new(bytes_max, 0).decode(bytes)? {
            Some((v5::Packet::Connect(packet), _)) => connect::from_v5(*packet, clean).map(Some),
            _ => Err(Fault::MALFORMED),
        },
    }
}

/// The protocol name is right, so that a codec that refuses it means its level.
fn is_named_mqtt(bytes: &[u8]) -> bool {
    let body = header(bytes).ok().flatten().map(|(at, _)| &bytes[at..]);
    body.is_some_and(|body| body.starts_with(b"\0\x04MQTT") || body.starts_with(b"\0\x06MQIsdp"))
}

fn find_flags(bytes: &[u8]) -> Option<usize> {
    let (name_at, _) = header(bytes).ok().flatten()?;
    let name_bytes = usize::from(*bytes.get(name_at + 1)?);
    let flags_at = name_at + 2 + name_bytes + 1;
    (flags_at < bytes.len()).then_some(flags_at)
}

/// Where the body of the first packet begins, and its length (MQTT 3.1.1 §2.2.3). None: more bytes
/// are needed.
fn header(bytes: &[u8]) -> Result<Option<(usize, usize)>, Fault> {
    let mut length = 0_usize;
    for index in 0..LENGTH_BYTES_MAX {
        let Some(byte) = bytes.get(1 + index) else {
            return Ok(None);
        };
        length |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((2 + index, length)));
        }
    }
    Err(Fault::MALFORMED)
}

/// Where the body of the first packet begins and ends. None: it is not whole. A packet that is too
/// large is known by its first bytes.
fn find_body(bytes: &[u8], bytes_max: u32) -> Result<Option<Range<usize>>, Fault> {
    let Some((at, length)) = header(bytes)? else {
        return Ok(None);
    };
    if length > bytes_max as usize {
        return Err(Fault::PACKET_TOO_LARGE);
    }
    Ok((bytes.len() >= at + length).then_some(at..at + length))
}

impl Decoder {
    /// `aliases_max` topic aliases are taken from a v5 client.
    pub(crate) fn new(version: Version, bytes_max: u32, aliases_max: u16) -> Decoder {
        let codec = if version == Version::V5 {
            Codec::V5(v5::Codec::new(bytes_max, 0))
        } else {
            Codec::V3(v3::Codec::new(bytes_max))
        };
        Decoder {
            codec,
            bytes_max,
            aliases: Aliases::new(aliases_max),
        }
    }

    /// Takes the next packet from `bytes`. None: more bytes are needed.
    pub(crate) fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Packet>, Fault> {
        let Some(body) = find_body(bytes, self.bytes_max)? else {
            return Ok(None);
        };
        match &mut self.codec {
            Codec::V3(codec) => match codec.decode(bytes)? {
                Some((packet, _)) => from_v3(packet, &mut self.aliases).map(Some),
                None => Ok(None),
            },
            Codec::V5(codec) => {
                if aliases::is_zero(bytes[0], &bytes[body]) {
                    return Err(Fault::TOPIC_ALIAS);
                }
                match codec.decode(bytes)? {
                    Some((packet, _)) => from_v5(packet, &mut self.aliases).map(Some),
                    None => Ok(None),
                }
            }
        }
    }
}

fn from_v3(packet: v3::Packet, aliases: &mut Aliases) -> Result<Packet, Fault> {
    match packet {
        v3::Packet::Publish(publish) => from_publish(*publish, aliases),
        v3::Packet::PublishAck { packet_id } => Ok(Packet::PubAck {
            packet: packet_id.get(),
            taken: true,
        }),
        v3::Packet::PublishReceived { packet_id } => Ok(Packet::PubRec {
            packet: packet_id.get(),
            taken: true,
        }),
        v3::Packet::PublishRelease { packet_id } => Ok(Packet::PubRel {
            packet: packet_id.get(),
        }),
        v3::Packet::PublishComplete { packet_id } => Ok(Packet::PubComp {
            packet: packet_id.get(),
        }),
        v3::Packet::Subscribe {
            packet_id,
            topic_filters,
        } => Ok(Packet::Subscribe {
            packet: packet_id.get(),
            identifier: None,
            requests: topic_filters
                .into_iter()
                .map(|(filter, qos)| plain(filter, qos))
                .collect(),
        }),
        v3::Packet::Unsubscribe {
            packet_id,
            topic_filters,
        } => Ok(Packet::Unsubscribe {
            packet: packet_id.get(),
            filters: topic_filters,
        }),
        v3::Packet::PingRequest => Ok(Packet::Ping),
        v3::Packet::Disconnect => Ok(Packet::Disconnect {
            with_will: false,
            life_secs: None,
        }),
        v3::Packet::Connect(_)
        | v3::Packet::ConnectAck(_)
        | v3::Packet::SubscribeAck { .. }
        | v3::Packet::UnsubscribeAck { .. }
        | v3::Packet::PingResponse => Err(Fault::PROTOCOL),
    }
}

fn plain(filter: ByteString, qos: QoS) -> Request {
    Request {
        filter,
        qos: qos.value(),
        no_local: false,
        as_published: false,
        retain: RetainHandling::Always,
    }
}

fn from_v5(packet: v5::Packet, aliases: &mut Aliases) -> Result<Packet, Fault> {
    match packet {
        v5::Packet::Publish(publish) => from_publish(*publish, aliases),
        v5::Packet::PublishAck(ack) => Ok(Packet::PubAck {
            packet: ack.packet_id.get(),
            taken: u8::from(ack.reason_code) < 0x80,
        }),
        v5::Packet::PublishReceived(ack) => Ok(Packet::PubRec {
            packet: ack.packet_id.get(),
            taken: u8::from(ack.reason_code) < 0x80,
        }),
        v5::Packet::PublishRelease(ack) => Ok(Packet::PubRel {
            packet: ack.packet_id.get(),
        }),
        v5::Packet::PublishComplete(ack) => Ok(Packet::PubComp {
            packet: ack.packet_id.get(),
        }),
        v5::Packet::Subscribe(subscribe) => Ok(Packet::Subscribe {
            packet: subscribe.packet_id.get(),
            identifier: subscribe.id,
            requests: (subscribe.topic_filters.into_iter().map(request))
                .collect::<Result<_, _>>()?,
        }),
        v5::Packet::Unsubscribe(unsubscribe) => Ok(Packet::Unsubscribe {
            packet: unsubscribe.packet_id.get(),
            filters: unsubscribe.topic_filters,
        }),
        v5::Packet::PingRequest => Ok(Packet::Ping),
        v5::Packet::Disconnect(disconnect) => Ok(Packet::Disconnect {
            with_will: disconnect.reason_code != DisconnectReasonCode::NormalDisconnection,
            life_secs: disconnect.session_expiry_interval_secs,
        }),
        v5::Packet::Connect(_)
        | v5::Packet::ConnectAck(_)
        | v5::Packet::SubscribeAck(_)
        | v5::Packet::UnsubscribeAck(_)
        | v5::Packet::PingResponse
        | v5::Packet::Auth(_) => Err(Fault::PROTOCOL),
    }
}

/// No-local makes no sense for a group and is a protocol error [MQTT-3.8.3-4].
fn request((filter, options): (ByteString, v5::SubscriptionOptions)) -> Result<Request, Fault> {
    if options.no_local && topic::is_shared(&filter) {
        return Err(Fault::PROTOCOL);
    }
    Ok(Request {
        filter,
        qos: options.qos.value(),
        no_local: options.no_local,
        as_published: options.retain_as_published,
        retain: match options.retain_handling {
            v5::RetainHandling::AtSubscribe => RetainHandling::Always,
            v5::RetainHandling::AtSubscribeNew => RetainHandling::IfNew,
            v5::RetainHandling::NoAtSubscribe => RetainHandling::Never,
        },
    })
}

fn from_publish(publish: Publish, aliases: &mut Aliases) -> Result<Packet, Fault> {
    let properties = publish.properties.unwrap_or_default();
    if !properties.subscription_ids.is_empty() {
        return Err(Fault::PROTOCOL);
    }
    let topic = match properties.topic_alias {
        Some(alias) => aliases.resolve(alias.get(), publish.topic)?,
        None => publish.topic,
    };
    if !topic::is_name(&topic) {
        return Err(Fault::TOPIC_NAME);
    }
    Ok(Packet::Publish(Published {
        topic,
        qos: publish.qos.value(),
        payload: publish.payload,
        packet: publish.packet_id.map(|id| id.get()),
        retain: publish.retain,
        expiry_secs: properties.message_expiry_interval.map(|secs| secs.get()),
        properties: travelling(properties)?,
    }))
}

/// The properties a receiver gets as they were sent (MQTT 5 §3.3.2.3).
fn travelling(properties: PublishProperties) -> Result<Bytes, Fault> {
    encode_travelling(
        properties.is_utf8_payload,
        properties.content_type,
        properties.response_topic,
        properties.correlation_data,
        properties.user_properties,
    )
}
