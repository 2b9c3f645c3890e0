//! From a household and the settings to a plan.

use std::time::Duration;

use engine::call::{Plan, Scene, Stage, Target};

use crate::directory::Household;

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
    let targets = household.endpoints.into_iter().map(|one| Target {
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
