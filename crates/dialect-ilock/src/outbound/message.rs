//! From a notice to the message of S0 that says it. Source: S0 §1, §3, §5.

use app::principal::{EndpointKind, endpoint_kind};
use engine::call::{Call, CloseReason, Notice, Outcome};
use engine::id::EndpointId;
use engine::time::Instant;

use crate::media::Media;
use crate::topics;
use crate::wire::{Control, Incoming};

/// A message ready to be published.
pub(super) struct Outgoing {
    pub(super) topic: &'static str,
    pub(super) payload: Vec<u8>,
}

/// Where a notice to `endpoint` is said; none if S0 does not serve such an endpoint.
pub(super) fn topic(endpoint: &EndpointId, notice: Notice) -> Option<&'static str> {
    match (endpoint_kind(endpoint)?, notice) {
        (EndpointKind::Door(_), _) => Some(topics::DEVICE),
        (EndpointKind::Resident(_), Notice::Offer) => Some(topics::INCOMING),
        (EndpointKind::Resident(_), _) => Some(topics::RESIDENT),
    }
}

/// The message that tells `endpoint` of `notice`.
pub(super) fn message(
    call: &Call,
    endpoint: &EndpointId,
    notice: Notice,
    media: &Media,
    now: Instant,
) -> Option<Outgoing> {
    let topic = topic(endpoint, notice)?;
    let payload = match notice {
        Notice::Offer => incoming(call, endpoint, media, now)?.encode(),
        Notice::Ringing => control(call, "ringing", None, now).encode(),
        Notice::Answered => answered(call, now).encode(),
        Notice::Ended => control(call, "hangup", Some(end_reason(call)), now).encode(),
        Notice::Closed(reason) => closed(call, reason, now).encode(),
    };
    Some(Outgoing { topic, payload })
}

fn incoming(call: &Call, endpoint: &EndpointId, media: &Media, now: Instant) -> Option<Incoming> {
    let EndpointKind::Resident(resident) = endpoint_kind(endpoint)? else {
        return None;
    };
    Some(Incoming {
        call_id: call.id.to_string(),
        device_device_id: caller_device(call),
        target_resident_id: resident.to_string(),
        timestamp: now.ms(),
        tencen_rtc: media.for_offer(call, endpoint, now),
    })
}

fn caller_device(call: &Call) -> String {
    match endpoint_kind(&call.caller) {
        Some(EndpointKind::Door(device)) => device.to_string(),
        Some(EndpointKind::Resident(_)) | None => String::new(),
    }
}

fn control(call: &Call, action: &'static str, reason: Option<String>, now: Instant) -> Control {
    Control {
        action,
        call_id: call.id.to_string(),
        timestamp: now.ms(),
        reason,
        answered_by: None,
    }
}

/// Carries the winner's own reason, as the seed's sample does.
fn answered(call: &Call, now: Instant) -> Control {
    let note = call.answer().and_then(|answer| answer.note.clone());
    control(call, "answered", note, now)
}

fn closed(call: &Call, reason: CloseReason, now: Instant) -> Control {
    let hangup = |why: &str| control(call, "hangup", Some(why.to_owned()), now);
    match reason {
        CloseReason::AnsweredElsewhere => Control {
            answered_by: winner(call),
            ..answered(call, now)
        },
        CloseReason::NoAnswer | CloseReason::StageOver => {
            control(call, "timeout", Some("ring_timeout".into()), now)
        }
        CloseReason::Declined => hangup("rejected"),
        CloseReason::DeclinedElsewhere => hangup("rejected_elsewhere"),
        CloseReason::Busy => hangup("line_busy"),
        CloseReason::Cancelled => hangup("cancelled"),
        CloseReason::HungUp | CloseReason::Admin => hangup(&end_reason(call)),
    }
}

fn winner(call: &Call) -> Option<String> {
    let leg = call.answer()?.leg;
    call.legs[leg.0].resident.as_ref().map(ToString::to_string)
}

/// What the party that ended the call wrote, else a word for the outcome.
fn end_reason(call: &Call) -> String {
    let Some(ended) = call.ended() else {
        return String::new();
    };
    let word = match ended.outcome {
        Outcome::Answered => "call_completed",
        Outcome::MaxDuration => "max_duration",
        Outcome::Declined => "rejected",
        Outcome::Busy => "line_busy",
        Outcome::NoAnswer => "ring_timeout",
        Outcome::Cancelled => "cancelled",
        Outcome::Unreachable => "unreachable",
        Outcome::Admin => "admin",
    };
    ended.note.clone().unwrap_or_else(|| word.to_owned())
}
