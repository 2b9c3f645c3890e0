//! Broken rules on purpose: the search must find each of them.

use engine::call::{
    Answer, Call, CloseReason, Decision, Facts, Gone, Input, Leg, LegNo, LegState, OWED_AFTER_END,
    Phase, Verdict, Version, decide,
};
use engine::time::Instant;

use crate::cast::{Cast, actor, plan, stage, target};
use crate::search::search;
use crate::world::Rule;

#[test]
fn a_second_claim_that_wins_is_found() {
    assert_found(second_claim_wins, "AnswerIsFinal");
}

#[test]
fn a_loser_that_rings_on_is_found() {
    assert_found(loser_rings_on, "I4 a live call");
}

#[test]
fn a_leg_that_survives_the_end_is_found() {
    assert_found(last_leg_survives_the_end, "I5 every leg");
}

#[test]
fn a_loser_that_is_not_told_is_found() {
    assert_found(loser_is_not_told, "ChangeIsStamped");
}

#[test]
fn a_deadline_of_an_old_version_that_fires_is_found() {
    assert_found(any_deadline_fires, "StaleIsIdle");
}

#[test]
fn an_end_that_is_taken_back_is_found() {
    assert_found(end_is_taken_back, "EndIsFinal");
}

#[test]
fn a_claim_of_a_busy_line_that_wins_is_found() {
    assert_found(busy_claims, "LineIsHeldOnce");
}

#[test]
fn a_repeated_decline_that_changes_something_is_found() {
    assert_found(every_decline_counts, "RepeatIsIdle");
}

fn assert_found(rule: Rule, promise: &str) {
    let first = vec![target("p1", "mum", "301"), target("p2", "dad", "301")];
    let second = vec![target("q", "ann", "302")];
    let stages = vec![stage(first, false), stage(second, false)];
    let cast = Cast {
        presses: vec![(actor("door", "panel"), plan("301", stages))],
        actors: vec![actor("p1", "one"), actor("p2", "one")],
        joiners: Vec::new(),
        elsewhere: vec!["p2".into()],
        followed: Vec::new(),
        gone: vec![Gone::Silent],
        keeps_ended: true,
    };

    let found = search(promise, cast, rule);

    let named = |broken: &String| broken.contains(promise);
    assert!(found.broken.iter().any(named), "{:#?}", found.broken);
}

fn second_claim_wins(input: Input, facts: &Facts, now: Instant) -> Decision {
    let mut decision = decide(input.clone(), facts, now);
    let Input::Claim { call, by, .. } = input else {
        return decision;
    };
    let Some(mut next) = facts.calls.get(&call).cloned() else {
        return decision;
    };
    let is_active = matches!(next.phase, Phase::Active { .. });
    let Some(leg) = next.find_leg(&by.endpoint).filter(|_| is_active) else {
        return decision;
    };
    if decision.verdict == Verdict::Accepted {
        return decision;
    }
    next.version = Version(next.version.0 + 1);
    next.phase = Phase::Active {
        answer: Answer {
            leg,
            hand: by.hand,
            at: now,
            note: None,
        },
        until: now + next.talk,
    };
    decision.verdict = Verdict::Accepted;
    decision.call = Some(next.clone());
    decision.changed = vec![next];
    decision
}

/// Rewrites what was decided, as a rule with that fault would have decided it.
fn rewritten(input: Input, facts: &Facts, now: Instant, rewrite: impl Fn(&mut Call)) -> Decision {
    let mut decision = decide(input, facts, now);
    decision.changed.iter_mut().for_each(&rewrite);
    if let Some(call) = decision.changed.first() {
        decision.call = Some(call.clone());
    }
    decision
}

fn loser_rings_on(input: Input, facts: &Facts, now: Instant) -> Decision {
    rewritten(input, facts, now, |call| {
        let mut legs = call.legs.iter_mut();
        let is_loser = |leg: &&mut Leg| leg.closed() == Some(CloseReason::AnsweredElsewhere);
        if let Some(loser) = legs.find(is_loser) {
            loser.state = LegState::Offered;
            loser.changed = Version(loser.changed.0 - 1);
        }
    })
}

fn last_leg_survives_the_end(input: Input, facts: &Facts, now: Instant) -> Decision {
    rewritten(input, facts, now, |call| {
        let is_over = call.ended().is_some();
        if let Some(leg) = call.legs.last_mut().filter(|_| is_over) {
            leg.state = LegState::Offered;
            leg.changed = call.version;
        }
    })
}

fn loser_is_not_told(input: Input, facts: &Facts, now: Instant) -> Decision {
    rewritten(input, facts, now, |call| {
        for leg in &mut call.legs {
            if leg.closed() == Some(CloseReason::AnsweredElsewhere) {
                leg.changed = Version(1);
            }
        }
    })
}

fn any_deadline_fires(input: Input, facts: &Facts, now: Instant) -> Decision {
    let Input::Deadline { call, version } = input else {
        return decide(input, facts, now);
    };
    let version = facts.calls.get(&call).map_or(version, |call| call.version);
    decide(Input::Deadline { call, version }, facts, now)
}

fn end_is_taken_back(input: Input, facts: &Facts, now: Instant) -> Decision {
    let mut facts = facts.clone();
    if let Input::End { call, .. } = &input
        && let Some(call) = facts.calls.get_mut(call)
    {
        let answer = Answer {
            leg: LegNo(0),
            hand: "one".into(),
            at: now,
            note: None,
        };
        let until = now + OWED_AFTER_END;
        call.phase = Phase::Active { answer, until };
    }
    decide(input, &facts, now)
}

fn busy_claims(input: Input, facts: &Facts, now: Instant) -> Decision {
    let mut facts = facts.clone();
    if matches!(input, Input::Claim { .. }) {
        facts.lines.clear();
    }
    decide(input, &facts, now)
}

fn every_decline_counts(input: Input, facts: &Facts, now: Instant) -> Decision {
    let mut facts = facts.clone();
    if let Input::Decline { call, by, .. } = &input
        && let Some(call) = facts.calls.get_mut(call)
        && let Some(no) = call.find_leg(&by.endpoint).filter(|_| call.is_alerting())
    {
        call.legs[no.0].state = LegState::Offered;
    }
    decide(input, &facts, now)
}
