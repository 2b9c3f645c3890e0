//! One cut at every single write and sync: of the first start, and of the life of two calls.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use engine::call::{Input, Scope};
use storage::Store;
use testkit::power::{Disk, Survivors};

use crate::house::{House, World, press, resident};
use crate::inspection::faults;
use crate::ledger::Ledger;

/// Far more than a scenario has; a scenario that never ends by itself fails.
const POINTS_MAX: u64 = 5000;

fn survivors(point: u64) -> [Survivors; 4] {
    let dice = [2 * point, 2 * point + 1].map(Survivors::Some);
    [Survivors::None, Survivors::All, dice[0], dice[1]]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_at_any_point_of_the_first_start_leaves_a_folder_that_starts() {
    let mut points = 0..POINTS_MAX;
    let is_whole = points.by_ref().any(|point| {
        let whole = survivors(point).map(|survivors| first_start(point, survivors));
        whole.contains(&true)
    });

    assert!(is_whole && points.start > 20, "{points:?}");
    println!("{} points", points.start);
}

/// Whether the start came to its end, closing included, before the cut.
fn first_start(point: u64, survivors: Survivors) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::under(folder.path()).unwrap();
    disk.cut_after(point, survivors);
    drop(Store::open(folder.path()));
    if !disk.is_off() {
        return true;
    }
    disk.restore().unwrap();

    let again = Store::open(folder.path());

    if let Err(failure) = &again {
        panic!("point {point}, {survivors:?}: {failure}");
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_at_any_point_of_a_call_keeps_every_acknowledged_step() {
    let template = tempfile::tempdir().unwrap();
    let house = House::open(template.path(), &Arc::default()).await.unwrap();
    house.close().await;

    let mut points = 0;
    let mut is_whole = false;
    while !is_whole {
        for survivors in survivors(points) {
            is_whole = two_calls(template.path(), points, survivors).await;
        }
        points += 1;
        assert!(points < POINTS_MAX);
    }
    assert!(points > 50, "only {points} points");
    println!("{points} points");
}

/// Whether the calls came to their end, closing included, before the cut.
async fn two_calls(template: &Path, point: u64, survivors: Survivors) -> bool {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(template).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let disk = Disk::under(folder.path()).unwrap();
    let (world, ledger) = (Arc::<World>::default(), Ledger::default());
    disk.cut_after(point, survivors);
    if let Ok(house) = House::open(folder.path(), &world).await {
        script(&house, &world, &ledger).await;
        house.close().await;
    }
    if !disk.is_off() {
        return true;
    }
    disk.restore().unwrap();

    let faults = faults(folder.path(), &ledger).await;

    assert!(
        faults.is_empty(),
        "point {point}, {survivors:?}: {faults:#?}"
    );
    false
}

/// One call is answered and hung up by a press elsewhere, the next declined; until the power goes.
async fn script(house: &House, world: &World, ledger: &Ledger) {
    let first = house.calls.handle(press(world, "north", "101")).await;
    let Ok(first) = first else {
        return;
    };
    ledger.acknowledge(&first);
    let call = first.call.unwrap().id.clone();
    world.advance(1000);
    let claim = Input::Claim {
        call,
        by: resident("101-b"),
        note: None,
    };
    let Ok(answered) = house.calls.handle(claim).await else {
        return;
    };
    ledger.acknowledge(&answered);
    world.advance(1000);
    let Ok(second) = house.calls.handle(press(world, "north", "102")).await else {
        return;
    };
    ledger.acknowledge(&second);
    let decline = Input::Decline {
        call: second.call.unwrap().id.clone(),
        by: resident("102-a"),
        scope: Scope::Household,
        note: Some("not now".into()),
    };
    if let Ok(declined) = house.calls.handle(decline).await {
        ledger.acknowledge(&declined);
    }
}
