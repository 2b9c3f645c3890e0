//! Steps of calls by chance, until the power goes.

use std::sync::Arc;

use app::Failure;
use app::calls::{Calls, Done};
use engine::call::{Gone, Input, Scope};
use testkit::Dice;
use testkit::power::Disk;

use crate::house::{DOORS, FLATS, RESIDENTS, World, door, press, resident};
use crate::ledger::Ledger;

/// Takes steps until one fails, which none may with the power on; how many were acknowledged.
pub(crate) async fn until_power_off(
    calls: Calls,
    world: Arc<World>,
    ledger: Arc<Ledger>,
    disk: Disk,
    mut dice: Dice,
) -> usize {
    let mut acknowledged = 0;
    loop {
        match step(&calls, &world, &ledger, &mut dice).await {
            Ok(done) => ledger.acknowledge(&done),
            Err(_) if disk.is_off() => return acknowledged,
            Err(failure) => panic!("a step failed with the power on: {failure}"),
        }
        acknowledged += 1;
    }
}

async fn step(
    calls: &Calls,
    world: &World,
    ledger: &Ledger,
    dice: &mut Dice,
) -> Result<Done, Failure> {
    world.advance(i64::try_from(dice.below(500)).unwrap());
    let known = ledger.pick(dice);
    let Some(known) = known.filter(|_| dice.chance(75)) else {
        let input = press(world, dice.pick(&DOORS), dice.pick(&FLATS));
        return calls.handle(input).await;
    };
    let call = known.id.clone();
    let by = resident(dice.pick(&RESIDENTS));
    let note = dice.chance(30).then(|| "because".to_owned());
    let input = match dice.below(10) {
        0..4 => Input::Claim { call, by, note },
        4 | 5 => Input::Decline {
            call,
            by,
            scope: dice.pick(&[Scope::Device, Scope::Resident, Scope::Household]),
            note,
        },
        6 => Input::GiveUp {
            call,
            by,
            gone: dice.pick(&[Gone::Silent, Gone::Busy, Gone::Unreachable]),
        },
        7 => Input::Hangup { call, by, note },
        8 => {
            let by = door(dice.pick(&DOORS));
            Input::Hangup { call, by, note }
        }
        _ => {
            // Far enough for a ring limit, so that deadlines fire too.
            world.advance(31_000);
            let version = known.version;
            Input::Deadline { call, version }
        }
    };
    calls.handle(input).await
}
