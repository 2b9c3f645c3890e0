//! States that no rule can tell apart are one: moments count from now, versions and counts are cut,
//! of each zone only the newest alarm is kept.

use std::collections::BTreeMap;

use engine::alarm::{Alarm, Heard, Level, Phase, REPEAT, Site, Wait};
use engine::call::Version;
use engine::id::AlarmId;
use engine::time::Instant;

use crate::world::World;

const VERSION: Version = Version(2);
const ZERO: Instant = Instant::from_ms(0);

/// The state as its kind.
pub(crate) fn to_normal(world: World) -> World {
    let World {
        now,
        site,
        alarms,
        broken,
    } = world;
    let mut newest = BTreeMap::new();
    for alarm in alarms.into_values() {
        let id = AlarmId::from(format!("z{}", alarm.zone.number()));
        newest.insert(id.clone(), to_normal_alarm(alarm, id, now));
    }
    World {
        now: ZERO,
        site: to_normal_site(site, now),
        alarms: newest,
        broken,
    }
}

fn ahead(deadline: Instant, now: Instant) -> Instant {
    ZERO + deadline.since(now)
}

fn to_normal_site(mut site: Site, now: Instant) -> Site {
    site.version = VERSION;
    for watch in &mut site.zones {
        watch.waits = match watch.waits {
            Wait::Nothing => Wait::Nothing,
            Wait::Entry { until, .. } => Wait::Entry {
                until: ahead(until, now),
                count: 1,
            },
            Wait::Quiet { until } => Wait::Quiet {
                until: ahead(until, now),
            },
        };
    }
    site
}

fn to_normal_alarm(mut alarm: Alarm, id: AlarmId, now: Instant) -> Alarm {
    alarm.id = id;
    alarm.version = VERSION;
    alarm.raised = ZERO;
    alarm.count = 1;
    let age = now.since(alarm.last).min(REPEAT);
    alarm.last = Instant::from_ms(-i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
    alarm.again_count = alarm.again_count.min(1);
    let heard = |level| Version(u64::from(alarm.heard.has(level)));
    alarm.heard = Heard::from_versions(Level::ALL.map(heard));
    for rung in &mut alarm.ladder {
        rung.at = ahead(rung.at, now);
    }
    match &mut alarm.phase {
        Phase::Notified { next, .. } => next.at = ahead(next.at, now),
        Phase::Acknowledged(ack) => ack.at = ZERO,
        Phase::Handling { ack, at, .. } | Phase::Ended { ack, at, .. } => {
            ack.at = ZERO;
            *at = ZERO;
        }
    }
    alarm
}

/// The next moment after now at which something is due or a repeat is one no more.
pub(crate) fn find_next_moment(world: &World) -> Option<Instant> {
    let alarms = world.alarms.values();
    let moments = alarms.flat_map(|alarm| {
        let rungs = alarm.ladder.iter().map(|rung| rung.at);
        let next = alarm.deadline().map(|next| next.at);
        rungs.chain(next).chain([alarm.last + REPEAT])
    });
    let waits = world
        .site
        .zones
        .iter()
        .filter_map(|watch| match watch.waits {
            Wait::Nothing => None,
            Wait::Entry { until, .. } | Wait::Quiet { until } => Some(until),
        });
    moments.chain(waits).filter(|at| *at > world.now).min()
}
