//! The state machine that stateright searches: a cast, a rule, and every act in every state.
//!
//! Every act may happen any number of times in any order, which is what loss, repetition and
//! reordering of messages come to; a restart leaves the committed state, which is all there is.
//! A state whose last step broke a promise goes no further.

use std::sync::Mutex;

use engine::call::{
    Cause, Decision, Input, Outcome, Phase, Refusal, Verdict, Version, Why, owed, party_of,
};
use engine::id::{CallId, EndpointId};
use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::cast::{Act, Cast};
use crate::normal::{find_next_moment, to_normal};
use crate::promise::STATE_PROMISES;
use crate::step::{Promise, Step, find_broken_idle};
use crate::world::{Rule, World};

/// A search to be made.
pub(crate) struct Search {
    cast: Cast,
    rule: Rule,
    seen: Mutex<Vec<(Event, u64)>>,
}

/// What a step came to; counted, so that a search is seen not to be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Ended(Outcome),
    Refused(Refusal),
    Ignored(Why),
    /// A press answered the call that rang its caller.
    Glare,
    /// A press ended the call its caller was in.
    Superseded,
    /// A press offered a ringing call again.
    OfferedAgain,
    /// An endpoint came late and is rung.
    Joined,
    /// A party acknowledged what it was owed.
    Heard,
}

/// What a search found.
pub(crate) struct Found {
    seen: Vec<(Event, u64)>,
    /// The broken promises, each with a way to it.
    pub(crate) broken: Vec<String>,
}

impl Found {
    /// Stops the test if something is broken, or if one of `events` never came to pass.
    pub(crate) fn assert_kept(&self, events: &[Event]) {
        let is_missing = |event: &&Event| self.seen.iter().all(|(seen, _)| seen != *event);
        let missing: Vec<&Event> = events.iter().filter(is_missing).collect();
        assert!(self.broken.is_empty(), "{:#?}", self.broken);
        assert!(missing.is_empty(), "never came to pass: {missing:?}");
    }
}

/// Searches every order of everything `cast` can do, until nothing new is found or something is
/// broken, and prints how much that was.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "how much was searched, in what time, is the evidence"
)]
pub(crate) fn search(name: &str, cast: Cast, rule: Rule) -> Found {
    let begun = std::time::Instant::now();
    let model = Search {
        cast,
        rule,
        seen: Mutex::default(),
    };
    let checker = model
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let seen = checker
        .model()
        .seen
        .lock()
        .expect("no search panicked")
        .clone();
    let discoveries = checker.discoveries().into_iter();
    let broken = discoveries
        .map(|(name, path)| {
            let step = path.last_state().broken;
            format!("{name} ({step:?}) after {:?}", path.into_actions())
        })
        .collect();
    println!(
        "{name}: {} states, {} steps, {} deep, {:?}; {seen:?}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
        begun.elapsed(),
    );
    Found { seen, broken }
}

impl Model for Search {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        let mut world = World::empty();
        world.followed.extend(self.cast.followed.iter().cloned());
        vec![world]
    }

    fn actions(&self, world: &World, acts: &mut Vec<Act>) {
        if world.broken.is_none() {
            acts.extend(self.cast.acts(world));
        }
    }

    fn next_state(&self, world: &World, act: Act) -> Option<World> {
        let next = match &act {
            Act::Pass => pass(world),
            Act::Elsewhere(endpoint) => turn_elsewhere(world, endpoint),
            Act::Hear(call, endpoint) => self.hear(world, call, endpoint),
            Act::Forget(call, endpoint) => forget(world, call, endpoint),
            Act::Press(_)
            | Act::Claim(..)
            | Act::Decline(..)
            | Act::GiveUp(..)
            | Act::Hangup(..)
            | Act::Join(..)
            | Act::Deadline(..)
            | Act::End(_)
            | Act::Opened(_) => self.decide(world, &act),
        }?;
        if next.broken.is_some() {
            return Some(next);
        }
        let next = to_normal(next, self.cast.keeps_ended);
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(STATE_PROMISES[0].0, |_, world| (STATE_PROMISES[0].1)(world)),
            Property::always(STATE_PROMISES[1].0, |_, world| (STATE_PROMISES[1].1)(world)),
            Property::always(STATE_PROMISES[2].0, |_, world| (STATE_PROMISES[2].1)(world)),
            Property::always(STATE_PROMISES[3].0, |_, world| (STATE_PROMISES[3].1)(world)),
            Property::always(STATE_PROMISES[4].0, |_, world| (STATE_PROMISES[4].1)(world)),
            Property::always(STATE_PROMISES[5].0, |_, world| (STATE_PROMISES[5].1)(world)),
            Property::always(STATE_PROMISES[6].0, |_, world| (STATE_PROMISES[6].1)(world)),
            Property::always(STATE_PROMISES[7].0, |_, world| (STATE_PROMISES[7].1)(world)),
            Property::always("every step keeps its promises", |_, world: &World| {
                world.broken.is_none()
            }),
        ]
    }
}

impl Search {
    fn decide(&self, world: &World, act: &Act) -> Option<World> {
        let input = self.cast.to_input(act, CallId::from("new"))?;
        let decision = world.decide(self.rule, &input);
        self.count(to_events(&input, &decision));
        if decision.changed.is_empty() {
            let broken = find_broken_idle(world, &input, &decision)?;
            let broken = Some(broken);
            return Some(World {
                broken,
                ..world.clone()
            });
        }
        let mut after = world.commit(&decision);
        let step = Step {
            before: world,
            input: &input,
            decision: &decision,
            after: &after,
        };
        after.broken = step.find_broken(self.rule);
        Some(after)
    }

    fn hear(&self, world: &World, id: &CallId, endpoint: &EndpointId) -> Option<World> {
        let call = &world.calls[id];
        let party = party_of(call, endpoint)?;
        let key = (id.clone(), party);
        let told = world.told.get(&key).copied().unwrap_or(Version::NONE);
        let (_, version) = owed(call, party, told, world.now)?;
        self.count([Event::Heard]);
        let mut next = world.clone();
        next.told.insert(key, version);
        if owed(call, party, version, world.now).is_some() {
            next.broken = Some(Promise::HeardIsDone);
        }
        Some(next)
    }

    fn count(&self, events: impl IntoIterator<Item = Event>) {
        let mut seen = self.seen.lock().expect("no search panicked");
        for event in events {
            match seen.iter_mut().find(|(kind, _)| *kind == event) {
                Some((_, times)) => *times += 1,
                None => seen.push((event, 1)),
            }
        }
    }
}

fn pass(world: &World) -> Option<World> {
    let now = find_next_moment(&world.calls, world.now)?;
    Some(World {
        now,
        ..world.clone()
    })
}

fn turn_elsewhere(world: &World, endpoint: &EndpointId) -> Option<World> {
    let mut next = world.clone();
    if !next.elsewhere.remove(endpoint) {
        if world.find_line(endpoint).is_some() {
            return None;
        }
        next.elsewhere.insert(endpoint.clone());
    }
    Some(next)
}

fn forget(world: &World, id: &CallId, endpoint: &EndpointId) -> Option<World> {
    let mut next = world.clone();
    let party = party_of(&world.calls[id], endpoint)?;
    next.told.remove(&(id.clone(), party))?;
    Some(next)
}

fn to_events(input: &Input, decision: &Decision) -> Vec<Event> {
    let is_press = matches!(input, Input::Invite { .. });
    let mut events = match decision.verdict {
        Verdict::Accepted if matches!(input, Input::Join { .. }) => vec![Event::Joined],
        Verdict::Accepted => Vec::new(),
        Verdict::Refused(refusal) => vec![Event::Refused(refusal)],
        Verdict::Ignored(why) => vec![Event::Ignored(why)],
    };
    for call in &decision.changed {
        match &call.phase {
            Phase::Ended(ended) => {
                events.push(Event::Ended(ended.outcome));
                if ended.cause == Cause::Superseded {
                    events.push(Event::Superseded);
                }
            }
            Phase::Active { .. } if is_press => events.push(Event::Glare),
            Phase::Alerting { .. } if is_press && call.version > Version(1) => {
                events.push(Event::OfferedAgain);
            }
            Phase::Active { .. } | Phase::Alerting { .. } => {}
        }
    }
    events
}
