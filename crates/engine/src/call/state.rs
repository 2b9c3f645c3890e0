//! The state of a call and what can be read off it.
//!
//! Nothing here decides; [`crate::call::decide()`] does.

use std::time::Duration;

use crate::call::leg::{CloseReason, Leg, LegNo, LegState};
use crate::call::plan::{Scope, Stage};
use crate::call::scene::Scene;
use crate::call::version::Version;
use crate::id::{CallId, EndpointId, Hand};
use crate::time::Instant;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Somebody answered, and one of the two hung up.
    Answered,
    /// Somebody answered, and the talk limit ended it.
    MaxDuration,
    /// Everyone who could answer refused.
    Declined,
    /// Nobody refused, and every line was taken.
    Busy,
    /// It rang until its time was over.
    NoAnswer,
    /// The caller gave up first.
    Cancelled,
    /// There was nobody to ring.
    Unreachable,
    /// An operator ended it.
    Admin,
    /// Nobody answered, and the door was opened while it rang.
    Unlocked,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Answered,
        Self::MaxDuration,
        Self::Declined,
        Self::Busy,
        Self::NoAnswer,
        Self::Cancelled,
        Self::Unreachable,
        Self::Admin,
        Self::Unlocked,
    ];

    /// Its stable name, for records, lists and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::MaxDuration => "max_duration",
            Self::Declined => "declined",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Cancelled => "caller_cancelled",
            Self::Unreachable => "unreachable",
            Self::Admin => "admin",
            Self::Unlocked => "unlocked_unanswered",
        }
    }
}

/// What made it end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The caller hung up.
    Caller,
    /// The caller or the winner placed another call.
    Superseded,
    /// This leg.
    Leg(LegNo),
    /// The ring or talk limit.
    Limit,
    /// Nobody was left who could answer.
    NobodyLeft,
    /// An operator.
    Operator,
    /// The door was opened.
    Opening,
}

/// The one answer a call can get.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// Which leg won.
    pub leg: LegNo,
    /// By which of the hands that share its endpoint.
    pub hand: Hand,
    /// When.
    pub at: Instant,
    /// What the winner wrote as a reason, passed on unread.
    pub note: Option<String>,
}

impl Answer {
    /// Whether it was given on this leg by this hand: nobody else who shares the endpoint has won.
    pub fn is_by(&self, leg: LegNo, hand: &Hand) -> bool {
        self.leg == leg && self.hand == *hand
    }
}

/// The terminal state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// What made it end.
    pub cause: Cause,
    /// When.
    pub at: Instant,
    /// Who had answered.
    pub answer: Option<Answer>,
    /// What the party that ended it wrote as a reason, passed on unread.
    pub note: Option<String>,
}

/// Where a call stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It rings.
    Alerting {
        /// When the present stage's time ends.
        stage_until: Instant,
        /// When the whole ring time ends.
        ring_until: Instant,
    },
    /// Caller and winner talk.
    Active {
        /// Who answered.
        answer: Answer,
        /// When the talk limit ends it.
        until: Instant,
    },
    /// It is over.
    Ended(Ended),
}

/// What a party may do with the call's media now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaRight {
    /// Nothing.
    None,
    /// See and hear.
    Watch,
    /// See, hear, show and speak.
    Talk,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Counts its committed changes.
    pub version: Version,
    /// Who calls.
    pub caller: EndpointId,
    /// The version in which what the caller must hear last changed.
    pub caller_changed: Version,
    /// What the caller asked for.
    pub dialled: String,
    /// When it began.
    pub created: Instant,
    /// How long a conversation may last.
    pub talk: Duration,
    /// Whether ringing endpoints may watch.
    pub preview: bool,
    /// For whom any decline speaks; none: what the protocol means by it.
    pub declines: Option<Scope>,
    /// Whether opening the door ends the ringing.
    pub unlock_ends: bool,
    /// What it is set in.
    pub scene: Scene,
    /// Where it stands.
    pub phase: Phase,
    /// Everyone who was rung, in the order of the offers.
    pub legs: Vec<Leg>,
    /// Stages that have not rung yet.
    pub later: Vec<Stage>,
}

impl Call {
    /// When something must happen without anybody's doing; none once ended.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Alerting {
                stage_until,
                ring_until,
            } => Some(*stage_until.min(ring_until)),
            Phase::Active { until, .. } => Some(*until),
            Phase::Ended(_) => None,
        }
    }

    /// The endpoints whose line this call holds: the caller's and the winner's, until it ends.
    pub fn lines(&self) -> Vec<&EndpointId> {
        match &self.phase {
            Phase::Alerting { .. } => vec![&self.caller],
            Phase::Active { answer, .. } => vec![&self.caller, &self.legs[answer.leg.0].endpoint],
            Phase::Ended(_) => Vec::new(),
        }
    }

    /// The end, if it has ended.
    pub fn ended(&self) -> Option<&Ended> {
        match &self.phase {
            Phase::Ended(ended) => Some(ended),
            Phase::Alerting { .. } | Phase::Active { .. } => None,
        }
    }

    /// Whether nobody has answered yet and it may still be answered.
    pub fn is_alerting(&self) -> bool {
        matches!(self.phase, Phase::Alerting { .. })
    }

    /// The answer, also after the end.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.phase {
            Phase::Alerting { .. } => None,
            Phase::Active { answer, .. } => Some(answer),
            Phase::Ended(ended) => ended.answer.as_ref(),
        }
    }

    /// The leg of `endpoint`.
    pub fn find_leg(&self, endpoint: &EndpointId) -> Option<LegNo> {
        self.legs
            .iter()
            .position(|leg| &leg.endpoint == endpoint)
            .map(LegNo)
    }

    /// What the caller may do with media.
    pub fn caller_media(&self) -> MediaRight {
        if self.ended().is_some() {
            MediaRight::None
        } else {
            MediaRight::Talk
        }
    }

    /// What a leg's endpoint may do with media: the winner talks, those who ring may watch if the
    /// plan lets them, all others nothing.
    pub fn leg_media(&self, leg: LegNo) -> MediaRight {
        match self.legs[leg.0].state {
            LegState::Won => MediaRight::Talk,
            LegState::Offered if self.preview => MediaRight::Watch,
            LegState::Offered | LegState::Closed(_) => MediaRight::None,
        }
    }

    pub(crate) fn open_legs(&self) -> impl Iterator<Item = LegNo> + '_ {
        self.legs
            .iter()
            .enumerate()
            .filter(|(_, leg)| leg.is_open())
            .map(|(no, _)| LegNo(no))
    }

    pub(crate) fn close(&mut self, leg: LegNo, reason: CloseReason) {
        let version = self.version;
        let leg = &mut self.legs[leg.0];
        leg.state = LegState::Closed(reason);
        leg.changed = version;
    }

    pub(crate) fn close_open(&mut self, reason: CloseReason) {
        let open: Vec<LegNo> = self.open_legs().collect();
        for leg in open {
            self.close(leg, reason);
        }
    }
}
