//! Every order of everything, for the casts that cover each policy and each pair that can meet.

use engine::alarm::{Mode, Policy, decide};

use crate::cast::{delayed, nursing, zone};
use crate::search::search;

const AWAY: &[Mode] = &[Mode::Away];
const BOTH: &[Mode] = &[Mode::Away, Mode::Home];

#[test]
fn i12_an_immediate_zone_and_a_duress_zone() {
    let zones = vec![
        zone(1, Policy::Immediate, AWAY),
        zone(2, Policy::Duress, &[]),
    ];

    let (broken, states) = search(zones, decide);

    assert!(broken.is_empty(), "{broken:#?}");
    assert!(states > 1_000, "{states}");
}

#[test]
fn i12_an_entry_delay() {
    let (broken, states) = search(vec![zone(1, delayed(), BOTH)], decide);

    assert!(broken.is_empty(), "{broken:#?}");
    assert!(states > 100, "{states}");
}

#[test]
fn i12_a_nursing_zone() {
    let (broken, states) = search(vec![zone(1, nursing(), BOTH)], decide);

    assert!(broken.is_empty(), "{broken:#?}");
    assert!(states > 100, "{states}");
}
