//! The state machine that stateright searches: every act in every state.
//!
//! Every act may happen any number of times in any order, which is what loss, repetition and
//! reordering of messages come to; a restart leaves the committed state, which is all there is.

use engine::alarm::Zone;
use engine::id::AlarmId;
use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::cast::{Act, acts, to_input};
use crate::normal::{find_next_moment, to_normal};
use crate::promise::{STATE_PROMISES, Step};
use crate::world::{Rule, World};

struct Search {
    zones: Vec<Zone>,
    rule: Rule,
}

/// Searches every order of everything that can happen to a flat with these zones, until nothing new
/// is found or something is broken; the broken promises, and how many states there were.
#[expect(clippy::print_stdout, reason = "how much was searched is the evidence")]
pub(crate) fn search(zones: Vec<Zone>, rule: Rule) -> (Vec<String>, usize) {
    let checker = Search { zones, rule }
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let broken = checker.discoveries().into_iter().map(|(name, path)| {
        let step = path.last_state().broken;
        format!("{name} ({step:?}) after {:?}", path.into_actions())
    });
    let broken: Vec<String> = broken.collect();
    let states = checker.unique_state_count();
    println!("{states} states, {} deep", checker.max_depth());
    (broken, states)
}

impl Model for Search {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        vec![to_normal(World::with(self.zones.clone()))]
    }

    fn actions(&self, world: &World, into: &mut Vec<Act>) {
        if world.broken.is_none() {
            into.extend(acts(world));
        }
    }

    fn next_state(&self, world: &World, act: Act) -> Option<World> {
        let next = match to_input(&act, AlarmId::from("zz")) {
            None => World {
                now: find_next_moment(world)?,
                ..world.clone()
            },
            Some(input) => {
                let decision = world.decide(self.rule, &input);
                let mut after = world.commit(&decision);
                let step = Step {
                    before: world,
                    input: &input,
                    decision: &decision,
                    after: &after,
                };
                after.broken = step.find_broken(self.rule);
                after
            }
        };
        let is_kept = STATE_PROMISES.iter().all(|(_, is_kept)| is_kept(&next));
        if next.broken.is_some() || !is_kept {
            return Some(next);
        }
        let next = to_normal(next);
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
            Property::always("every step keeps its promises", |_, world: &World| {
                world.broken.is_none()
            }),
        ]
    }
}
