//! By which way somebody wants a door open, what must be known, and why not.

use crate::access::credential::Credential;
use crate::access::entry::CodeEntry;
use crate::access::place::{Door, Home};
use crate::call::{Actor, Call};
use crate::id::{FlatId, OperatorId, ResidentId};
use crate::time::Instant;

/// A way to ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// As a party of a call from the door, by any of the names it may have there.
    Call(Vec<Actor>),
    /// As a resident, outside a call.
    Resident(ResidentId),
    /// By digits that were typed at the door.
    Code,
    /// By a card that the panel read.
    Card,
    /// By a text that the panel scanned, good until then; none: it is not one of ours.
    Qr(Option<Instant>),
    /// As an operator.
    Operator(OperatorId),
    /// Against a live alarm, as an operator or a centre.
    Alarm,
}

/// A way without who takes it, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WayKind {
    /// As a party of a call.
    Call,
    /// As a resident.
    Resident,
    /// By typed digits.
    Code,
    /// By a card.
    Card,
    /// By a scanned text.
    Qr,
    /// As an operator.
    Operator,
    /// Against an alarm.
    Alarm,
}

impl WayKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Call,
        Self::Resident,
        Self::Code,
        Self::Card,
        Self::Qr,
        Self::Operator,
        Self::Alarm,
    ];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Resident => "resident",
            Self::Code => "code",
            Self::Card => "card",
            Self::Qr => "qr",
            Self::Operator => "operator",
            Self::Alarm => "alarm",
        }
    }
}

impl Way {
    /// Which kind of way it is.
    pub fn kind(&self) -> WayKind {
        match self {
            Self::Call(_) => WayKind::Call,
            Self::Resident(_) => WayKind::Resident,
            Self::Code => WayKind::Code,
            Self::Card => WayKind::Card,
            Self::Qr(_) => WayKind::Qr,
            Self::Operator(_) => WayKind::Operator,
            Self::Alarm => WayKind::Alarm,
        }
    }

    /// Whether the panel that asks moves the lock itself, when it hears the answer.
    pub(crate) fn is_at_panel(&self) -> bool {
        matches!(self, Self::Code | Self::Card | Self::Qr(_))
    }

    /// Whether somebody could guess it at the panel.
    pub(crate) fn is_guessable(&self) -> bool {
        matches!(self, Self::Code | Self::Qr(_))
    }
}

/// A single-use permission that a live alarm gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nonce {
    /// The flat with the alarm.
    pub flat: FlatId,
    /// Good before this moment.
    pub expires: Instant,
    /// Whether it has opened a door.
    pub is_used: bool,
}

/// What is known when it is decided, all from one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The door.
    pub door: Door,
    /// The call that is referred to.
    pub call: Option<Call>,
    /// The flat of the resident who asks, of the credential, or of the alarm.
    pub home: Option<Home>,
    /// What was shown, if it is known.
    pub credential: Option<Credential>,
    /// Wrong codes at the door.
    pub entry: CodeEntry,
    /// The alarm's permission that was shown, if it is known.
    pub nonce: Option<Nonce>,
    /// Whether who asks keeps the door's community: an operator who manages it, a centre that stands
    /// there.
    pub is_manager: bool,
}

/// Why a door stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Denial {
    /// Who asks is no party of the call, or it is no call from this door.
    NotInCall,
    /// The call is over.
    CallEnded,
    /// The endpoint neither rings nor talks any more: it declined, or somebody else answered.
    LegClosed,
    /// The door does not serve them.
    NoRight,
    /// No such code, card or text.
    WrongCode,
    /// It is not valid yet.
    NotYet,
    /// It is not valid any more.
    Over,
    /// It has been used as often as it may be.
    UsedUp,
    /// Too many wrong codes: none counts for a minute.
    EntryLocked,
    /// A flat's own door opens to others only in a call, or against an alarm.
    NeedsAlarm,
    /// No such permission of an alarm, or it is used up or over.
    NoAlarm,
}

impl Denial {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NotInCall,
        Self::CallEnded,
        Self::LegClosed,
        Self::NoRight,
        Self::WrongCode,
        Self::NotYet,
        Self::Over,
        Self::UsedUp,
        Self::EntryLocked,
        Self::NeedsAlarm,
        Self::NoAlarm,
    ];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotInCall => "not_in_call",
            Self::CallEnded => "call_ended",
            Self::LegClosed => "leg_closed",
            Self::NoRight => "no_right",
            Self::WrongCode => "wrong_code",
            Self::NotYet => "not_yet",
            Self::Over => "over",
            Self::UsedUp => "used_up",
            Self::EntryLocked => "entry_locked",
            Self::NeedsAlarm => "needs_alarm",
            Self::NoAlarm => "no_alarm",
        }
    }
}
