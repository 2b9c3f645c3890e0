//! The disk by itself, then under SQLite: what is synced stays, what is not can be lost.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::power::plate::Plate;
use crate::power::{Disk, Survivors};

fn found(plate: &Plate, survivors: Survivors) -> Vec<u8> {
    let mut files = plate.survive(survivors);
    files.remove(Path::new("/f")).unwrap_or_default()
}

#[test]
fn only_what_was_synced_survives() {
    let mut plate = Plate::default();
    let file = plate.open(Path::new("/f"), Some(Vec::new()));

    plate.write(file, 0, b"ab");
    plate.sync(file, plate.mark(file));
    plate.write(file, 1, b"cd");

    assert_eq!(found(&plate, Survivors::None), b"ab");
    assert_eq!(found(&plate, Survivors::All), b"acd");
}

#[test]
fn a_write_during_a_sync_waits_for_the_next() {
    let mut plate = Plate::default();
    let file = plate.open(Path::new("/f"), Some(Vec::new()));

    plate.write(file, 0, b"a");
    let earlier = plate.mark(file);
    plate.write(file, 1, b"b");
    let later = plate.mark(file);
    plate.sync(file, later);
    plate.write(file, 2, b"c");
    plate.sync(file, earlier);

    assert_eq!(found(&plate, Survivors::None), b"ab");
}

#[test]
fn names_come_and_go_with_a_sync_of_the_folder() {
    let mut plate = Plate::default();
    let file = plate.open(Path::new("/f"), None);
    plate.write(file, 0, b"a");
    plate.sync(file, plate.mark(file));

    assert!(plate.survive(Survivors::None).is_empty());
    plate.sync_folder();
    plate.delete(Path::new("/f"));

    assert_eq!(found(&plate, Survivors::None), b"a");
    assert!(plate.survive(Survivors::All).is_empty());
    plate.sync_folder();
    assert!(plate.survive(Survivors::None).is_empty());
}

#[test]
fn a_long_write_can_be_torn() {
    let mut plate = Plate::default();
    let file = plate.open(Path::new("/f"), Some(vec![0; 64 * 512]));
    plate.write(file, 100, &[1; 60 * 512]);

    let torn = (0..20).any(|seed| {
        let content = found(&plate, Survivors::Some(seed));
        let whole = |sector: &[u8]| sector.iter().all(|byte| *byte == sector[0]);
        assert!(content[512..60 * 512].chunks(512).all(whole));
        content[512..60 * 512].contains(&0) && content.contains(&1)
    });

    assert!(torn);
}

/// How many of a hundred acknowledged rows are left after a cut.
#[track_caller]
fn rows_left(setting: &str, survivors: Survivors) -> u32 {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::under(folder.path()).unwrap();
    let path = folder.path().join("t.db");
    let connection = Connection::open(&path).unwrap();
    let made = "pragma journal_mode = wal; pragma synchronous = full; create table t (n) strict";
    connection
        .execute_batch(&made.replace("(n)", "(n integer)"))
        .unwrap();
    connection.execute_batch(setting).unwrap();
    for n in 0..100 {
        connection
            .execute("insert into t values ($1)", [n])
            .unwrap();
    }

    disk.cut(survivors);
    assert!(
        connection
            .execute("insert into t values (100)", [])
            .is_err()
    );
    drop(connection);
    disk.restore().unwrap();

    let connection = Connection::open(&path).unwrap();
    let fine: String = connection
        .query_row("pragma integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(fine, "ok");
    connection
        .query_row("select count(*) from t", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn full_synchronisation_loses_no_acknowledged_row() {
    assert_eq!(rows_left("pragma synchronous = full", Survivors::None), 100);
    for seed in 0..10 {
        let left = rows_left("pragma synchronous = full", Survivors::Some(seed));
        assert_eq!(left, 100, "seed {seed}");
    }
}

#[test]
fn without_synchronisation_acknowledged_rows_are_lost() {
    assert_eq!(rows_left("pragma synchronous = off", Survivors::None), 0);
    assert_eq!(rows_left("pragma synchronous = normal", Survivors::None), 0);
}

#[test]
fn a_kill_loses_nothing_even_without_synchronisation() {
    assert_eq!(rows_left("pragma synchronous = off", Survivors::All), 100);
}

#[test]
fn a_cut_ends_a_sync_that_is_being_delayed() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::under(folder.path()).unwrap();
    let connection = Connection::open(folder.path().join("t.db")).unwrap();
    connection
        .execute_batch("create table t (n integer) strict")
        .unwrap();
    disk.delay_syncs(Duration::from_secs(600));

    let written = std::thread::scope(|scope| {
        let before = disk.operations();
        let writing = scope.spawn(move || connection.execute("insert into t values (1)", []));
        while disk.operations() == before {
            std::thread::yield_now();
        }
        disk.cut(Survivors::All);
        writing.join().unwrap()
    });

    assert!(written.is_err());
}

#[test]
fn another_folder_is_not_touched() {
    let (mounted, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let disk = Disk::under(mounted.path()).unwrap();
    let connection = Connection::open(other.path().join("t.db")).unwrap();

    disk.cut(Survivors::None);

    let made = connection.execute_batch("create table t (n integer) strict");
    assert!(made.is_ok());
    assert_eq!(disk.operations(), 0);
}
