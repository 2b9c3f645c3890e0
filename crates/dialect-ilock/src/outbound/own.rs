//! Notices on the topics that belong to one resident or one door. Source: S1 §2.2, §2.3.2, §4.
//!
//! Deviation(sync-is-not-enough): the seed tells other devices by `devices/sync` at `QoS` 0 only,
//! the one message that must not be lost. They hear it by `calls/control` at `QoS` 1 as well, as
//! `answered_elsewhere` or `rejected_elsewhere` with the client that decided.

use app::principal::{EndpointKind, endpoint_kind};
use engine::call::{Call, CloseReason, Notice};
use engine::id::{DeviceId, EndpointId, ResidentId};
use engine::time::Instant;

use crate::media::Media;
use crate::outbound::outgoing::{Outgoing, Phone, caller_device, end_reason};
use crate::topics;
use crate::wire::{Caller, PushControl, PushIncoming, PushSync, encode};

/// What a door hears on its own topic.
pub(super) fn to_door(
    call: &Call,
    device: &DeviceId,
    notice: Notice,
    now: Instant,
) -> Option<Outgoing> {
    let note = || call.answer().and_then(|answer| answer.note.clone());
    let control = match notice {
        Notice::Ringing => control(call, "ringing", None, now),
        Notice::Answered => control(call, "accepted", note(), now),
        Notice::Ended => control(call, "hangup", Some(end_reason(call)), now),
        Notice::Offer | Notice::Closed(_) => return None,
    };
    Some(reliable(topics::device_control(device), encode(&control)))
}

/// What a phone hears on its resident's own topics, the message that must arrive first.
pub(super) fn to_phone(
    call: &Call,
    phone: &Phone<'_>,
    notice: Notice,
    media: &Media,
    now: Instant,
) -> Vec<Outgoing> {
    match notice {
        Notice::Offer => {
            let incoming = incoming(call, phone, media, now);
            let topic = topics::user_incoming(phone.resident);
            vec![reliable(topic, encode(&incoming))]
        }
        Notice::Answered => vec![sync(call, phone, "accepted", winner(call, phone), now)],
        Notice::Closed(reason) => closed(call, phone, reason, now),
        Notice::Ringing | Notice::Ended => Vec::new(),
    }
}

fn incoming(call: &Call, phone: &Phone<'_>, media: &Media, now: Instant) -> PushIncoming {
    let rtc = media.for_offer(call, phone.endpoint, phone.hearing(), now);
    PushIncoming {
        call_id: call.id.to_string(),
        caller_id: caller_device(call),
        caller_info: Caller {
            name: call.scene.caller_name.clone(),
            location: call.scene.caller_place.clone(),
        },
        timestamp: now.ms(),
        room_info: rtc.into(),
    }
}

fn closed(call: &Call, phone: &Phone<'_>, reason: CloseReason, now: Instant) -> Vec<Outgoing> {
    let resident = phone.resident;
    let say = |action, reason: Option<String>, device_id| {
        let control = PushControl {
            device_id,
            ..control(call, action, reason, now)
        };
        reliable(topics::user_control(resident), encode(&control))
    };
    let hangup = |why: String| vec![say("hangup", Some(why), None)];
    match reason {
        CloseReason::AnsweredElsewhere => {
            let by = winner(call, phone);
            let told = say("answered_elsewhere", None, Some(by.clone()));
            vec![told, sync(call, phone, "accepted", by, now)]
        }
        CloseReason::DeclinedElsewhere => {
            let by = decliner(call, resident);
            let told = say("rejected_elsewhere", None, Some(by.clone()));
            vec![told, sync(call, phone, "rejected", by, now)]
        }
        CloseReason::Declined => {
            let by = deciding_client(phone.endpoint);
            vec![sync(call, phone, "rejected", by, now)]
        }
        CloseReason::Cancelled => vec![say("cancelled", Some("cancelled".into()), None)],
        CloseReason::NoAnswer | CloseReason::StageOver => hangup("ring_timeout".into()),
        CloseReason::Busy => hangup("line_busy".into()),
        CloseReason::Unreachable => hangup("unreachable".into()),
        CloseReason::HungUp | CloseReason::Admin | CloseReason::HandledByUnlock => {
            hangup(end_reason(call))
        }
    }
}

fn control(call: &Call, action: &'static str, reason: Option<String>, now: Instant) -> PushControl {
    let (call_id, timestamp) = (call.id.to_string(), now.ms());
    PushControl {
        action,
        call_id,
        timestamp,
        reason,
        device_id: None,
    }
}

/// Where all phones of a resident are told at once, nothing else tells them, so it must arrive.
fn sync(
    call: &Call,
    phone: &Phone<'_>,
    action: &'static str,
    device_id: String,
    now: Instant,
) -> Outgoing {
    let (call_id, timestamp) = (call.id.to_string(), now.ms());
    let payload = encode(&PushSync {
        action,
        device_id,
        call_id,
        timestamp,
    });
    Outgoing {
        topic: topics::user_sync(phone.resident),
        payload,
        qos: u8::from(phone.is_all),
    }
}

fn reliable(topic: String, payload: Vec<u8>) -> Outgoing {
    Outgoing {
        topic,
        payload,
        qos: 1,
    }
}

fn winner(call: &Call, hears: &Phone<'_>) -> String {
    let Some(answer) = call.answer() else {
        return String::new();
    };
    let leg = &call.legs[answer.leg.0];
    // A client's hand is its name, also where it answered as one of its resident's phones.
    match endpoint_kind(&leg.endpoint) {
        Some(EndpointKind::Resident(_)) if hears.is_all => answer.hand.to_string(),
        _ => deciding_client(&leg.endpoint),
    }
}

/// Who declined for this resident: one of its own endpoints, else one of the household.
fn decliner(call: &Call, resident: &ResidentId) -> String {
    let declined = || {
        call.legs
            .iter()
            .filter(|l| l.closed() == Some(CloseReason::Declined))
    };
    let own = declined().find(|leg| leg.resident.as_ref() == Some(resident));
    let leg = own.or_else(|| declined().next());
    leg.map(|leg| deciding_client(&leg.endpoint))
        .unwrap_or_default()
}

/// The client id of a registered client, which is what apps compare with their own; of a
/// resident's other phones the resident's id, of a screen the device's.
fn deciding_client(endpoint: &EndpointId) -> String {
    match endpoint_kind(endpoint) {
        Some(EndpointKind::Client(client)) => client.name,
        Some(EndpointKind::Resident(resident)) => resident.to_string(),
        Some(
            EndpointKind::Door(device)
            | EndpointKind::Screen(device)
            | EndpointKind::Centre(device)
            | EndpointKind::InnerBox(device),
        ) => device.to_string(),
        None => String::new(),
    }
}
