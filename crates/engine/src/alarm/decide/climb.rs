//! Escalation: the next level, or the last one again.

use crate::alarm::input::{Decision, Entry, Event, Why};
use crate::alarm::state::{Alarm, Armed, Due, Phase};
use crate::call::Version;
use crate::time::Instant;

/// The alarm as it is to be written next.
pub(super) fn next_version(alarm: &Alarm) -> Alarm {
    Alarm {
        version: alarm.version.next(),
        ..alarm.clone()
    }
}

/// Fires a deadline. One armed in an older version, or not yet due, changes nothing: so a firing
/// may be late, early, doubled or from another node. After an outage every level whose time has
/// come is told at once.
pub(super) fn fire(alarm: &Alarm, armed: Version, now: Instant) -> Decision {
    let due = alarm.deadline().is_some_and(|deadline| deadline.at <= now);
    if armed != alarm.version || !due {
        return Decision::ignored(Why::StaleDeadline);
    }
    let mut next = next_version(alarm);
    let mut history = Vec::new();
    if next.ladder.is_empty() {
        tell_again(&mut next, now);
    } else {
        climb(&mut next, now, &mut history);
    }
    Decision::changed(next, history)
}

/// Tells every level whose time has come and arms the deadline of the next.
pub(super) fn climb(alarm: &mut Alarm, now: Instant, history: &mut Vec<Entry>) {
    while let Some(rung) = alarm.ladder.first().copied().filter(|rung| rung.at <= now) {
        alarm.ladder.remove(0);
        alarm.heard.tell(rung.level, alarm.version);
        history.push(Entry {
            event: Event::Told(rung.level),
            by: None,
            note: String::new(),
        });
    }
    arm(alarm, now);
}

/// At the last level everybody who was told is told again, until a person acknowledges.
fn tell_again(alarm: &mut Alarm, now: Instant) {
    alarm.again_count = alarm.again_count.saturating_add(1);
    alarm.heard.tell_all(alarm.version);
    arm(alarm, now);
}

fn arm(alarm: &mut Alarm, now: Instant) {
    let Some(level) = alarm.level() else { return };
    let next = match alarm.ladder.first() {
        Some(rung) => Armed {
            at: rung.at,
            due: Due::Level(rung.level),
        },
        None => Armed {
            at: now + alarm.again,
            due: Due::Again,
        },
    };
    alarm.phase = Phase::Notified { level, next };
}
