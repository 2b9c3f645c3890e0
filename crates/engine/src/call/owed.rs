//! What a party must hear now, derived from the committed state.
//!
//! There is no outbox for calls: whoever speaks asks what is owed, says it, and remembers the
//! version that was acknowledged. Losing that memory costs a duplicate, never a message.

use std::time::Duration;

use crate::call::leg::{CloseReason, LegNo, LegState};
use crate::call::state::{Call, Phase};
use crate::call::version::Version;
use crate::id::EndpointId;
use crate::time::Instant;

/// How long after its end a call is still spoken about unasked.
///
/// A party that comes back later asks for the call and gets its tombstone. Longer would ring
/// yesterday's news, shorter would leave a screen ringing after a restart of the server.
pub const OWED_AFTER_END: Duration = Duration::from_secs(60);

/// One side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Who called.
    Caller,
    /// Who was rung.
    Leg(LegNo),
}

/// What a party must hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// To the caller: it rings.
    Ringing,
    /// To an endpoint: answer me.
    Offer,
    /// To the caller and the winner: somebody answered, they may talk.
    Answered,
    /// To an endpoint: stop ringing or talking.
    Closed(CloseReason),
    /// To the caller: it is over.
    Ended,
}

/// The side on which `endpoint` takes part, if it does.
pub fn party_of(call: &Call, endpoint: &EndpointId) -> Option<Party> {
    if &call.caller == endpoint {
        return Some(Party::Caller);
    }
    call.find_leg(endpoint).map(Party::Leg)
}

/// What `party` must hear at `now`, if it last acknowledged `told`, and the version to remember
/// once it has.
///
/// A call whose ring time is over is not offered any more, even if its end is still to be
/// committed: after an outage the first to reconnect would ring for nobody.
pub fn owed(call: &Call, party: Party, told: Version, now: Instant) -> Option<(Notice, Version)> {
    let (notice, changed) = match party {
        Party::Caller => (to_caller(call), call.caller_changed),
        Party::Leg(no) => (to_leg(&call.legs[no.0].state), call.legs[no.0].changed),
    };
    let is_late = match &call.phase {
        Phase::Alerting { ring_until, .. } => notice == Notice::Offer && *ring_until <= now,
        Phase::Active { .. } => false,
        Phase::Ended(ended) => now.since(ended.at) > OWED_AFTER_END,
    };
    (told < changed && !is_late).then_some((notice, changed))
}

fn to_caller(call: &Call) -> Notice {
    match call.phase {
        Phase::Alerting { .. } => Notice::Ringing,
        Phase::Active { .. } => Notice::Answered,
        Phase::Ended(_) => Notice::Ended,
    }
}

fn to_leg(state: &LegState) -> Notice {
    match state {
        LegState::Offered => Notice::Offer,
        LegState::Won => Notice::Answered,
        LegState::Closed(reason) => Notice::Closed(*reason),
    }
}
