//! What can happen to calls, what must be known to decide it, and what a decision says.

use std::collections::BTreeMap;

use crate::call::plan::{Plan, Scope, Target};
use crate::call::state::Call;
use crate::call::version::Version;
use crate::id::{CallId, EndpointId, Hand};

/// Who acts: an endpoint, by one of the hands that share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The client or login that acts for it: two of them never both win.
    pub hand: Hand,
}

/// Why an endpoint does not ring, without anybody's having refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gone {
    /// It rang and stopped by itself.
    Silent,
    /// It is in a conversation of which we know nothing.
    Busy,
    /// It could not be reached.
    Unreachable,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The caller wants to ring `plan`; `call` is a fresh id, used only if a call is made.
    Invite {
        /// The id of the call, should one begin.
        call: CallId,
        /// Who calls.
        caller: Actor,
        /// Whom to ring.
        plan: Plan,
    },
    /// A ringing endpoint answers.
    Claim {
        /// Which call.
        call: CallId,
        /// Who answers.
        by: Actor,
        /// A reason to pass on unread.
        note: Option<String>,
    },
    /// A ringing endpoint refuses.
    Decline {
        /// Which call.
        call: CallId,
        /// Who refuses.
        by: Actor,
        /// For whom, where the plan does not say it.
        scope: Scope,
        /// A reason to pass on unread.
        note: Option<String>,
    },
    /// A ringing endpoint does not ring, or stopped by itself; closes that leg only.
    GiveUp {
        /// Which call.
        call: CallId,
        /// Who does not ring.
        by: Actor,
        /// Why not.
        gone: Gone,
    },
    /// A party puts the receiver down: before the answer the caller's is a cancel and a ringing
    /// resident's is that resident's decline, where the plan does not say otherwise.
    Hangup {
        /// Which call.
        call: CallId,
        /// Who hangs up.
        by: Actor,
        /// A reason to pass on unread.
        note: Option<String>,
    },
    /// An endpoint of a live stage appears after the offers left.
    Join {
        /// Which call.
        call: CallId,
        /// What appeared.
        target: Target,
    },
    /// A deadline has come; counts only in the version it was armed in.
    Deadline {
        /// Which call.
        call: CallId,
        /// The version it was armed in.
        version: Version,
    },
    /// The caller's door was opened for this call: that ends the ringing, where the plan says so.
    Opened {
        /// Which call.
        call: CallId,
    },
    /// An operator ends the call.
    End {
        /// Which call.
        call: CallId,
        /// A reason to pass on unread.
        note: Option<String>,
    },
}

/// What must be loaded before an input can be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// These calls, ended ones included.
    pub calls: Vec<CallId>,
    /// Every live call in which this endpoint is a party.
    pub calls_of: Option<EndpointId>,
    /// Which call holds the line of each of these.
    pub lines: Vec<EndpointId>,
}

/// What is known when an input is decided, all from one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Calls by id.
    pub calls: BTreeMap<CallId, Call>,
    /// The call that holds an endpoint's line; absent where the line is free.
    pub lines: BTreeMap<EndpointId, CallId>,
}

/// Why the rules say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// There is no such call, or the actor is no party of it: the two are not told apart.
    UnknownCall,
    /// Somebody else has answered.
    AnsweredElsewhere,
    /// The call is over.
    Ended,
    /// This endpoint has closed its own leg before.
    LegClosed,
    /// The actor's own line is taken by another call.
    LineBusy,
    /// Every line that could be rung is taken.
    Busy,
    /// There is nobody to ring.
    Unreachable,
    /// The plan has too many legs or stages.
    TooMany,
    /// The act does not fit the state, as declining what one has answered.
    WrongState,
}

/// Why an input changed nothing and nobody need be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The deadline was armed in an older version, or has not come.
    StaleDeadline,
    /// The endpoint already takes part.
    AlreadyThere,
    /// The call does not ring for it: it is over, answered, or its household refused.
    NotAlerting,
    /// The endpoint's line is taken by another call.
    LineBusy,
    /// There is no such call.
    UnknownCall,
}

/// What a decision says to whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Done, or found done already.
    Accepted,
    /// The rules say no.
    Refused(Refusal),
    /// It came to nothing.
    Ignored(Why),
}

/// The result of deciding one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to answer.
    pub verdict: Verdict,
    /// The call the answer is about, as it stands after the decision.
    pub call: Option<Call>,
    /// Every call to be written, whole.
    pub changed: Vec<Call>,
}

impl Decision {
    pub(crate) fn refused(refusal: Refusal, call: Option<&Call>) -> Self {
        Self {
            verdict: Verdict::Refused(refusal),
            call: call.cloned(),
            changed: Vec::new(),
        }
    }

    pub(crate) fn ignored(why: Why) -> Self {
        Self {
            verdict: Verdict::Ignored(why),
            call: None,
            changed: Vec::new(),
        }
    }

    pub(crate) fn unchanged(call: &Call) -> Self {
        Self {
            verdict: Verdict::Accepted,
            call: Some(call.clone()),
            changed: Vec::new(),
        }
    }

    pub(crate) fn changed(call: Call) -> Self {
        Self {
            verdict: Verdict::Accepted,
            call: Some(call.clone()),
            changed: vec![call],
        }
    }
}
