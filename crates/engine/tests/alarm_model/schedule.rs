//! Random schedules: eight zones, random moments, one flat with real versions and real times. A
//! failing seed is kept beside this program by proptest.

use std::time::Duration;

use engine::alarm::{Level, Phase, Policy, Zone, decide};
use engine::id::AlarmId;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::cast::{Act, acts, delayed, nursing, to_input, zone};
use crate::promise::{MODES, STATE_PROMISES, Step};
use crate::world::World;

/// Firings that bring any alarm to the last level: one for each level.
const FIRINGS_MAX: usize = 4;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_promise_is_kept_in_any_order(zones in zones(), moves in moves()) {
        let mut world = World::with(zones);
        for (after, kind, which) in moves {
            world.now = world.now + after;
            let mut acts = acts(&world);
            acts.retain(|act| family(act) == kind);
            if acts.is_empty() {
                continue;
            }
            world = play(world, which.get(&acts))?;
        }
        drain(world)?;
    }
}

fn moves() -> impl Strategy<Value = Vec<(Duration, usize, Index)>> {
    let after = select(vec![
        0_u64, 0, 0, 1, 999, 9_999, 10_000, 20_000, 30_000, 60_000, 400_000,
    ]);
    let one = (
        after.prop_map(Duration::from_millis),
        0..5_usize,
        any::<Index>(),
    );
    prop::collection::vec(one, 1..80)
}

fn zones() -> impl Strategy<Value = Vec<Zone>> {
    let policies = select(vec![
        Policy::Immediate,
        Policy::Duress,
        delayed(),
        nursing(),
    ]);
    let modes = prop::sample::subsequence(MODES.to_vec(), 0..=MODES.len());
    let zones = prop::collection::vec((policies, modes), 1..=8);
    zones.prop_map(|zones| {
        let numbered = zones.into_iter().zip(1..);
        numbered
            .map(|((policy, modes), no)| zone(no, policy, &modes))
            .collect()
    })
}

/// Acts of one family are drawn alike, so that people do not drown triggers.
fn family(act: &Act) -> usize {
    match act {
        Act::Trigger(_) => 0,
        Act::Arm(_) => 1,
        Act::Lapse(_) | Act::Deadline(..) => 2,
        Act::Acknowledge(..) | Act::Handle(..) | Act::Close(..) => 3,
        Act::Pass => 4,
    }
}

fn play(world: World, act: &Act) -> Result<World, TestCaseError> {
    let fresh = AlarmId::from(format!("a{:04}", world.alarms.len()));
    let Some(input) = to_input(act, fresh) else {
        return Ok(world);
    };
    let decision = world.decide(decide, &input);
    let after = world.commit(&decision);
    let step = Step {
        before: &world,
        input: &input,
        decision: &decision,
        after: &after,
    };
    prop_assert_eq!(
        step.find_broken(decide),
        None,
        "at {:?} {:?}",
        world.now,
        input
    );
    for (name, is_kept) in STATE_PROMISES {
        prop_assert!(is_kept(&after), "{} at {:?} {:?}", name, world.now, input);
    }
    Ok(after)
}

/// Without anybody's doing, every alarm that nobody acknowledged comes to the last level and stays.
fn drain(mut world: World) -> Result<(), TestCaseError> {
    for _firing in 0..FIRINGS_MAX {
        let due: Vec<Act> = world
            .alarms
            .values()
            .filter(|alarm| alarm.deadline().is_some())
            .map(|alarm| Act::Deadline(alarm.id.clone(), alarm.version))
            .collect();
        let last = world.alarms.values().filter_map(|alarm| alarm.deadline());
        world.now = last
            .map(|next| next.at)
            .max()
            .unwrap_or(world.now)
            .max(world.now);
        for act in &due {
            world = play(world, act)?;
        }
    }
    for alarm in world.alarms.values() {
        let is_last = alarm.level() == Some(Level::Outside);
        let is_open = matches!(alarm.phase, Phase::Notified { .. });
        prop_assert!(!is_open || is_last, "{:?} is forgotten", alarm);
    }
    Ok(())
}
