//! A leg: one attempt to reach one endpoint. The caller is not a leg.

use crate::call::plan::Target;
use crate::call::version::Version;
use crate::id::{EndpointId, FlatId, ResidentId};

/// The position of a leg in its call; legs are never removed or reordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegNo(pub usize);

/// Why a leg stopped ringing or talking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseReason {
    /// This endpoint, or its resident by this endpoint, said no.
    Declined,
    /// Another endpoint said no for a scope that includes this one.
    DeclinedElsewhere,
    /// The endpoint's line was taken by another call when this one came.
    Busy,
    /// The endpoint could not be reached.
    Unreachable,
    /// The endpoint itself stopped ringing, or the call's ring time ended.
    NoAnswer,
    /// The stage's time ended and the next stage does not keep it.
    StageOver,
    /// The caller cancelled before anyone answered.
    Cancelled,
    /// Another endpoint won.
    AnsweredElsewhere,
    /// This endpoint had won, and the conversation ended.
    HungUp,
    /// An operator ended the call.
    Admin,
    /// The door was opened while it rang.
    HandledByUnlock,
}

impl CloseReason {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Declined,
        Self::DeclinedElsewhere,
        Self::Busy,
        Self::Unreachable,
        Self::NoAnswer,
        Self::StageOver,
        Self::Cancelled,
        Self::AnsweredElsewhere,
        Self::HungUp,
        Self::Admin,
        Self::HandledByUnlock,
    ];

    /// Its stable name, for records, lists and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::DeclinedElsewhere => "declined_elsewhere",
            Self::Busy => "busy",
            Self::Unreachable => "unreachable",
            Self::NoAnswer => "no_answer",
            Self::StageOver => "stage_over",
            Self::Cancelled => "cancelled",
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::HungUp => "hung_up",
            Self::Admin => "admin",
            Self::HandledByUnlock => "handled_by_unlock",
        }
    }
}

/// Where a leg stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LegState {
    /// It rings: the endpoint is owed the offer, or has it.
    Offered,
    /// It answered.
    Won,
    /// It is over, for good unless a repress finds a busy line free again.
    Closed(CloseReason),
}

/// One attempt to reach one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leg {
    /// What is rung.
    pub endpoint: EndpointId,
    /// Whose it is, if one person's.
    pub resident: Option<ResidentId>,
    /// The household asked.
    pub household: FlatId,
    /// Whether it goes on ringing when the next stage starts.
    pub keep: bool,
    /// Where it stands.
    pub state: LegState,
    /// The call's version in which what this endpoint must hear last changed; none as long as its
    /// line was busy, because it was never offered and there is nothing to take back.
    pub changed: Version,
}

impl Leg {
    /// A leg that rings, decided in `version`.
    pub(crate) fn offered(target: Target, keep: bool, version: Version) -> Self {
        Self::new(target, keep, LegState::Offered, version)
    }

    /// A leg whose line is taken; its endpoint is told nothing.
    pub(crate) fn busy(target: Target, keep: bool) -> Self {
        let state = LegState::Closed(CloseReason::Busy);
        Self::new(target, keep, state, Version::NONE)
    }

    fn new(target: Target, keep: bool, state: LegState, changed: Version) -> Self {
        let Target {
            endpoint,
            resident,
            household,
        } = target;
        Self {
            endpoint,
            resident,
            household,
            keep,
            state,
            changed,
        }
    }

    /// Whether it may still answer.
    pub fn is_open(&self) -> bool {
        self.state == LegState::Offered
    }

    /// Whether its line was taken when it was to ring.
    pub(crate) fn is_busy(&self) -> bool {
        self.state == LegState::Closed(CloseReason::Busy)
    }

    /// Why it closed, if it did.
    pub fn closed(&self) -> Option<CloseReason> {
        match self.state {
            LegState::Closed(reason) => Some(reason),
            LegState::Offered | LegState::Won => None,
        }
    }
}
