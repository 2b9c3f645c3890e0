//! Notices on the fixed topics. Source: S0 §1, §3, §5.
//!
//! Doors hear `ringing`, `answered`, `hangup`; phones `answered`, `hangup`, `timeout`.

use app::principal::endpoint_device;
use engine::call::{Call, CloseReason, Notice, Outcome};
use engine::time::Instant;

use crate::media::Media;
use crate::outbound::outgoing::{Outgoing, Phone, caller_device, end_reason, end_word};
use crate::topics;
use crate::wire::{Control, Incoming, encode};

/// What a door hears.
pub(super) fn to_door(call: &Call, notice: Notice, now: Instant) -> Option<Outgoing> {
    let control = match notice {
        Notice::Ringing => control(call, "ringing", None, now),
        Notice::Answered => answered(call, now),
        Notice::Ended => control(call, "hangup", Some(end_reason(call)), now),
        Notice::Offer | Notice::Closed(_) => return None,
    };
    Some(outgoing(topics::DEVICE, encode(&control)))
}

/// What a resident's phone hears.
pub(super) fn to_phone(
    call: &Call,
    phone: &Phone<'_>,
    notice: Notice,
    media: &Media,
    now: Instant,
) -> Option<Outgoing> {
    let control = match notice {
        Notice::Offer => {
            let incoming = Incoming {
                call_id: call.id.to_string(),
                device_device_id: caller_device(call),
                target_resident_id: phone.resident.to_string(),
                timestamp: now.ms(),
                tencen_rtc: Some(media.for_offer(call, phone.endpoint, phone.hearing(), now)),
            };
            return Some(outgoing(topics::INCOMING, encode(&incoming)));
        }
        Notice::Answered => answered(call, now),
        Notice::Closed(reason) => closed(call, reason, now),
        Notice::Ringing | Notice::Ended => return None,
    };
    Some(outgoing(topics::RESIDENT, encode(&control)))
}

/// What everyone hears where nobody can be told alone: enough to ask `GET /api/mqtt/session`, and
/// neither who is visited, nor where, nor a credential.
pub(super) fn to_all(call: &Call, notice: Notice, now: Instant) -> Vec<Outgoing> {
    let say = |topic, action, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        outgoing(topic, encode(&control(call, action, reason, now)))
    };
    let word = Some(end_word(call));
    match notice {
        Notice::Ringing => vec![
            outgoing(topics::INCOMING, encode(&wake_up(call, now))),
            say(topics::DEVICE, "ringing", None),
        ],
        Notice::Answered => vec![
            say(topics::RESIDENT, "answered", None),
            say(topics::DEVICE, "answered", None),
        ],
        Notice::Ended => vec![
            say(topics::RESIDENT, over(call), word),
            say(topics::DEVICE, "hangup", word),
        ],
        Notice::Offer | Notice::Closed(_) => Vec::new(),
    }
}

fn wake_up(call: &Call, now: Instant) -> Incoming {
    Incoming {
        call_id: call.id.to_string(),
        device_device_id: String::new(),
        target_resident_id: String::new(),
        timestamp: now.ms(),
        tencen_rtc: None,
    }
}

fn over(call: &Call) -> &'static str {
    match call.ended().map(|ended| ended.outcome) {
        Some(Outcome::NoAnswer) => "timeout",
        Some(_) | None => "hangup",
    }
}

fn outgoing(topic: &str, payload: Vec<u8>) -> Outgoing {
    Outgoing {
        topic: topic.to_owned(),
        payload,
        qos: 1,
    }
}

fn control(call: &Call, action: &'static str, reason: Option<String>, now: Instant) -> Control {
    let (call_id, timestamp) = (call.id.to_string(), now.ms());
    Control {
        action,
        call_id,
        timestamp,
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
        CloseReason::Unreachable => hangup("unreachable"),
        CloseReason::Cancelled => hangup("cancelled"),
        CloseReason::HungUp | CloseReason::Admin | CloseReason::HandledByUnlock => {
            hangup(&end_reason(call))
        }
    }
}

/// The resident that answered, or the screen.
fn winner(call: &Call) -> Option<String> {
    let leg = &call.legs[call.answer()?.leg.0];
    let resident = leg.resident.as_ref().map(ToString::to_string);
    resident.or_else(|| endpoint_device(&leg.endpoint).map(|device| device.to_string()))
}
