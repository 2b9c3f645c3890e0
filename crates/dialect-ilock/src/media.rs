//! Who may enter the call's room, under which name, for how long.
//!
//! One room for all. Every participant has a user id and a signature of its own, because a second
//! sign-in under one id throws the first out (TRTC), and because a loser must not be able to speak
//! as the winner.

use std::sync::Arc;
use std::time::Duration;

use app::port::{RtcEntry, RtcSigner};
use app::principal::rtc_user;
use engine::call::{Call, MediaRight, Party, Phase, Room, party_of};
use engine::id::EndpointId;
use engine::time::Instant;

use crate::wire::{RoomKind, TencenRtc};

/// Slack after the ring or talk time for slow networks and clocks that differ.
const SLACK: Duration = Duration::from_secs(60);

/// Issues media credentials.
#[derive(Clone)]
pub(crate) struct Media {
    signer: Arc<dyn RtcSigner>,
}

impl Media {
    pub(crate) fn new(signer: Arc<dyn RtcSigner>) -> Self {
        Self { signer }
    }

    /// For a phone that rings: valid while it may ring.
    pub(crate) fn for_offer(&self, call: &Call, endpoint: &EndpointId, now: Instant) -> TencenRtc {
        self.sign(call, endpoint, now, time_left(call, now) + SLACK)
    }

    /// For the door and for whoever answered: valid while the call may last.
    pub(crate) fn for_talk(&self, call: &Call, endpoint: &EndpointId, now: Instant) -> TencenRtc {
        let talk = if call.is_alerting() {
            call.talk
        } else {
            Duration::ZERO
        };
        self.sign(call, endpoint, now, time_left(call, now) + talk + SLACK)
    }

    fn sign(&self, call: &Call, endpoint: &EndpointId, now: Instant, life: Duration) -> TencenRtc {
        let user_id = rtc_user(endpoint).unwrap_or_default();
        let entry = RtcEntry {
            user: &user_id,
            room: &call.scene.room,
            right: right(call, endpoint),
        };
        let credential = self.signer.sign(entry, now, life);
        let (room_id_type, room_id) = room(call);
        TencenRtc {
            room_id_type,
            room_id,
            sdk_app_id: credential.sdk_app_id,
            user_sig: credential.user_sig,
            private_map_key: credential.room_key,
            user_id,
        }
    }
}

/// What the rules let the endpoint do in the room now.
fn right(call: &Call, endpoint: &EndpointId) -> MediaRight {
    match party_of(call, endpoint) {
        Some(Party::Caller) => call.caller_media(),
        Some(Party::Leg(leg)) => call.leg_media(leg),
        None => MediaRight::None,
    }
}

fn time_left(call: &Call, now: Instant) -> Duration {
    match &call.phase {
        Phase::Alerting { ring_until, .. } => ring_until.since(now),
        Phase::Active { until, .. } => until.since(now),
        Phase::Ended(_) => Duration::ZERO,
    }
}

fn room(call: &Call) -> (RoomKind, String) {
    match &call.scene.room {
        Room::Text(name) => (RoomKind::String, name.clone()),
        Room::Number(number) => (RoomKind::Integer, number.to_string()),
    }
}
