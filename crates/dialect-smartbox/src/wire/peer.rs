//! The two ends of a call, as a request names them. Source: S3 §2.1, "呼叫端点类型".

use std::net::IpAddr;

use serde::Serialize;

use crate::wire::fault::DecodeError;
use crate::wire::fields::{Fields, ID_MAX, STREAM_MAX};

const AUDIO: [&str; 5] = [
    "audio_stream_id",
    "audiostreamid",
    "audio_tream_id",
    "audio_stream_url",
    "audiostreamurl",
];
const VIDEO: [&str; 5] = [
    "video_stream_id",
    "videostreamid",
    "video_tream_id",
    "video_stream_url",
    "videostreamurl",
];

/// What kind of thing calls or is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeerType {
    /// The box of a flat.
    InnerBox = 1,
    /// A screen in a flat.
    InnerScreen = 2,
    /// An outdoor unit.
    OuterBox = 3,
    /// A property desk's application.
    PropertyApp = 4,
    /// The property centre.
    PropertyCenter = 5,
}

/// One end of a call: who it is, where it is, and where its streams are pushed or found.
///
/// ```json
/// {"id": "2-1-1", "type": 3, "ip": "11.0.11.1", "port": 7891,
///  "audio_stream_id": "56781", "video_stream_id": "56780"}
/// ```
///
/// All may be missing. A stream is a bare id, or an address such as
/// `http://11.0.1.22:954/stream/56780`; which of the two is the router's affair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// A flat's number, a unit's, a desk's.
    pub id: Option<String>,
    /// What it says it is. Decides nothing by itself.
    pub kind: Option<PeerType>,
    /// Its address.
    pub ip: Option<IpAddr>,
    /// Its port.
    pub port: Option<u16>,
    /// Its sound.
    pub audio: Option<String>,
    /// Its picture.
    pub video: Option<String>,
}

#[derive(Serialize)]
pub(super) struct EndValues<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio_stream_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    video_stream_id: Option<&'a str>,
}

impl PeerType {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::InnerBox,
        Self::InnerScreen,
        Self::OuterBox,
        Self::PropertyApp,
        Self::PropertyCenter,
    ];

    pub(super) fn find(number: u64) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| u64::from(kind.number()) == number)
    }

    pub(super) fn number(self) -> u8 {
        self as u8
    }
}

impl End {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        let ip = fields.text(&["ip"], ID_MAX)?;
        let ip = ip.map(|ip| ip.trim().parse()).transpose();
        let kind = fields.number("type")?;
        let kind = kind.map(|kind| PeerType::find(kind).ok_or(()));
        let port = fields.number("port")?.map(u16::try_from).transpose();
        Ok(Self {
            id: fields.text(&["id"], ID_MAX)?,
            kind: kind
                .transpose()
                .map_err(|()| fields.wrong("type", "1 to 5"))?,
            ip: ip.map_err(|_| fields.wrong("ip", "an IP address"))?,
            port: port.map_err(|_| fields.wrong("port", "0 to 65535"))?,
            audio: fields.text(&AUDIO, STREAM_MAX)?,
            video: fields.text(&VIDEO, STREAM_MAX)?,
        })
    }

    pub(super) fn values(&self) -> EndValues<'_> {
        EndValues {
            id: self.id.as_deref(),
            kind: self.kind.map(PeerType::number),
            ip: self.ip,
            port: self.port,
            audio_stream_id: self.audio.as_deref(),
            video_stream_id: self.video.as_deref(),
        }
    }
}
