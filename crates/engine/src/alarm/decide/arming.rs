//! Arming a flat, and giving it zones.

use std::collections::BTreeSet;

use crate::alarm::input::{Decision, Refusal};
use crate::alarm::level::Person;
use crate::alarm::site::{Site, Wait, Watch};
use crate::alarm::zone::{Mode, Policy, Zone};
use crate::time::Instant;

/// Arms a flat. A zone that does not count in the new mode waits for nothing any more: so an entry
/// delay is cancelled by disarming. What counted before and still counts waits on.
///
/// Alarms that were raised stay: only a person who acknowledges stops them.
pub(super) fn arm(site: &Site, mode: Mode, by: Person, now: Instant) -> Decision {
    if site.mode == mode && site.armed_by.is_some() {
        return Decision::unchanged(None);
    }
    let mut next = site.clone();
    next.version = site.version.next();
    next.mode = mode;
    next.armed_by = Some(by);
    for watch in &mut next.zones {
        let is_waiting = watch.waits != Wait::Nothing;
        if !is_waiting || !watch.zone.counts_in(mode) {
            watch.waits = Watch::begin(watch.zone.clone(), mode, now).waits;
        }
    }
    Decision::site(next)
}

/// Gives a flat its zones. One that stays as it was waits on, and so does an entry delay that has
/// begun.
pub(super) fn set_zones(site: &Site, mut zones: Vec<Zone>, now: Instant) -> Decision {
    let numbers: BTreeSet<_> = zones.iter().map(|zone| zone.no).collect();
    let is_bounded = |zone: &Zone| zone.policy.is_within_bounds();
    if numbers.len() != zones.len() || !zones.iter().all(is_bounded) {
        return Decision::refused(Refusal::BadZones, None);
    }
    zones.sort_by_key(|zone| zone.no);
    let mut next = site.clone();
    next.version = site.version.next();
    let stays = |zone: Zone| {
        let begun = Watch::begin(zone.clone(), site.mode, now);
        match site.find(zone.no) {
            Some(before) if before.zone == zone => before.clone(),
            // Somebody may be at the keypad: a new name must not let a burglar off.
            Some(before) if is_entry(before) && may_wait(&zone, site.mode) => Watch {
                zone,
                waits: before.waits,
            },
            Some(_) | None => begun,
        }
    };
    next.zones = zones.into_iter().map(stays).collect();
    Decision::site(next)
}

fn is_entry(watch: &Watch) -> bool {
    matches!(watch.waits, Wait::Entry { .. })
}

fn may_wait(zone: &Zone, mode: Mode) -> bool {
    matches!(zone.policy, Policy::Delayed(_)) && zone.counts_in(mode)
}
