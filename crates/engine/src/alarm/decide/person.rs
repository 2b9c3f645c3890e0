//! What people do to an alarm: take it on, go there, say that it is over.

use crate::alarm::decide::climb::next_version;
use crate::alarm::input::{Decision, Entry, Event, Facts, Refusal};
use crate::alarm::level::{Level, Person};
use crate::alarm::state::{Ack, Alarm, Outcome, Phase};
use crate::time::Instant;

/// Runs a rule on the alarm, if the person may know of it: a resident only of alarms of the own
/// flat, and of none that is kept from the household.
pub(super) fn known(facts: &Facts, by: &Person, rule: impl FnOnce(&Alarm) -> Decision) -> Decision {
    let may_know = |alarm: &&Alarm| match by {
        Person::Resident { flat, .. } | Person::Screen { flat, .. } => {
            *flat == alarm.flat && alarm.heard.has(Level::Household)
        }
        Person::Operator(_) | Person::Centre(_) => true,
    };
    match facts.alarm.as_ref().filter(may_know) {
        Some(alarm) => rule(alarm),
        None => Decision::refused(Refusal::UnknownAlarm, None),
    }
}

/// The first person who acknowledges has it; repeating that is accepted.
pub(super) fn acknowledge(alarm: &Alarm, by: &Person, going: String, now: Instant) -> Decision {
    match (&alarm.phase, alarm.ack()) {
        (Phase::Ended { .. }, _) => Decision::refused(Refusal::Ended, Some(alarm)),
        (_, Some(ack)) if ack.by == *by => Decision::unchanged(Some(alarm)),
        (_, Some(_)) => Decision::refused(Refusal::AlreadyAcknowledged, Some(alarm)),
        (_, None) => {
            let entry = entry(Event::Acknowledged, by, going.clone());
            let ack = Ack {
                by: by.clone(),
                going,
                at: now,
            };
            let mut next = changed(alarm, Phase::Acknowledged(ack));
            next.ladder.clear();
            Decision::changed(next, vec![entry])
        }
    }
}

/// Somebody is there. Any person who may know of the alarm may say so.
pub(super) fn handle(alarm: &Alarm, by: &Person, now: Instant) -> Decision {
    match &alarm.phase {
        Phase::Notified { .. } => Decision::refused(Refusal::NotAcknowledged, Some(alarm)),
        Phase::Handling { .. } => Decision::unchanged(Some(alarm)),
        Phase::Ended { .. } => Decision::refused(Refusal::Ended, Some(alarm)),
        Phase::Acknowledged(ack) => {
            let phase = Phase::Handling {
                ack: ack.clone(),
                by: by.clone(),
                at: now,
            };
            let entry = entry(Event::Handling, by, String::new());
            Decision::changed(changed(alarm, phase), vec![entry])
        }
    }
}

/// Ends the alarm, which somebody must have acknowledged. Ending it again the same way is accepted.
pub(super) fn close(
    alarm: &Alarm,
    by: &Person,
    outcome: Outcome,
    reason: String,
    now: Instant,
) -> Decision {
    match &alarm.phase {
        Phase::Notified { .. } => Decision::refused(Refusal::NotAcknowledged, Some(alarm)),
        Phase::Ended { outcome: was, .. } if *was == outcome => Decision::unchanged(Some(alarm)),
        Phase::Ended { .. } => Decision::refused(Refusal::Ended, Some(alarm)),
        Phase::Acknowledged(ack) | Phase::Handling { ack, .. } => {
            let entry = entry(Event::Ended(outcome), by, reason.clone());
            let phase = Phase::Ended {
                ack: ack.clone(),
                outcome,
                reason,
                by: by.clone(),
                at: now,
            };
            Decision::changed(changed(alarm, phase), vec![entry])
        }
    }
}

/// The alarm in its new phase, of which everybody who was told hears.
fn changed(alarm: &Alarm, phase: Phase) -> Alarm {
    let mut next = next_version(alarm);
    next.phase = phase;
    next.heard.tell_all(next.version);
    next
}

fn entry(event: Event, by: &Person, note: String) -> Entry {
    Entry {
        event,
        by: Some(by.clone()),
        note,
    }
}
