//! From a household and the settings to a plan.

use std::time::Duration;

use engine::call::{LEGS_MAX, Plan, Scene, Stage, Target};

use crate::directory::{Household, HouseholdEndpoint};

/// How calls behave where nothing else is said.
#[derive(Clone, Copy, Debug)]
pub struct CallSettings {
    /// How long a call rings in all; 5–180 s.
    pub ring: Duration,
    /// How long a conversation may last; 1 min–24 h.
    pub talk: Duration,
}

/// Source: S0 §3.2.5, 30 s and 2 h.
impl Default for CallSettings {
    fn default() -> Self {
        Self {
            ring: Duration::from_secs(30),
            talk: Duration::from_secs(2 * 3600),
        }
    }
}

/// Rings everyone in the household at once.
pub(super) fn plan(
    number: &str,
    household: Household,
    scene: Scene,
    settings: CallSettings,
) -> Plan {
    let flat = household.flat;
    let targets = within_limit(household.endpoints)
        .into_iter()
        .map(|one| Target {
            endpoint: one.endpoint,
            resident: Some(one.resident),
            household: flat.clone(),
        });
    let stage = Stage {
        targets: targets.collect(),
        ring: settings.ring,
        keep: false,
    };
    Plan {
        dialled: number.to_owned(),
        stages: vec![stage],
        ring: settings.ring,
        talk: settings.talk,
        preview: true,
        scene,
    }
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

    fn endpoint(name: String, is_client: bool) -> HouseholdEndpoint {
        HouseholdEndpoint {
            endpoint: name.into(),
            resident: "r".into(),
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
}
