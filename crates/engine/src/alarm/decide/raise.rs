//! A trigger, or its time: a new alarm, or one more on the alarm that is there.

use std::time::Duration;

use crate::alarm::decide::climb::{climb, next_version};
use crate::alarm::input::{Decision, Entry, Event, Facts, Refusal, Why};
use crate::alarm::level::{Heard, Level, Times, ladder};
use crate::alarm::site::{Lapse, Site, Wait};
use crate::alarm::state::{Alarm, Armed, Due, Phase};
use crate::alarm::zone::{Policy, Zone, ZoneNo};
use crate::call::Version;
use crate::id::AlarmId;
use crate::time::Instant;

/// A trigger this soon after the zone's last one is the same event: it is counted, also on an alarm
/// that is over, and raises nothing. Older firmware repeats its message that often.
pub const REPEAT: Duration = Duration::from_secs(10);

/// Decides the trigger of a zone.
pub(super) fn trigger(
    site: &Site,
    zone: ZoneNo,
    facts: &Facts,
    fresh: (AlarmId, Times),
    now: Instant,
) -> Decision {
    let Some(watch) = site.find(zone) else {
        return Decision::refused(Refusal::UnknownZone, None);
    };
    if !watch.zone.counts_in(site.mode) {
        return Decision::ignored(Why::NotArmed);
    }
    match (watch.zone.policy, watch.waits) {
        (Policy::Immediate | Policy::Duress, _) => raise(site, &watch.zone, facts, fresh, now),
        (Policy::Delayed(delay), waits) => match find_current(facts, zone, now) {
            Some(current) if !is_anew(current, now) => count(current, 1, fresh.1, now),
            Some(_) | None => enter(site, zone, delay, waits, now),
        },
        (Policy::Nursing(quiet), _) => {
            let until = now + quiet;
            Decision::site(with_wait(site, zone, Wait::Quiet { until }))
        }
    }
}

/// Fires a flat's deadline: an entry delay or a quiet time that is over raises an alarm. One that
/// was armed in an older version, or is not yet due, changes nothing.
pub(super) fn lapse(
    site: &Site,
    armed: Version,
    facts: &Facts,
    fresh: (AlarmId, Times),
    now: Instant,
) -> Decision {
    let due = site.deadline().filter(|(at, ..)| *at <= now);
    let Some((_, zone, why)) = due.filter(|_| armed == site.version) else {
        return Decision::ignored(Why::StaleDeadline);
    };
    let Some(watch) = site.find(zone) else {
        return Decision::ignored(Why::StaleDeadline);
    };
    let (waits, triggers) = match (why, watch.waits, watch.zone.policy) {
        (Lapse::Quiet, _, Policy::Nursing(quiet)) => (Wait::Quiet { until: now + quiet }, 1),
        (_, Wait::Entry { count, .. }, _) => (Wait::Nothing, count),
        (_, Wait::Nothing | Wait::Quiet { .. }, _) => (Wait::Nothing, 1),
    };
    let decision = match find_current(facts, zone, now) {
        Some(current) => count(current, triggers, fresh.1, now),
        None => begin(site, &watch.zone, triggers, fresh, now),
    };
    Decision {
        site: Some(with_wait(site, zone, waits)),
        ..decision
    }
}

/// The entry delay begins, or goes on and counts one more.
fn enter(site: &Site, zone: ZoneNo, delay: Duration, waits: Wait, now: Instant) -> Decision {
    let (until, before) = match waits {
        Wait::Entry { until, count } => (until, count),
        Wait::Nothing | Wait::Quiet { .. } => (now + delay, 0),
    };
    let count = before.saturating_add(1);
    Decision::site(with_wait(site, zone, Wait::Entry { until, count }))
}

fn with_wait(site: &Site, zone: ZoneNo, waits: Wait) -> Site {
    let mut next = site.clone();
    next.version = site.version.next();
    if let Some(watch) = next.find_mut(zone) {
        watch.waits = waits;
    }
    next
}

fn raise(
    site: &Site,
    zone: &Zone,
    facts: &Facts,
    fresh: (AlarmId, Times),
    now: Instant,
) -> Decision {
    match find_current(facts, zone.no, now) {
        Some(current) => count(current, 1, fresh.1, now),
        None => begin(site, zone, 1, fresh, now),
    }
}

/// The alarm on which a trigger of the zone is counted.
fn find_current(facts: &Facts, zone: ZoneNo, now: Instant) -> Option<&Alarm> {
    let newest = facts.newest.get(&zone)?;
    (newest.is_open() || is_repeat(newest, now)).then_some(newest)
}

/// Whether a trigger now is the alarm's last one again. Where the clock was set back it is not: a
/// trigger too many is better than one too few.
fn is_repeat(alarm: &Alarm, now: Instant) -> bool {
    alarm.last <= now && now.since(alarm.last) < REPEAT
}

/// Whether a trigger now is something new at an open alarm that somebody has taken on: perhaps days
/// ago, and whoever did thinks it is dealt with.
fn is_anew(alarm: &Alarm, now: Instant) -> bool {
    alarm.is_open() && alarm.ack().is_some() && !is_repeat(alarm, now)
}

/// Counts on the alarm that is there. One that is over keeps the moment of its last trigger, so that
/// repetitions do not put a new alarm off for ever; one that was taken on is told anew.
fn count(alarm: &Alarm, triggers: u32, times: Times, now: Instant) -> Decision {
    let mut next = next_version(alarm);
    next.count = next.count.saturating_add(triggers);
    if alarm.is_open() {
        next.last = now;
    }
    let mut history = Vec::new();
    if is_anew(alarm, now) {
        next.ladder = ladder(alarm.policy, times, now);
        next.phase = begun(now);
        history.push(raised());
        climb(&mut next, now, &mut history);
    }
    Decision::changed(next, history)
}

/// Nobody was told yet; climbing says who is at once.
fn begun(now: Instant) -> Phase {
    Phase::Notified {
        level: Level::Household,
        next: Armed {
            at: now,
            due: Due::Again,
        },
    }
}

fn raised() -> Entry {
    Entry {
        event: Event::Raised,
        by: None,
        note: String::new(),
    }
}

fn begin(
    site: &Site,
    zone: &Zone,
    triggers: u32,
    (id, times): (AlarmId, Times),
    now: Instant,
) -> Decision {
    let mut alarm = Alarm {
        id,
        version: Version::NONE.next(),
        flat: site.flat.clone(),
        place: site.place.clone(),
        zone: zone.no,
        zone_name: zone.name.clone(),
        policy: zone.policy,
        raised: now,
        count: triggers,
        last: now,
        again_count: 0,
        ladder: ladder(zone.policy, times, now),
        again: times.again,
        heard: Heard::NOBODY,
        phase: begun(now),
    };
    let mut history = vec![raised()];
    climb(&mut alarm, now, &mut history);
    Decision::changed(alarm, history)
}
