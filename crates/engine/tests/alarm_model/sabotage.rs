//! Broken rules on purpose: the search must find each of them.

use engine::alarm::{
    Alarm, Decision, Facts, Input, Level, Mode, Phase, Policy, Verdict, Wait, decide,
};
use engine::call::Version;
use engine::time::Instant;

use crate::cast::{delayed, nursing, zone};
use crate::search::search;
use crate::world::Rule;

#[test]
fn an_alarm_that_is_forgotten_at_a_level_is_found() {
    assert_found(forgets_at_the_centre, "I12");
}

#[test]
fn a_trigger_that_postpones_the_next_level_is_found() {
    assert_found(trigger_postpones, "nothing but a person");
}

#[test]
fn a_duress_alarm_that_rings_at_home_is_found() {
    assert_found(duress_rings, "never told at home");
}

#[test]
fn a_deadline_of_an_old_version_that_fires_is_found() {
    assert_found(any_deadline_fires, "I13");
}

#[test]
fn an_alarm_that_is_acknowledged_by_nobody_is_found() {
    assert_found(last_level_acknowledges_itself, "by a person");
}

#[test]
fn a_level_that_is_passed_over_is_found() {
    assert_found(passes_the_guard_over, "what is due is told");
}

#[test]
fn a_repeat_that_raises_anew_is_found() {
    assert_found(repeat_raises, "at most one open alarm");
}

#[test]
fn an_entry_delay_that_outlives_disarming_is_found() {
    assert_found(entry_outlives_disarming, "waits if and only if");
}

fn assert_found(rule: Rule, promise: &str) {
    let both = [Mode::Away, Mode::Home];
    let casts = [
        vec![
            zone(1, Policy::Immediate, &both),
            zone(2, Policy::Duress, &[]),
        ],
        vec![zone(1, delayed(), &both)],
        vec![zone(1, nursing(), &both)],
    ];

    let broken: Vec<String> = casts
        .into_iter()
        .flat_map(|zones| search(zones, rule).0)
        .collect();

    let is_named = |broken: &String| broken.contains(promise);
    assert!(broken.iter().any(is_named), "{broken:#?}");
}

/// Rewrites what was decided, as a rule with that fault would have decided it.
fn rewritten(input: Input, facts: &Facts, now: Instant, rewrite: impl Fn(&mut Alarm)) -> Decision {
    let mut decision = decide(input, facts, now);
    if let Some(alarm) = decision.alarm.as_mut().filter(|_| decision.is_changed) {
        rewrite(alarm);
    }
    decision
}

fn forgets_at_the_centre(input: Input, facts: &Facts, now: Instant) -> Decision {
    rewritten(input, facts, now, |alarm| {
        if alarm.level() == Some(Level::Centre) {
            alarm.ladder.clear();
        }
    })
}

fn trigger_postpones(input: Input, facts: &Facts, now: Instant) -> Decision {
    let is_trigger = matches!(input, Input::Trigger { .. });
    rewritten(input, facts, now, |alarm| {
        if let (true, Phase::Notified { next, .. }) = (is_trigger, &mut alarm.phase)
            && alarm.version > Version(1)
        {
            next.at = next.at + std::time::Duration::from_secs(30);
            if let Some(rung) = alarm.ladder.first_mut() {
                rung.at = next.at;
            }
        }
    })
}

fn duress_rings(input: Input, facts: &Facts, now: Instant) -> Decision {
    rewritten(input, facts, now, |alarm| {
        let mut versions = Level::ALL.map(|level| alarm.heard.of(level));
        versions[0] = alarm.version;
        alarm.heard = engine::alarm::Heard::from_versions(versions);
    })
}

fn any_deadline_fires(input: Input, facts: &Facts, now: Instant) -> Decision {
    match (input, &facts.alarm) {
        (Input::Deadline { alarm, .. }, Some(known)) => {
            let version = known.version;
            decide(Input::Deadline { alarm, version }, facts, now)
        }
        (input, _) => decide(input, facts, now),
    }
}

fn last_level_acknowledges_itself(input: Input, facts: &Facts, now: Instant) -> Decision {
    let ack = engine::alarm::Ack {
        by: engine::alarm::Person::Operator("nobody".into()),
        going: String::new(),
        at: now,
    };
    rewritten(input, facts, now, |alarm| {
        if alarm.again_count > 0 {
            alarm.phase = Phase::Acknowledged(ack.clone());
        }
    })
}

fn passes_the_guard_over(input: Input, facts: &Facts, now: Instant) -> Decision {
    let is_deadline = matches!(input, Input::Deadline { .. });
    rewritten(input, facts, now, |alarm| {
        let mut versions = Level::ALL.map(|level| alarm.heard.of(level));
        if is_deadline && versions[1] == alarm.version {
            versions[1] = Version(1);
            alarm.heard = engine::alarm::Heard::from_versions(versions);
        }
    })
}

fn repeat_raises(input: Input, facts: &Facts, now: Instant) -> Decision {
    let mut decision = decide(input.clone(), facts, now);
    if let (Input::Trigger { fresh, .. }, Verdict::Accepted) = (input, decision.verdict)
        && let Some(alarm) = decision.alarm.as_mut()
    {
        alarm.id = fresh;
    }
    decision
}

fn entry_outlives_disarming(input: Input, facts: &Facts, now: Instant) -> Decision {
    let is_disarming = matches!(input, Input::Arm { .. });
    let mut decision = decide(input, facts, now);
    let before = facts.site.iter().flat_map(|site| &site.zones);
    if let (true, Some(site)) = (is_disarming, decision.site.as_mut()) {
        for (watch, before) in site.zones.iter_mut().zip(before) {
            if matches!(before.waits, Wait::Entry { .. }) {
                watch.waits = before.waits;
            }
        }
    }
    decision
}
