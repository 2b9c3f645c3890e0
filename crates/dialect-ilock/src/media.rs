//! Who may enter the call's room, under which name, for how long.
//!
//! One room for all. Every participant has a user id and a signature of its own, because a second
//! sign-in under one id throws the first out (TRTC), and because a loser must not be able to speak
//! as the winner.

use std::sync::Arc;
use std::time::Duration;

use app::port::RtcSigner;
use app::principal::{EndpointKind, endpoint_kind};
use engine::call::{Call, Phase};
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
        let user_id = user_id(endpoint);
        let credential = self.signer.sign(&user_id, now, life);
        TencenRtc {
            room_id_type: RoomKind::String,
            room_id: room_id(call),
            sdk_app_id: credential.sdk_app_id,
            user_id,
            user_sig: credential.user_sig,
        }
    }
}

fn time_left(call: &Call, now: Instant) -> Duration {
    match &call.phase {
        Phase::Alerting { ring_until, .. } => ring_until.since(now),
        Phase::Active { until, .. } => until.since(now),
        Phase::Ended(_) => Duration::ZERO,
    }
}

/// Derived from the call's id alone, never from a clock, so that all sides compute one room.
fn room_id(call: &Call) -> String {
    let id: String = call
        .id
        .as_str()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("room_{id}")
}

/// At most 32 safe characters: device ids have at most 28, resident ids 16.
fn user_id(endpoint: &EndpointId) -> String {
    match endpoint_kind(endpoint) {
        Some(EndpointKind::Door(device)) => format!("dev_{device}"),
        Some(EndpointKind::Resident(resident)) => format!("res_{resident}"),
        None => String::new(),
    }
}
