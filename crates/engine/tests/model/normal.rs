//! Rewrites a world so that worlds which behave alike are equal, and the search ends.
//!
//! Sound because the engine only ever compares:
//! - versions: a deadline's with its call's for equality, `told` with `changed` for order. So the
//!   call's version becomes 2, every stamp 1 (none stays none), `told` 1 or, if older than the
//!   stamp, none; the next step writes 3 and is renumbered again;
//! - moments: deadlines with now, and a new deadline with the ring time's end. So now becomes 0,
//!   all moments are counted from it, a deadline that has passed is one that passes now, an end
//!   older than its notices is just older, and so is an answer older than a press is taken for a
//!   repeat; what is only recorded (`created`) becomes 0;
//! - ids, for equality, and for order among calls that ring the same endpoint. So a caller's one
//!   live call is named after it.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::call::{Call, OWED_AFTER_END, PRESS_REPEAT, Party, Phase, Version};
use engine::id::CallId;
use engine::time::Instant;

use crate::world::World;

const VERSION: Version = Version(2);
const STAMP: Version = Version(1);

/// The world that stands for all that behave like `world`.
///
/// Ended calls go unless `keeps_ended`: an ended call holds no line and is loaded by its own id
/// only, so no other call's decision can depend on it, and that it never changes itself is
/// searched where they stay.
pub(crate) fn to_normal(mut world: World, keeps_ended: bool) -> World {
    let now = world.now;
    let told = std::mem::take(&mut world.told);
    let calls = std::mem::take(&mut world.calls);
    for (id, call) in calls {
        if !keeps_ended && call.ended().is_some() {
            continue;
        }
        let name = CallId::from(call.caller.as_str());
        for ((_, party), version) in told.iter().filter(|((told_id, _), _)| *told_id == id) {
            let changed = match party {
                Party::Caller => call.caller_changed,
                Party::Leg(no) => call.legs[no.0].changed,
            };
            if *version >= changed {
                world.told.insert((name.clone(), *party), STAMP);
            }
        }
        let former = world
            .calls
            .insert(name.clone(), to_normal_call(call, name, now));
        assert_eq!(former, None, "two calls would be taken for one");
    }
    world.now = Instant::from_ms(0);
    world
}

fn to_normal_call(mut call: Call, name: CallId, now: Instant) -> Call {
    let zero = Instant::from_ms(0);
    let ahead = |deadline: Instant| zero + deadline.since(now);
    call.id = name;
    call.version = VERSION;
    call.caller_changed = STAMP;
    call.created = zero;
    for leg in &mut call.legs {
        leg.changed = leg.changed.min(STAMP);
    }
    call.phase = match call.phase {
        Phase::Alerting {
            stage_until,
            ring_until,
        } => Phase::Alerting {
            stage_until: ahead(stage_until),
            ring_until: ahead(ring_until),
        },
        Phase::Active { mut answer, until } => {
            answer.at = before(zero, now.since(answer.at).min(PRESS_REPEAT));
            Phase::Active {
                answer,
                until: ahead(until),
            }
        }
        Phase::Ended(mut ended) => {
            ended.at = before(zero, now.since(ended.at).min(old_age()));
            if let Some(answer) = &mut ended.answer {
                answer.at = zero;
            }
            Phase::Ended(ended)
        }
    };
    call
}

fn before(now: Instant, age: Duration) -> Instant {
    Instant::from_ms(now.ms() - i64::try_from(age.as_millis()).unwrap_or(i64::MAX))
}

/// The least age at which an end is no longer spoken about.
pub(crate) fn old_age() -> Duration {
    OWED_AFTER_END + Duration::from_millis(1)
}

/// The next moment after now at which something is due.
pub(crate) fn find_next_moment(calls: &BTreeMap<CallId, Call>, now: Instant) -> Option<Instant> {
    let moments = calls.values().flat_map(|call| match &call.phase {
        Phase::Alerting {
            stage_until,
            ring_until,
        } => [*stage_until, *ring_until],
        Phase::Active { answer, until } => [answer.at + PRESS_REPEAT, *until],
        Phase::Ended(ended) => [ended.at + OWED_AFTER_END, ended.at + old_age()],
    });
    moments.filter(|moment| *moment > now).min()
}
