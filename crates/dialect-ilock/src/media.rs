//! Who may enter the call's room, under which name, for how long.
//!
//! One room for all. Every participant has a user id and a signature of its own, because a second
//! sign-in under one id throws the first out (TRTC), and because a loser must not be able to speak
//! as the winner.

use std::sync::Arc;
use std::time::Duration;

use app::port::RtcSigner;
use app::principal::{EndpointKind, endpoint_kind};
use engine::call::{Call, Phase, Room};
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
        let (room_id_type, room_id) = room(call);
        TencenRtc {
            room_id_type,
            room_id,
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

fn room(call: &Call) -> (RoomKind, String) {
    match &call.scene.room {
        Room::Text(name) => (RoomKind::String, name.clone()),
        Room::Number(number) => (RoomKind::Integer, number.to_string()),
    }
}

/// At most 32 safe characters: device ids have at most 28, ids of residents
/// and clients 16.
fn user_id(endpoint: &EndpointId) -> String {
    match endpoint_kind(endpoint) {
        Some(EndpointKind::Door(device)) => format!("dev_{device}"),
        Some(EndpointKind::Resident(resident)) => format!("res_{resident}"),
        Some(EndpointKind::Client(client)) => format!("res_{}", client.id),
        None => String::new(),
    }
}
