//! From what a party must hear to the message that says it. Source: S3 §2.3–2.5; calls.md is silent
//! where a peer is: a winner hears nothing, a loser `call_end`.

use engine::call::{Call, CloseReason, LegState, Notice, Outcome, Party};

use crate::wire::{CallEnd, CallReject, Message, RejectCode};

/// What is said on a connection for a notice; none if the notice is heard in silence. An offer is
/// composed elsewhere.
pub(crate) fn to_message(call: &Call, party: Party, notice: Notice, sid: &str) -> Option<Message> {
    match (party, notice) {
        (_, Notice::Ringing | Notice::Offer) => None,
        // The winner knows; one whose own call was taken for its answer does not.
        (Party::Leg(_), Notice::Answered) => None,
        (Party::Caller, Notice::Answered) => Some(accept(sid)),
        (Party::Leg(_), Notice::Closed(reason)) => closed(call, reason, sid),
        (Party::Caller, Notice::Closed(_)) => None,
        (_, Notice::Ended) => Some(ended(call, sid)),
    }
}

/// `call_accept`.
pub(crate) fn accept(sid: &str) -> Message {
    Message::CallAccept {
        sid: Some(sid.to_owned()),
    }
}

/// `call_reject` by us.
pub(crate) fn reject(sid: Option<String>, code: RejectCode, message: &str) -> Message {
    Message::CallReject(CallReject {
        sid,
        code,
        message: Some(message.to_owned()),
    })
}

/// `call_end` for a reason.
pub(crate) fn end(sid: &str, reason: &str) -> Message {
    Message::CallEnd(CallEnd {
        sid: Some(sid.to_owned()),
        reason: Some(reason.to_owned()),
        message: None,
    })
}

/// The end, to the caller: before the answer a refusal is a `call_reject`.
fn ended(call: &Call, sid: &str) -> Message {
    let Some(ended) = call.ended() else {
        return end(sid, "");
    };
    let code = match ended.outcome {
        Outcome::Declined => RejectCode::Undefined,
        Outcome::Busy => RejectCode::LineBusy,
        Outcome::Unreachable => RejectCode::AppOffline,
        Outcome::Answered
        | Outcome::MaxDuration
        | Outcome::NoAnswer
        | Outcome::Cancelled
        | Outcome::Admin
        | Outcome::Unlocked => return end(sid, ended.outcome.name()),
    };
    reject(Some(sid.to_owned()), code, ended.outcome.name())
}

/// The end, to an endpoint that rang or talked; what it closed itself it knows.
fn closed(call: &Call, reason: CloseReason, sid: &str) -> Option<Message> {
    match reason {
        CloseReason::Declined | CloseReason::Busy | CloseReason::Unreachable => None,
        CloseReason::HungUp => {
            let outcome = call.ended().map(|ended| ended.outcome.name());
            Some(end(sid, outcome.unwrap_or_default()))
        }
        CloseReason::NoAnswer
        | CloseReason::DeclinedElsewhere
        | CloseReason::StageOver
        | CloseReason::Cancelled
        | CloseReason::AnsweredElsewhere
        | CloseReason::Admin
        | CloseReason::HandledByUnlock => Some(end(sid, reason.name())),
    }
}

/// Whether the party still takes part.
pub(crate) fn is_in(call: &Call, party: Party) -> bool {
    match party {
        Party::Caller => call.ended().is_none(),
        Party::Leg(leg) => !matches!(call.legs[leg.0].state, LegState::Closed(_)),
    }
}
