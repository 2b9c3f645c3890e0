//! Bytes to packets, through `rmqtt-codec` (MQTT 3.1.1 §2-3, MQTT 5 §2-3).
//! What the codec lets through and the broker does not take becomes a [`Fault`] here.

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use rmqtt_codec::types::{Publish, QoS};
use rmqtt_codec::v5::{DisconnectReasonCode, PublishProperties};
use rmqtt_codec::version::{ProtocolVersion, VersionCodec};
use rmqtt_codec::{v3, v5};
use tokio_util::codec::Decoder as _;

use super::code::Fault;
use super::connect::{self, Opening};
use super::packet::{Packet, Published, Request, RetainHandling};
use super::properties::encode_travelling;
use crate::topic;

/// Decodes the packets of one connection after its CONNECT.
#[derive(Debug)]
pub(crate) enum Decoder {
    V3(v3::Codec),
    V5(v5::Codec),
}

/// The codec refuses an empty client id with this flag unset, though v5 allows it and 3.x wants a
/// CONNACK: the flag is set for the codec and its value kept aside.
const CLEAN_FLAG: u8 = 0b0000_0010;

/// Takes the first packet of a connection from `bytes`. None: more bytes are needed.
pub(crate) fn decode_connect(
    bytes: &mut BytesMut,
    bytes_max: u32,
) -> Result<Option<Opening>, Fault> {
    let Some(version) = VersionCodec.decode(bytes)? else {
        return Ok(None);
    };
    let Some(flags_at) = find_flags(bytes) else {
        return Ok(None);
    };
    let clean = bytes[flags_at] & CLEAN_FLAG != 0;
    // The codec is asked once, with the whole packet: its own state would forget the flag.
    let whole = whole_packet(bytes, bytes_max)?;
    if bytes.len() < whole {
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

/// Offset of the remaining length's end.
fn body_at(bytes: &[u8]) -> usize {
    let continued = bytes[1..]
        .iter()
        .take_while(|byte| **byte & 0x80 != 0)
        .count();
    continued + 2
}

fn find_flags(bytes: &[u8]) -> Option<usize> {
    let name_at = body_at(bytes);
    let name_bytes = usize::from(*bytes.get(name_at + 1)?);
    let flags_at = name_at + 2 + name_bytes + 1;
    (flags_at < bytes.len()).then_some(flags_at)
}

fn whole_packet(bytes: &[u8], bytes_max: u32) -> Result<usize, Fault> {
    let body_at = body_at(bytes);
    let mut length = 0_usize;
    for (index, byte) in bytes[1..body_at].iter().enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * index);
    }
    if length > bytes_max as usize {
        return Err(Fault(0x95));
    }
    Ok(body_at + length)
}

impl Decoder {
    /// Takes the next packet from `bytes`. None: more bytes are needed.
    pub(crate) fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Packet>, Fault> {
        match self {
            Decoder::V3(codec) => match codec.decode(bytes)? {
                Some((packet, _)) => from_v3(packet).map(Some),
                None => Ok(None),
            },
            Decoder::V5(codec) => match codec.decode(bytes)? {
                Some((packet, _)) => from_v5(packet).map(Some),
                None => Ok(None),
            },
        }
    }
}

fn from_v3(packet: v3::Packet) -> Result<Packet, Fault> {
    match packet {
        v3::Packet::Publish(publish) => from_publish(*publish),
        v3::Packet::PublishAck { packet_id } => Ok(Packet::PubAck {
            packet: packet_id.get(),
            taken: true,
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
        | v3::Packet::PublishReceived { .. }
        | v3::Packet::PublishRelease { .. }
        | v3::Packet::PublishComplete { .. }
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

fn from_v5(packet: v5::Packet) -> Result<Packet, Fault> {
    match packet {
        v5::Packet::Publish(publish) => from_publish(*publish),
        v5::Packet::PublishAck(ack) => Ok(Packet::PubAck {
            packet: ack.packet_id.get(),
            taken: u8::from(ack.reason_code) < 0x80,
        }),
        v5::Packet::Subscribe(subscribe) => Ok(Packet::Subscribe {
            packet: subscribe.packet_id.get(),
            identifier: subscribe.id,
            requests: subscribe.topic_filters.into_iter().map(request).collect(),
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
        | v5::Packet::PublishReceived(_)
        | v5::Packet::PublishRelease(_)
        | v5::Packet::PublishComplete(_)
        | v5::Packet::SubscribeAck(_)
        | v5::Packet::UnsubscribeAck(_)
        | v5::Packet::PingResponse
        | v5::Packet::Auth(_) => Err(Fault::PROTOCOL),
    }
}

fn request((filter, options): (ByteString, v5::SubscriptionOptions)) -> Request {
    Request {
        filter,
        qos: options.qos.value(),
        no_local: options.no_local,
        as_published: options.retain_as_published,
        retain: match options.retain_handling {
            v5::RetainHandling::AtSubscribe => RetainHandling::Always,
            v5::RetainHandling::AtSubscribeNew => RetainHandling::IfNew,
            v5::RetainHandling::NoAtSubscribe => RetainHandling::Never,
        },
    }
}

fn from_publish(publish: Publish) -> Result<Packet, Fault> {
    let properties = publish.properties.unwrap_or_default();
    if publish.qos == QoS::ExactlyOnce {
        return Err(Fault::QOS);
    }
    if properties.topic_alias.is_some() {
        return Err(Fault::TOPIC_ALIAS);
    }
    if !properties.subscription_ids.is_empty() {
        return Err(Fault::PROTOCOL);
    }
    if !topic::is_name(&publish.topic) {
        return Err(Fault::TOPIC_NAME);
    }
    Ok(Packet::Publish(Published {
        topic: publish.topic,
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
