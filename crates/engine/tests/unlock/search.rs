//! Every order of everything that may happen, until nothing new is found.

use std::collections::{HashSet, VecDeque};

use engine::time::Instant;
use engine::unlock::Phase;

use crate::world::{Rules, SHIPPED, Wish, World};

/// When nothing more is asked: past the life of whatever was asked in the last moment.
const UNTIL: Instant = Instant::from_ms(20_000);

/// What a search found.
pub(crate) struct Found {
    pub(crate) states: usize,
    /// The first promise that was broken.
    pub(crate) broken: Option<&'static str>,
    /// Every phase that some order came to.
    phases: HashSet<Phase>,
}

/// Searches breadth first, until a promise is broken.
pub(crate) fn search(wishes: &[Wish], rules: Rules) -> Found {
    let mut seen = HashSet::from([World::empty()]);
    let mut queue = VecDeque::from([World::empty()]);
    let mut found = Found {
        states: 0,
        broken: None,
        phases: HashSet::new(),
    };
    while let Some(world) = queue.pop_front() {
        found.states += 1;
        found
            .phases
            .extend(world.orders.values().map(|order| order.phase));
        for act in world.acts(wishes) {
            let next = world.after(&act, rules);
            if next.now > UNTIL {
                continue;
            }
            if next.broken.is_some() {
                found.broken = next.broken;
                return found;
            }
            if seen.insert(next.clone()) {
                queue.push_back(next);
            }
        }
    }
    found
}

#[test]
fn two_requests_of_a_resident() {
    let found = search(&[Wish::Resident(1), Wish::Resident(2)], SHIPPED);

    assert_eq!(found.broken, None);
    let due = [
        Phase::Authorised,
        Phase::Sent,
        Phase::Executed,
        Phase::Unreachable,
        Phase::Expired,
        Phase::Unknown,
    ];
    let missing = due.iter().find(|phase| !found.phases.contains(phase));
    assert_eq!(missing, None, "never came to pass");
    assert!(found.states > 1_000, "{} states", found.states);
}

#[test]
fn a_code_that_opens_once_and_is_typed_twice_beside_a_stranger() {
    let found = search(&[Wish::Stranger, Wish::Code(1), Wish::Code(2)], SHIPPED);

    assert_eq!(found.broken, None);
    assert!(found.states > 1_000, "{} states", found.states);
}
