//! From whom is called, who calls and the settings to a plan.

use std::time::Duration;

use engine::call::{LEGS_MAX, Plan, Scene, Scope, Stage, Target};
use engine::id::FlatId;

use crate::directory::{CallTimes, Device, Household, HouseholdEndpoint};

/// Which of a resident's phones are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phones {
    /// Each registered client is rung by itself.
    Apart,
    /// All are rung as one: what can speak to a resident, but not to one of the phones, needs this.
    Together,
}

/// How calls behave where no place says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallSettings {
    /// How long a call rings in all; 5–180 s.
    pub ring: Duration,
    /// How long a conversation may last; 1 min–24 h.
    pub talk: Duration,
    /// Whether a resident's clients are rung one by one.
    pub phones: Phones,
    /// Whether opening the door ends the ringing.
    pub unlock_ends_ringing: bool,
}

/// Source: S0 §3.2.5, 30 s and 2 h.
impl Default for CallSettings {
    fn default() -> Self {
        Self {
            ring: Duration::from_secs(30),
            talk: Duration::from_secs(2 * 3600),
            phones: Phones::Apart,
            unlock_ends_ringing: true,
        }
    }
}

/// Who is called: a household, or devices that are called by themselves.
pub(super) struct Callee {
    targets: Vec<Target>,
    times: CallTimes,
    community_times: CallTimes,
    declines: Option<Scope>,
}

impl Callee {
    /// Everyone in the household at once.
    pub(super) fn household(household: Household, settings: CallSettings) -> Self {
        let flat = household.flat;
        let rung = within_limit(rung(household.endpoints, settings.phones));
        let targets = rung.into_iter().map(|one| Target {
            endpoint: one.endpoint,
            resident: one.resident,
            household: flat.clone(),
        });
        Self {
            targets: targets.collect(),
            times: household.times,
            community_times: household.community_times,
            declines: household.declines,
        }
    }

    /// Devices at once, of which each is asked for itself: a desk that refuses speaks for no other.
    pub(super) fn devices(devices: Vec<Device>) -> Self {
        let targets = devices.iter().take(LEGS_MAX).map(|device| Target {
            endpoint: device.endpoint(),
            resident: None,
            household: FlatId::from(device.id.as_str()),
        });
        Self {
            targets: targets.collect(),
            times: CallTimes::default(),
            community_times: CallTimes::default(),
            declines: None,
        }
    }
}

/// Rings everyone who is called at once, for as long as they, the caller, the community or the
/// server says.
pub(super) fn plan(
    dialled: &str,
    callee: Callee,
    caller: CallTimes,
    scene: Scene,
    settings: CallSettings,
) -> Plan {
    let places = [callee.times, caller, callee.community_times];
    let CallSettings {
        ring,
        talk,
        unlock_ends_ringing,
        ..
    } = settle(places, settings);
    let stage = Stage {
        targets: callee.targets,
        ring,
        keep: false,
    };
    Plan {
        dialled: dialled.to_owned(),
        stages: vec![stage],
        ring,
        talk,
        preview: true,
        declines: callee.declines,
        unlock_ends: unlock_ends_ringing,
        scene,
    }
}

/// The times of a call: each from the first of the `places` that says it, else from the settings.
/// So the flat comes first, which knows best how long its people need.
fn settle(places: [CallTimes; 3], settings: CallSettings) -> CallSettings {
    let ring = places.iter().find_map(|place| place.ring);
    let talk = places.iter().find_map(|place| place.talk);
    CallSettings {
        ring: ring.unwrap_or(settings.ring),
        talk: talk.unwrap_or(settings.talk),
        ..settings
    }
}

fn rung(mut endpoints: Vec<HouseholdEndpoint>, phones: Phones) -> Vec<HouseholdEndpoint> {
    endpoints.retain(|one| !one.is_client || phones == Phones::Apart);
    endpoints
}

/// Everyone is rung by at least one endpoint, however many clients the household registered: those
/// of the lowest priority are left out.
fn within_limit(mut endpoints: Vec<HouseholdEndpoint>) -> Vec<HouseholdEndpoint> {
    let phones = endpoints.iter().filter(|one| !one.is_client).count();
    let mut clients_left = LEGS_MAX.saturating_sub(phones);
    endpoints.retain(|one| {
        let has_room = !one.is_client || clients_left > 0;
        if one.is_client && has_room {
            clients_left -= 1;
        }
        has_room
    });
    endpoints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::RoomNaming;

    fn endpoint(name: String, is_client: bool) -> HouseholdEndpoint {
        HouseholdEndpoint {
            endpoint: name.into(),
            resident: Some("r".into()),
            is_client,
        }
    }

    #[test]
    fn clients_of_low_priority_make_room_for_everyones_phones() {
        let clients = (0..72).map(|n| endpoint(format!("client:{n}"), true));
        let phones = (0..8).map(|n| endpoint(format!("resident:{n}"), false));

        let rung = within_limit(clients.chain(phones).collect());

        assert_eq!(rung.len(), LEGS_MAX);
        assert_eq!(rung.iter().filter(|one| !one.is_client).count(), 8);
        assert_eq!(rung[0].endpoint.as_str(), "client:0");
    }

    #[test]
    fn phones_that_cannot_be_told_apart_are_rung_as_one() {
        let all = || {
            vec![
                endpoint("client:1".into(), true),
                endpoint("resident:1".into(), false),
            ]
        };

        assert_eq!(rung(all(), Phones::Apart).len(), 2);
        assert_eq!(
            rung(all(), Phones::Together)[0].endpoint.as_str(),
            "resident:1"
        );
    }

    #[test]
    fn each_time_is_the_first_places_that_says_it_and_else_the_servers() {
        let nothing = (None, None);
        let cases = [
            ([nothing, nothing, nothing], (30, 7200)),
            ([nothing, nothing, (Some(40), Some(400))], (40, 400)),
            (
                [nothing, (Some(50), None), (Some(40), Some(400))],
                (50, 400),
            ),
            (
                [(Some(60), None), (Some(50), Some(500)), nothing],
                (60, 500),
            ),
            (
                [(None, Some(600)), (Some(50), Some(500)), (Some(40), None)],
                (50, 600),
            ),
            (
                [(Some(60), Some(600)), (Some(50), Some(500)), nothing],
                (60, 600),
            ),
        ];
        let s = Duration::from_secs;

        for (places, (ring, talk)) in cases {
            let said = places.map(|(ring, talk): (Option<u64>, Option<u64>)| CallTimes {
                ring: ring.map(s),
                talk: talk.map(s),
            });

            let settled = settle(said, CallSettings::default());

            let expected = CallSettings {
                ring: s(ring),
                talk: s(talk),
                phones: Phones::Apart,
                unlock_ends_ringing: true,
            };
            assert_eq!(settled, expected, "{places:?}");
        }
    }

    #[test]
    fn a_plan_has_the_flats_times_before_the_doors_and_the_communitys_word_on_declines() {
        let times = |seconds: u64| CallTimes {
            ring: Some(Duration::from_secs(seconds)),
            talk: Some(Duration::from_secs(10 * seconds)),
        };
        let household = Household {
            flat: "f".into(),
            times: times(60),
            community_times: times(40),
            declines: Some(Scope::Household),
            rooms: RoomNaming::Auto,
            endpoints: vec![endpoint("resident:r".into(), false)],
        };

        let plan = plan(
            "101",
            Callee::household(household, CallSettings::default()),
            times(50),
            Scene::default(),
            CallSettings::default(),
        );

        assert_eq!((plan.ring.as_secs(), plan.talk.as_secs()), (60, 600));
        assert_eq!(plan.stages[0].ring, plan.ring);
        assert_eq!(plan.declines, Some(Scope::Household));
    }
}
