//! Many steps at once, the power cut at random moments, over and over on the same folder.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use testkit::Dice;
use testkit::power::{Disk, Survivors};
use testkit::rounds::rounds;
use tokio::task::JoinSet;

use crate::house::{House, World};
use crate::inspection::faults;
use crate::ledger::Ledger;
use crate::steps::until_power_off;

/// Steps that wait for one COMMIT at most.
const WORKERS: usize = 8;

/// Writes and syncs before a cut at most; a COMMIT takes about twenty.
const OPERATIONS_MAX: u64 = 800;

/// Cuts before a fresh folder: each inspection reads all that the earlier cuts left.
const CUTS_PER_SITE: u64 = 100;

/// A folder on a disk, and what its clients know.
struct Site {
    folder: TempDir,
    disk: Disk,
    world: Arc<World>,
    ledger: Arc<Ledger>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_cuts_lose_nothing_that_was_acknowledged() {
    let (cuts, seed) = (rounds("KOUMEN_TEST_CUTS", 60), Dice::seed());
    println!("KOUMEN_TEST_SEED={seed} KOUMEN_TEST_CUTS={cuts}");
    let mut dice = Dice::new(seed);
    let mut site = new_site().await;

    let mut acknowledged = 0;
    for cut in 0..cuts {
        if cut % CUTS_PER_SITE == 0 {
            site = new_site().await;
        }
        let survivors = survivors(&mut dice);
        site.disk.delay_syncs(Duration::from_millis(dice.below(3)));
        site.disk.cut_after(dice.below(OPERATIONS_MAX), survivors);
        acknowledged += run(&site, &mut dice).await;
        site.disk.restore().unwrap();

        let faults = faults(site.folder.path(), &site.ledger).await;
        assert!(faults.is_empty(), "cut {cut}, {survivors:?}: {faults:#?}");
    }
    println!("{cuts} cuts, {acknowledged} steps acknowledged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_lies_about_syncs_is_caught() {
    let site = new_site().await;

    site.disk.ignore_syncs();
    site.disk.cut_after(OPERATIONS_MAX, Survivors::None);
    run(&site, &mut Dice::new(1)).await;
    site.disk.restore().unwrap();

    let faults = faults(site.folder.path(), &site.ledger).await;
    let is_caught = faults.iter().any(|fault| fault.ends_with("is lost"));
    assert!(is_caught, "{faults:?}");
}

async fn new_site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::under(folder.path()).unwrap();
    let (world, ledger) = (Arc::default(), Arc::default());
    let house = House::open(folder.path(), &world).await.unwrap();
    house.close().await;
    Site {
        folder,
        disk,
        world,
        ledger,
    }
}

fn survivors(dice: &mut Dice) -> Survivors {
    match dice.below(4) {
        0 => Survivors::None,
        1 => Survivors::All,
        _ => Survivors::Some(dice.throw()),
    }
}

/// Opens the store, works until the power goes, closes; how many steps were acknowledged.
async fn run(site: &Site, dice: &mut Dice) -> usize {
    let folder = site.folder.path();
    let Ok(house) = House::open(folder, &site.world).await else {
        return 0;
    };
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (world, ledger) = (Arc::clone(&site.world), Arc::clone(&site.ledger));
        let (calls, disk, dice) = (house.calls.clone(), site.disk.clone(), dice.fork());
        workers.spawn(until_power_off(calls, world, ledger, disk, dice));
    }
    let mut checkpoints = JoinSet::new();
    if dice.chance(30) {
        let path = folder.join("core.db");
        checkpoints.spawn_blocking(move || checkpoint_until_power_off(&path));
    }
    let acknowledged = workers.join_all().await;
    checkpoints.join_all().await;
    house.close().await;
    acknowledged.into_iter().sum()
}

/// Moves the log into the database without pause, so that cuts meet that too.
fn checkpoint_until_power_off(path: &Path) {
    let Ok(connection) = Connection::open(path) else {
        return;
    };
    let mut sql = ["passive", "restart", "truncate"].into_iter().cycle();
    let mut run = || {
        let mode = sql.next().unwrap_or_default();
        let sql = format!("pragma synchronous = full; pragma wal_checkpoint({mode})");
        connection.execute_batch(&sql)
    };
    while !matches!(run(), Err(error) if is_power_off(&error)) {}
}

fn is_power_off(error: &rusqlite::Error) -> bool {
    let busy = [
        rusqlite::ErrorCode::DatabaseBusy,
        rusqlite::ErrorCode::DatabaseLocked,
    ];
    error
        .sqlite_error_code()
        .is_none_or(|code| !busy.contains(&code))
}
