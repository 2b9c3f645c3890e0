//! Everything that can happen to a small flat.

use std::time::Duration;

use engine::alarm::{Input, Mode, Modes, Outcome, Person, Policy, Times, Zone, ZoneNo};
use engine::call::Version;
use engine::id::AlarmId;

use crate::promise::MODES;
use crate::world::World;

/// Something that may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Trigger(ZoneNo),
    Arm(Mode),
    Lapse(Version),
    Deadline(AlarmId, Version),
    Acknowledge(AlarmId, Person),
    Handle(AlarmId, Person),
    Close(AlarmId, Person, Outcome),
    /// Time passes until something is due.
    Pass,
}

/// Everything that may happen in `world`, firings of older versions included.
pub(crate) fn acts(world: &World) -> Vec<Act> {
    let mut acts = vec![Act::Pass];
    acts.extend(
        world
            .site
            .zones
            .iter()
            .map(|watch| Act::Trigger(watch.zone.no)),
    );
    acts.extend(MODES.map(Act::Arm));
    let versions = |Version(now): Version| [Version(now), Version(now.saturating_sub(1))];
    acts.extend(versions(world.site.version).map(Act::Lapse));
    for alarm in world.alarms.values() {
        let id = || alarm.id.clone();
        acts.extend(versions(alarm.version).map(|version| Act::Deadline(id(), version)));
        for person in people() {
            acts.push(Act::Acknowledge(id(), person.clone()));
            acts.push(Act::Handle(id(), person.clone()));
            let close = |outcome| Act::Close(id(), person.clone(), outcome);
            acts.extend(Outcome::ALL.map(close));
        }
    }
    acts
}

/// The engine's input; none where only time passes.
pub(crate) fn to_input(act: &Act, fresh: AlarmId) -> Option<Input> {
    let (flat, times) = ("301".into(), Times::default());
    Some(match act.clone() {
        Act::Pass => return None,
        Act::Trigger(zone) => Input::Trigger {
            flat,
            zone,
            fresh,
            times,
        },
        Act::Arm(mode) => Input::Arm {
            flat,
            mode,
            by: mum(),
        },
        Act::Lapse(version) => Input::Lapse {
            flat,
            version,
            fresh,
            times,
        },
        Act::Deadline(alarm, version) => Input::Deadline { alarm, version },
        Act::Acknowledge(alarm, by) => Input::Acknowledge {
            alarm,
            by,
            going: String::new(),
        },
        Act::Handle(alarm, by) => Input::Handle { alarm, by },
        Act::Close(alarm, by, outcome) => Input::Close {
            alarm,
            by,
            outcome,
            reason: String::new(),
        },
    })
}

/// A zone that counts in these modes.
pub(crate) fn zone(no: u8, policy: Policy, modes: &[Mode]) -> Zone {
    Zone {
        no: ZoneNo::new(no).expect("1 to 8"),
        name: String::new(),
        policy,
        modes: modes.iter().copied().collect::<Modes>(),
    }
}

/// An entry delay for the casts.
pub(crate) fn delayed() -> Policy {
    Policy::Delayed(Duration::from_secs(20))
}

/// A quiet time for the casts.
pub(crate) fn nursing() -> Policy {
    Policy::Nursing(Duration::from_secs(60))
}

fn mum() -> Person {
    Person::Resident {
        resident: "mum".into(),
        flat: "301".into(),
    }
}

fn people() -> [Person; 2] {
    [mum(), Person::Operator("anna".into())]
}
