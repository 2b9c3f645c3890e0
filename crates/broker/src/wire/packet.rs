//! Packets a client may send after CONNECT, the same for all versions.
//! Plain values; how they looked on the wire is forgotten here.

use std::num::NonZeroU32;

use bytes::Bytes;
use bytestring::ByteString;

/// One packet, checked as far as it can be without its session.
#[derive(Debug)]
pub(crate) enum Packet {
    /// With a valid topic name, that of its alias if it had one.
    Publish(Published),
    /// PUBACK; `taken` is false for a v5 reason code of 0x80 and more.
    PubAck { packet: u16, taken: bool },
    /// PUBREC; `taken` as above.
    PubRec { packet: u16, taken: bool },
    /// PUBREL.
    PubRel { packet: u16 },
    /// PUBCOMP.
    PubComp { packet: u16 },
    /// SUBSCRIBE; the filters are not yet checked.
    Subscribe {
        packet: u16,
        identifier: Option<NonZeroU32>,
        requests: Vec<Request>,
    },
    /// UNSUBSCRIBE; the filters are not yet checked.
    Unsubscribe {
        packet: u16,
        filters: Vec<ByteString>,
    },
    /// PINGREQ.
    Ping,
    /// DISCONNECT; `life_secs` is the v5 session expiry interval, if sent.
    Disconnect {
        with_will: bool,
        life_secs: Option<u32>,
    },
}

/// A PUBLISH.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) topic: ByteString,
    pub(crate) payload: Bytes,
    /// 0 to 2.
    pub(crate) qos: u8,
    /// None exactly at QoS 0.
    pub(crate) packet: Option<u16>,
    pub(crate) retain: bool,
    /// v5 properties that travel with the message, encoded.
    pub(crate) properties: Bytes,
    /// v5 message expiry interval.
    pub(crate) expiry_secs: Option<u32>,
}

/// One filter of a SUBSCRIBE.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) filter: ByteString,
    /// As asked for: 0 to 2.
    pub(crate) qos: u8,
    pub(crate) no_local: bool,
    pub(crate) as_published: bool,
    pub(crate) retain: RetainHandling,
}

/// When retained messages are sent at SUBSCRIBE (MQTT 5 §3.8.3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RetainHandling {
    Always,
    IfNew,
    Never,
}
