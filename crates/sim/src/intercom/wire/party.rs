//! Who takes part in a call, and in which words a party is spoken to.
//!
//! Source: S3 §2.1 (fields of `src` and `dest`, `CallPeerType`).

use std::fmt::{Display, Formatter, Result};

/// The edition of the document a party speaks. All editions are understood by everybody here; this
/// decides what is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Profile {
    /// The document of March 2019: `sid`, `reason` and `message` in rejections and endings, alarms
    /// as `seczone_emergency`.
    #[default]
    V04,
    /// The same, but calls between rooms name two full addresses of the central stream server.
    V05,
    /// What devices in the field send: indented JSON, numeric message ids, rejections with `code`
    /// and `message`, no `sid` outside requests and keep-alives, alarms as `emergency`.
    Field,
}

/// What a party is, the wire's `CallPeerType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartyKind {
    /// 1: the box of a flat.
    InnerBox,
    /// 2: a screen in a flat.
    Screen,
    /// 3: a unit at an entrance.
    Outdoor,
    /// 4: the property's application.
    PropertyApp,
    /// 5: the property's centre.
    Centre,
}

impl PartyKind {
    const ALL: [PartyKind; 5] = [
        PartyKind::InnerBox,
        PartyKind::Screen,
        PartyKind::Outdoor,
        PartyKind::PropertyApp,
        PartyKind::Centre,
    ];

    /// The number on the wire, 1 to 5.
    pub fn number(self) -> i64 {
        match self {
            PartyKind::InnerBox => 1,
            PartyKind::Screen => 2,
            PartyKind::Outdoor => 3,
            PartyKind::PropertyApp => 4,
            PartyKind::Centre => 5,
        }
    }

    /// None for a number the document does not have.
    pub fn from_number(number: i64) -> Option<PartyKind> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// One side of a call, as the caller describes it. Empty and absent are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// A flat or an entrance such as `2-1-1-1`, or whatever names the party.
    pub id: String,
    /// What it is; none where nobody said, or a number outside the document.
    pub kind: Option<PartyKind>,
    /// Where it listens.
    pub ip: String,
    /// Where it listens.
    pub port: Option<u16>,
    /// Where its sound goes: a stream's id or a full address.
    pub audio: String,
    /// Where its picture goes: a stream's id or a full address.
    pub video: String,
}

/// As a transcript shows it: its number, or its address if it has none.
impl Display for Party {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (self.id.as_str(), self.port) {
            ("", Some(port)) => write!(f, "{}:{port}", self.ip),
            ("", None) => f.write_str(&self.ip),
            (id, _) => f.write_str(id),
        }
    }
}
