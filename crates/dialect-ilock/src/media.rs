//! Who may enter the call's room, under which name, for how long.
//!
//! One room for all. Every participant has a user id and a signature of its own, because a second
//! sign-in under one id throws the first out (TRTC), and because a loser must not be able to speak
//! as the winner. To a registered client that gave a key they are told encrypted (S1 §5.2).

use std::sync::Arc;
use std::time::Duration;

use app::key_book::KeyBook;
use app::port::{RtcEntry, RtcSigner};
use app::principal::rtc_user;
use engine::call::{Call, MediaRight, Party, Phase, Room, party_of};
use engine::id::{EndpointId, ResidentId};
use engine::time::Instant;

use crate::wire::{RoomKind, TencenRtc};

/// Slack after the ring or talk time for slow networks and clocks that differ.
const SLACK: Duration = Duration::from_secs(60);

/// Who hears the credentials that are told to a party.
#[derive(Clone, Copy)]
pub(crate) enum Hearing<'a> {
    /// This endpoint alone.
    One(&'a EndpointId),
    /// All phones of the resident.
    AllOf(&'a ResidentId),
}

/// Issues media credentials.
#[derive(Clone)]
pub(crate) struct Media {
    signer: Arc<dyn RtcSigner>,
    keys: Arc<KeyBook>,
}

impl Media {
    pub(crate) fn new(signer: Arc<dyn RtcSigner>, keys: Arc<KeyBook>) -> Self {
        Self { signer, keys }
    }

    /// For a phone that rings: valid while it may ring.
    pub(crate) fn for_offer(
        &self,
        call: &Call,
        party: &EndpointId,
        hearing: Hearing<'_>,
        now: Instant,
    ) -> TencenRtc {
        let life = time_left(call, now) + SLACK;
        self.sealed(self.sign(call, party, now, life), hearing)
    }

    /// For the door and for whoever answered: valid while the call may last.
    pub(crate) fn for_talk(
        &self,
        call: &Call,
        party: &EndpointId,
        hearing: Hearing<'_>,
        now: Instant,
    ) -> TencenRtc {
        let talk = if call.is_alerting() {
            call.talk
        } else {
            Duration::ZERO
        };
        let life = time_left(call, now) + talk + SLACK;
        self.sealed(self.sign(call, party, now, life), hearing)
    }

    fn sealed(&self, rtc: TencenRtc, hearing: Hearing<'_>) -> TencenRtc {
        let seal = |secret| match hearing {
            Hearing::One(endpoint) => self.keys.seal(endpoint, secret),
            Hearing::AllOf(resident) => self.keys.seal_for_all(resident, secret),
        };
        TencenRtc {
            user_sig: seal(rtc.user_sig),
            private_map_key: rtc.private_map_key.map(seal),
            ..rtc
        }
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

#[cfg(test)]
mod tests {
    use app::directory::{ClientKey, PublicKey};
    use app::port::{RtcCredential, Sealer};
    use app::principal::{Client, client_endpoint};
    use engine::call::{Actor, Facts, Input, Plan, Scene, Stage, Target, decide};

    use super::*;

    const RING: Duration = Duration::from_secs(90);
    const TALK: Duration = Duration::from_secs(600);

    /// Signs with nothing but how long it is valid, in seconds.
    struct Life;

    impl RtcSigner for Life {
        fn sign(&self, _: RtcEntry<'_>, _: Instant, life: Duration) -> RtcCredential {
            RtcCredential {
                sdk_app_id: 0,
                user_sig: life.as_secs().to_string(),
                room_key: Some("room".into()),
            }
        }
    }

    /// Writes the key before the text.
    struct Shown;

    impl Sealer for Shown {
        fn read_key(&self, _: &str) -> Option<PublicKey> {
            None
        }

        fn seal(&self, PublicKey(key): &PublicKey, text: &str) -> Option<String> {
            Some(format!("{key} {text}"))
        }
    }

    fn media(keys: Vec<ClientKey>) -> Media {
        Media::new(
            Arc::new(Life),
            Arc::new(KeyBook::new(Arc::new(Shown), keys)),
        )
    }

    #[test]
    fn credentials_are_told_encrypted_to_a_client_that_gave_a_key() {
        let client = Client {
            id: "tablet".into(),
            name: "tablet".into(),
        };
        let endpoint = client_endpoint(&client);
        let media = media(vec![ClientKey {
            resident: "mum".into(),
            client,
            key: PublicKey("key".into()),
        }]);
        let rings = decided(press(), Facts::default(), 0);
        let (mum, dad) = (EndpointId::from("mum"), EndpointId::from("dad"));

        let (sealed, plain) = (
            media.for_offer(&rings, &endpoint, Hearing::One(&endpoint), at(30)),
            media.for_offer(&rings, &dad, Hearing::AllOf(&"dad".into()), at(30)),
        );
        let talks = media.for_talk(&rings, &endpoint, Hearing::One(&endpoint), at(30));
        let shared = media.for_offer(&rings, &mum, Hearing::AllOf(&"mum".into()), at(30));

        let shown = |rtc: &TencenRtc| (rtc.user_sig.clone(), rtc.private_map_key.clone());
        assert_eq!(shown(&sealed), ("key 120".into(), Some("key room".into())));
        assert_eq!(shown(&talks), ("key 720".into(), Some("key room".into())));
        assert_eq!(shown(&plain), ("120".into(), Some("room".into())));
        assert_eq!(shown(&shared), (String::new(), Some(String::new())));
    }

    #[test]
    fn credentials_last_as_long_as_the_calls_own_times_and_a_minute() {
        let media = media(Vec::new());
        let (door, mum) = (EndpointId::from("door"), EndpointId::from("mum"));
        let rings = decided(press(), Facts::default(), 0);
        let claim = Input::Claim {
            call: rings.id.clone(),
            by: actor("mum"),
            note: None,
        };
        let mut facts = Facts::default();
        facts.calls.insert(rings.id.clone(), rings.clone());
        let talks = decided(claim, facts, 20);

        let offer = media.for_offer(&rings, &mum, Hearing::One(&mum), at(30));
        let pressed = media.for_talk(&rings, &door, Hearing::One(&door), at(0));
        let won = media.for_talk(&talks, &mum, Hearing::One(&mum), at(25));

        assert_eq!(offer.user_sig, "120");
        assert_eq!(pressed.user_sig, "750");
        assert_eq!(won.user_sig, "655");
    }

    fn press() -> Input {
        let target = Target {
            endpoint: "mum".into(),
            resident: Some("mum".into()),
            household: "1-101".into(),
        };
        let stage = Stage {
            targets: vec![target],
            ring: RING,
            keep: false,
        };
        Input::Invite {
            call: "call".into(),
            caller: actor("door"),
            plan: Plan {
                dialled: "1-101".into(),
                stages: vec![stage],
                ring: RING,
                talk: TALK,
                preview: true,
                declines: None,
                unlock_ends: true,
                scene: Scene::default(),
            },
        }
    }

    fn decided(input: Input, facts: Facts, at_s: i64) -> Call {
        decide(input, &facts, at(at_s)).call.unwrap()
    }

    fn actor(name: &str) -> Actor {
        Actor {
            endpoint: name.into(),
            hand: name.into(),
        }
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_ms(seconds * 1000)
    }
}
