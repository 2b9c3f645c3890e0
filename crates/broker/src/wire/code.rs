//! Reason codes the broker sends (MQTT 5 §2.4) and their 3.x return codes (MQTT 3.1.1 §3.2.2.3).
//! Only the codes; when they are sent is decided elsewhere.

use rmqtt_codec::error::DecodeError;
use rmqtt_codec::v5::ToReasonCode;

use crate::hooks::Refusal;
use crate::link::Version;

/// Why a connection is at fault: the v5 DISCONNECT or CONNACK reason code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fault(pub(crate) u8);

impl Fault {
    pub(crate) const MALFORMED: Fault = Fault(0x81);
    pub(crate) const PROTOCOL: Fault = Fault(0x82);
    pub(crate) const NOT_STORED: Fault = Fault(0x83);
    /// Of a CONNECT only.
    pub(crate) const VERSION: Fault = Fault(0x84);
    pub(crate) const STOPPING: Fault = Fault(0x8B);
    pub(crate) const BAD_METHOD: Fault = Fault(0x8C);
    pub(crate) const KEEP_ALIVE: Fault = Fault(0x8D);
    pub(crate) const TAKEN_OVER: Fault = Fault(0x8E);
    pub(crate) const TOPIC_NAME: Fault = Fault(0x90);
    pub(crate) const RECEIVE_MAX: Fault = Fault(0x93);
    pub(crate) const TOPIC_ALIAS: Fault = Fault(0x94);
    pub(crate) const PACKET_TOO_LARGE: Fault = Fault(0x95);
    pub(crate) const QUOTA: Fault = Fault(0x97);
    pub(crate) const KICKED: Fault = Fault(0x98);
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Fault {
        // The codec's own words for these are not those of MQTT 5 §4.13: bad text is no bad
        // payload, and reserved bits are malformed.
        let is_malformed = matches!(
            error,
            DecodeError::Utf8Error | DecodeError::UnsupportedPacketType
        );
        if is_malformed {
            Fault::MALFORMED
        } else {
            Fault(error.to_reason_code().into())
        }
    }
}

/// The CONNACK code of a refusal.
pub(crate) fn refusal_code(refusal: Refusal, version: Version) -> u8 {
    let (v3, v5) = match refusal {
        Refusal::BadCredentials => (4, 0x86),
        Refusal::NotAuthorized => (5, 0x87),
        Refusal::BadClientId => (2, 0x85),
        Refusal::Banned => (5, 0x8A),
        Refusal::Busy => (3, 0x89),
    };
    if version == Version::V5 { v5 } else { v3 }
}
