//! The state of one order.

use crate::access::{Denial, WayKind};
use crate::id::{CallId, CredentialId, DeviceId, UnlockId};
use crate::time::Instant;

/// What a client calls its request: whoever asks chooses the key, and it is theirs alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    /// Who asks, such as `resident:…`, `operator:…`, `door:…`.
    pub asker: String,
    /// 1–64 bytes, made by the client.
    pub key: String,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The rules said no.
    Denied(Denial),
    /// The rules said yes; it may be sent.
    Authorised,
    /// A living connection has it, and the door will confirm.
    Sent,
    /// A living connection has it, and the door cannot confirm.
    HandedOver,
    /// The door says that it opened.
    Executed,
    /// The door says that it did not.
    Refused,
    /// There was no living connection: nothing was sent.
    Unreachable,
    /// Over this way locks are not moved: nothing was sent.
    NotSupported,
    /// Its time was over before it could be sent: nothing was sent.
    Expired,
    /// Nobody knows.
    Unknown,
}

impl Phase {
    /// Why it was denied, if it was.
    pub fn denial(self) -> Option<Denial> {
        match self {
            Self::Denied(why) => Some(why),
            Self::Authorised
            | Self::Sent
            | Self::HandedOver
            | Self::Executed
            | Self::Refused
            | Self::Unreachable
            | Self::NotSupported
            | Self::Expired
            | Self::Unknown => None,
        }
    }

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::Authorised => "authorised",
            Self::Sent => "sent",
            Self::HandedOver => "handed_over",
            Self::Executed => "executed",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::NotSupported => "not_supported",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }

    /// The phase with this name; `why` is what a denial needs.
    pub fn by_name(name: &str, why: Option<Denial>) -> Option<Self> {
        if name == "denied" {
            return why.map(Self::Denied);
        }
        let all = [
            Self::Authorised,
            Self::Sent,
            Self::HandedOver,
            Self::Executed,
            Self::Refused,
            Self::Unreachable,
            Self::NotSupported,
            Self::Expired,
            Self::Unknown,
        ];
        all.into_iter().find(|phase| phase.name() == name)
    }

    /// Whether nothing more is waited for. Of one that is `Unknown` the door may still tell.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Authorised | Self::Sent)
    }

    /// Whether the lock was moved, as far as anybody can say.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Executed | Self::HandedOver)
    }
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unlock {
    /// Made by us; what the door hears.
    pub id: UnlockId,
    /// What its client calls it.
    pub key: RequestKey,
    /// Which door.
    pub door: DeviceId,
    /// By which way it was asked for.
    pub way: WayKind,
    /// In which call, if in one.
    pub call: Option<CallId>,
    /// By which code or card, if by one.
    pub credential: Option<CredentialId>,
    /// When it was asked for.
    pub requested: Instant,
    /// When it may no longer move anything.
    pub ends: Instant,
    /// Where it stands.
    pub phase: Phase,
    /// What the door said beside its word.
    pub note: Option<String>,
    /// When it came to stand there.
    pub changed: Instant,
}
