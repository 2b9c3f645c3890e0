//! What must hold in every committed state. The numbers are those of the list of invariants in `ARCHITECTURE.md`.

use std::collections::BTreeSet;

use engine::call::{
    Call, CloseReason, Leg, LegNo, LegState, MediaRight, Notice, OWED_AFTER_END, Party, Phase,
    Version, owed,
};

use crate::world::World;

/// A promise about one state, with its name.
pub(crate) type StatePromise = (&'static str, fn(&World) -> bool);

/// Everything that must hold in each state.
pub(crate) const STATE_PROMISES: [StatePromise; 8] = [
    ("I1 at most one leg has won, and talks", one_winner),
    ("I2 only winner and caller talk", talk_rights),
    ("I4 a live call has a deadline and a party", live_goes_on),
    ("I5 every leg of an ended call is closed", ended_is_closed),
    (
        "I6 answered elsewhere means answered",
        elsewhere_is_answered,
    ),
    ("I7 the caller is owed one final cause", caller_hears_end),
    ("who was offered is owed the closing", legs_hear_all),
    ("a line is in one call", one_line),
];

/// All calls of `world` keep `rule`.
fn all(world: &World, rule: impl Fn(&Call) -> bool) -> bool {
    world.calls.values().all(rule)
}

fn one_winner(world: &World) -> bool {
    all(world, |call| {
        let won = |(_, leg): &(usize, &Leg)| leg.state == LegState::Won;
        let winners: Vec<usize> = call
            .legs
            .iter()
            .enumerate()
            .filter(won)
            .map(|(no, _)| no)
            .collect();
        match &call.phase {
            Phase::Active { answer, .. } => {
                let winner = &call.legs[answer.leg.0].endpoint;
                winners == [answer.leg.0] && call.lines() == [&call.caller, winner]
            }
            Phase::Alerting { .. } | Phase::Ended(_) => winners.is_empty(),
        }
    })
}

fn talk_rights(world: &World) -> bool {
    all(world, |call| {
        let is_over = call.ended().is_some();
        let caller = if is_over {
            MediaRight::None
        } else {
            MediaRight::Talk
        };
        let leg_right = |(no, leg): (usize, &Leg)| match call.leg_media(LegNo(no)) {
            MediaRight::None => true,
            MediaRight::Watch => leg.is_open() && call.preview && !is_over,
            MediaRight::Talk => leg.state == LegState::Won && !is_over,
        };
        call.caller_media() == caller && call.legs.iter().enumerate().all(leg_right)
    })
}

fn live_goes_on(world: &World) -> bool {
    all(world, |call| match &call.phase {
        Phase::Alerting {
            stage_until,
            ring_until,
        } => {
            call.deadline().is_some()
                && stage_until <= ring_until
                && call.legs.iter().any(Leg::is_open)
        }
        Phase::Active { .. } => {
            let nobody_else = !call.legs.iter().any(Leg::is_open) && call.later.is_empty();
            call.deadline().is_some() && nobody_else
        }
        Phase::Ended(_) => call.deadline().is_none() && call.lines().is_empty(),
    })
}

fn ended_is_closed(world: &World) -> bool {
    all(world, |call| {
        call.ended().is_none()
            || call.later.is_empty() && call.legs.iter().all(|leg| leg.closed().is_some())
    })
}

fn elsewhere_is_answered(world: &World) -> bool {
    all(world, |call| {
        let met = |wanted| call.legs.iter().any(|leg| leg.closed() == Some(wanted));
        call.answer().is_some() || !met(CloseReason::AnsweredElsewhere) && !met(CloseReason::HungUp)
    })
}

fn caller_hears_end(world: &World) -> bool {
    all(world, |call| {
        let notice = match &call.phase {
            Phase::Alerting { .. } => Notice::Ringing,
            Phase::Active { .. } => Notice::Answered,
            Phase::Ended(_) => Notice::Ended,
        };
        hears(world, call, Party::Caller, (notice, call.caller_changed))
    })
}

fn legs_hear_all(world: &World) -> bool {
    all(world, |call| {
        call.legs.iter().enumerate().all(|(no, leg)| {
            let notice = match leg.state {
                LegState::Offered => Notice::Offer,
                LegState::Won => Notice::Answered,
                LegState::Closed(reason) => Notice::Closed(reason),
            };
            let is_stamped = leg.changed > Version::NONE;
            (is_stamped || leg.closed().is_some_and(may_be_unsaid))
                && hears(world, call, Party::Leg(LegNo(no)), (notice, leg.changed))
        })
    })
}

/// A line that was taken is offered nothing, and need not hear that its household refused.
fn may_be_unsaid(reason: CloseReason) -> bool {
    matches!(reason, CloseReason::Busy | CloseReason::DeclinedElsewhere)
}

/// Whatever `party` was told last, it is owed `notice` exactly if that was before `changed` and
/// it is not too late to say it.
fn hears(world: &World, call: &Call, party: Party, (notice, changed): (Notice, Version)) -> bool {
    let is_late = match &call.phase {
        Phase::Alerting { ring_until, .. } => notice == Notice::Offer && *ring_until <= world.now,
        Phase::Active { .. } => false,
        Phase::Ended(ended) => world.now.since(ended.at) > OWED_AFTER_END,
    };
    (0..=call.version.0).map(Version).all(|told| {
        let due = (told < changed && !is_late).then_some((notice, changed));
        owed(call, party, told, world.now) == due
    })
}

/// No line is in two calls, and no endpoint is twice in one.
pub(crate) fn one_line(world: &World) -> bool {
    let mut held = BTreeSet::new();
    let apart = world.lines().all(|(endpoint, _)| held.insert(endpoint));
    let parties_apart = all(world, |call| {
        let mut seen = BTreeSet::from([&call.caller]);
        call.legs.iter().all(|leg| seen.insert(&leg.endpoint))
    });
    apart && parties_apart
}
