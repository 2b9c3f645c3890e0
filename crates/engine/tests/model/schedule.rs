//! Random schedules: a large cast, random plans, random moments, one world with real versions and
//! real times. A failing seed is kept beside this program by proptest.

use std::time::Duration;

use engine::call::{
    Actor, Gone, Input, Plan, Scene, Scope, Stage, Target, Version, decide, owed, party_of,
};
use engine::id::CallId;
use engine::time::Instant;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::cast::{Act, Cast, actor, target};
use crate::promise::STATE_PROMISES;
use crate::step::Step;
use crate::world::{World, endpoint_of, parties};

/// Firings that end any call: one for each stage, one for the ring time, one for the talk limit.
const FIRINGS_MAX: usize = 6;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_promise_is_kept_in_any_order(cast in cast(), moves in moves()) {
        let mut world = World::empty();
        world.followed = cast.followed.iter().cloned().collect();
        for step in &moves {
            world = play(&cast, world, step)?;
        }
        drain(&cast, world)?;
    }
}

/// When something happens after what happened before, and which of all that may happen it is.
#[derive(Clone, Debug)]
struct Move {
    after: Duration,
    kind: usize,
    which: Index,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let after = select(vec![
        0, 0, 0, 0, 1, 300, 5_000, 9_999, 10_000, 30_000, 61_000,
    ]);
    let step = (after, 0..8_usize, any::<Index>()).prop_map(|(after_ms, kind, which)| Move {
        after: Duration::from_millis(after_ms),
        kind,
        which,
    });
    prop::collection::vec(step, 1..80)
}

fn cast() -> impl Strategy<Value = Cast> {
    let callers = select(vec!["d1", "d2", "a1", "b1", "desk"]);
    let press = (callers, plan()).prop_map(|(caller, plan)| (actor(caller, "one"), plan));
    let presses = prop::collection::vec(press, 1..6);
    presses.prop_map(|presses| Cast {
        presses,
        actors: actors(),
        joiners: people(),
        elsewhere: Vec::new(),
        gone: vec![Gone::Silent, Gone::Busy, Gone::Unreachable],
        followed: people().into_iter().map(|target| target.endpoint).collect(),
        keeps_ended: false,
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let targets = prop::sample::subsequence(people(), 0..5);
    let seconds = select(vec![0, 5, 10, 30]);
    let stage = (targets, seconds, any::<bool>()).prop_map(|(targets, seconds, keep)| Stage {
        targets,
        ring: Duration::from_secs(seconds),
        keep,
    });
    let stages = prop::collection::vec(stage, 0..4);
    let dialled = select(vec!["301", "302"]);
    let ring = select(vec![0, 10, 30, 60]);
    let declines = prop::option::of(select(Scope::ALL.to_vec()));
    let is_so = any::<(bool, bool)>();
    (dialled, stages, ring, is_so, declines).prop_map(
        |(dialled, stages, ring, (preview, unlock_ends), declines)| Plan {
            dialled: dialled.to_owned(),
            stages,
            ring: Duration::from_secs(ring),
            talk: Duration::from_secs(90),
            preview,
            declines,
            unlock_ends,
            scene: Scene::default(),
        },
    )
}

fn people() -> Vec<Target> {
    vec![
        target("a1", "mum", "301"),
        target("a2", "mum", "301"),
        target("a3", "dad", "301"),
        target("screen", "-", "301"),
        target("b1", "ann", "302"),
        target("b2", "bob", "302"),
        target("desk", "-", "desk"),
        target("d1", "-", "d1"),
        target("d2", "-", "d2"),
    ]
}

fn actors() -> Vec<Actor> {
    let hands = |target: Target| ["one", "two"].map(|hand| actor(target.endpoint.as_str(), hand));
    people().into_iter().flat_map(hands).collect()
}

fn play(cast: &Cast, mut world: World, step: &Move) -> Result<World, TestCaseError> {
    world.now = world.now + step.after;
    let mut acts = cast.acts(&world);
    acts.retain(|act| kind(act) == step.kind && is_apt(&world, act));
    if acts.is_empty() {
        return Ok(world);
    }
    let act = step.which.get(&acts);
    if let Act::Hear(..) = act {
        hear_all(&mut world);
    }
    if let Act::Forget(call, _) = act {
        world.told.retain(|(told, _), _| told != call);
    }
    let fresh = CallId::from(format!("c{:03}", world.calls.len()));
    match cast.to_input(act, fresh) {
        Some(input) => commit(&world, &input),
        None => Ok(world),
    }
}

/// Acts of one kind are drawn alike, so that claims do not drown presses.
fn kind(act: &Act) -> usize {
    match act {
        Act::Press(_) => 0,
        Act::Claim(..) => 1,
        Act::Decline(..) => 2,
        Act::GiveUp(..) => 3,
        Act::Hangup(..) => 4,
        Act::Join(..) => 5,
        Act::Deadline(..) | Act::End(_) | Act::Opened(_) => 6,
        Act::Hear(..) | Act::Forget(..) | Act::Pass | Act::Elsewhere(_) => 7,
    }
}

/// Whether it is by a party of one of the last calls; strangers and older calls learn nothing new.
fn is_apt(world: &World, act: &Act) -> bool {
    let (id, by) = match act {
        Act::Press(_) | Act::Elsewhere(_) | Act::Pass => return true,
        Act::Claim(id, by)
        | Act::Decline(id, by, _)
        | Act::GiveUp(id, by, _)
        | Act::Hangup(id, by) => (id, Some(&by.endpoint)),
        Act::Join(id, _)
        | Act::Deadline(id, _)
        | Act::End(id)
        | Act::Opened(id)
        | Act::Hear(id, _)
        | Act::Forget(id, _) => (id, None),
    };
    let is_late = world.calls.keys().rev().take(3).any(|late| late == id);
    is_late && by.is_none_or(|by| party_of(&world.calls[id], by).is_some())
}

fn commit(world: &World, input: &Input) -> Result<World, TestCaseError> {
    let decision = world.decide(decide, input);
    let after = world.commit(&decision);
    let step = Step {
        before: world,
        input,
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

/// Everybody hears what is owed.
fn hear_all(world: &mut World) {
    for call in world.calls.values() {
        for party in parties(call) {
            let key = (call.id.clone(), party);
            let told = world.told.get(&key).copied().unwrap_or(Version::NONE);
            if let Some((_, version)) = owed(call, party, told, world.now) {
                world.told.insert(key, version);
            }
        }
    }
}

/// Without anybody's doing, deadlines end every call in bounded time, and everyone who was offered
/// it has then heard that it is over.
fn drain(cast: &Cast, mut world: World) -> Result<(), TestCaseError> {
    hear_all(&mut world);
    for _firing in 0..FIRINGS_MAX {
        let deadlines: Vec<(CallId, Version, Instant)> = world
            .calls
            .values()
            .filter_map(|call| Some((call.id.clone(), call.version, call.deadline()?)))
            .collect();
        for (call, version, deadline) in deadlines {
            world.now = world.now.max(deadline);
            world = commit(&world, &Input::Deadline { call, version })?;
            hear_all(&mut world);
        }
    }
    for call in world.calls.values() {
        prop_assert!(call.ended().is_some(), "{:?} goes on", call);
        for party in parties(call) {
            let is_followed = cast.followed.contains(endpoint_of(call, party));
            let told = world.told.get(&(call.id.clone(), party)).copied();
            let due = owed(call, party, told.unwrap_or(Version::NONE), world.now);
            prop_assert!(
                !is_followed || due.is_none(),
                "{:?} of {:?} waits",
                party,
                call
            );
        }
    }
    Ok(())
}
