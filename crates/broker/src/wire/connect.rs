//! CONNECT of all versions as one [`Opening`] (MQTT 3.1.1 §3.1, MQTT 5 §3.1).
//! Decides only what the packet alone can tell; who may come in is decided elsewhere.

use bytes::Bytes;
use bytestring::ByteString;
use rmqtt_codec::types::MQTT_LEVEL_31;
use rmqtt_codec::{v3, v5};

use super::code::Fault;
use super::properties::encode_travelling;
use crate::link::Version;
use crate::topic;

/// What a client asks for in CONNECT. Without Debug: it holds a password.
pub(crate) struct Opening {
    pub(crate) version: Version,
    pub(crate) client: ByteString,
    pub(crate) username: Option<ByteString>,
    pub(crate) password: Option<Bytes>,
    pub(crate) clean: bool,
    /// Seconds; 0 is none.
    pub(crate) keep_alive: u16,
    pub(crate) will: Option<Will>,
    /// Session expiry interval; `u32::MAX` for a 3.x session that is to be kept.
    pub(crate) life_secs: u32,
    /// Largest in-flight window the client allows.
    pub(crate) window: u16,
    /// Largest packet the client takes, fixed header included.
    pub(crate) packet_bytes_max: u32,
    /// Topic aliases the client takes; 0: none.
    pub(crate) aliases_max: u16,
    /// CONNECT is well formed but cannot be served: the v5 reason code.
    pub(crate) fault: Option<Fault>,
}

/// A will; its topic name is checked by [`Opening::fault`].
#[derive(Clone, Debug)]
pub(crate) struct Will {
    pub(crate) topic: ByteString,
    pub(crate) payload: Bytes,
    /// 0 to 2.
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    pub(crate) properties: Bytes,
    pub(crate) expiry_secs: Option<u32>,
    pub(crate) delay_secs: u32,
}

pub(super) fn from_v3(packet: v3::Connect, clean: bool) -> Result<Opening, Fault> {
    let old = packet.protocol.level() == MQTT_LEVEL_31;
    let will = packet.last_will.map(|will| Will {
        topic: will.topic,
        payload: will.message,
        qos: will.qos.value(),
        retain: will.retain,
        properties: Bytes::new(),
        expiry_secs: None,
        delay_secs: 0,
    });
    Ok(Opening {
        version: if old { Version::V31 } else { Version::V311 },
        client: packet.client_id,
        username: packet.username,
        password: packet.password,
        clean,
        keep_alive: packet.keep_alive,
        life_secs: if clean { 0 } else { u32::MAX },
        window: u16::MAX,
        packet_bytes_max: u32::MAX,
        aliases_max: 0,
        fault: will_fault(will.as_ref()),
        will,
    })
}

pub(super) fn from_v5(packet: v5::Connect, clean: bool) -> Result<Opening, Fault> {
    let will = packet.last_will.map(will_v5).transpose()?;
    let fault = match &packet.auth_method {
        Some(_) => Some(Fault::BAD_METHOD),
        None => will_fault(will.as_ref()),
    };
    Ok(Opening {
        version: Version::V5,
        client: packet.client_id,
        username: packet.username,
        password: packet.password,
        clean,
        keep_alive: packet.keep_alive,
        life_secs: packet.session_expiry_interval_secs,
        window: packet.receive_max.map_or(u16::MAX, |max| max.get()),
        packet_bytes_max: packet.max_packet_size.map_or(u32::MAX, |max| max.get()),
        aliases_max: packet.topic_alias_max,
        fault,
        will,
    })
}

fn will_v5(will: v5::LastWill) -> Result<Will, Fault> {
    Ok(Will {
        topic: will.topic,
        payload: will.message,
        qos: will.qos.value(),
        retain: will.retain,
        expiry_secs: will.message_expiry_interval.map(|secs| secs.get()),
        delay_secs: will.will_delay_interval_sec.unwrap_or(0),
        properties: encode_travelling(
            will.is_utf8_payload.unwrap_or(false),
            will.content_type,
            will.response_topic,
            will.correlation_data,
            will.user_properties,
        )?,
    })
}

fn will_fault(will: Option<&Will>) -> Option<Fault> {
    will.filter(|will| !topic::is_name(&will.topic))
        .map(|_| Fault::TOPIC_NAME)
}
