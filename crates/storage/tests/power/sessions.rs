//! The broker's journal under power cuts: what was told to be kept is there, and what is there is
//! what was appended up to some moment, nothing else.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use broker::{Journal, KeptDelivery, KeptMessage, MessageNo, Record, SessionNo};
use storage::SessionStore;
use testkit::power::{Disk, Survivors};

const SESSION: SessionNo = SessionNo(1);

/// Messages that wait at the end, and as many that were delivered.
const BATCHES: u64 = 24;

/// Far more than a scenario has; a scenario that never ends by itself fails.
const POINTS_MAX: u64 = 5000;

#[test]
fn a_cut_at_any_point_keeps_what_the_broker_was_told_is_kept() {
    let mut points = 0;
    while !all_batches(points, Survivors::None) {
        for survivors in [Survivors::All, Survivors::Some(points)] {
            all_batches(points, survivors);
        }
        points += 1;
        assert!(points < POINTS_MAX);
    }
    assert!(points > 50, "only {points} points");
    println!("{points} points");
}

/// Whether all was written, closing included, before the cut.
fn all_batches(point: u64, survivors: Survivors) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::under(folder.path()).unwrap();
    disk.cut_after(point, survivors);
    let told = append_all(folder.path());
    if !disk.is_off() {
        assert_eq!(told, Some(BATCHES));
        return true;
    }
    disk.restore().unwrap();

    let found = waiting(folder.path());

    let possible = (told.unwrap_or(0)..=BATCHES).map(state);
    assert!(
        possible.clone().any(|state| state == found),
        "point {point}, {survivors:?}: told {told:?}, found {found:?}"
    );
    false
}

/// Appends one batch after another; up to which one was told to be kept. None if the database did
/// not open.
fn append_all(folder: &Path) -> Option<u64> {
    let (store, _) = SessionStore::open(folder).ok()?;
    let (mut waiting, mut kept) = (Vec::new(), Vec::new());
    for no in 1..=BATCHES {
        waiting.push(append(&store, no));
        // Some batches share a commit, others have one to themselves.
        if no % 3 > 0 {
            kept.extend(waiting.drain(..).map(|told| told.recv().unwrap()));
        }
    }
    kept.extend(waiting.drain(..).map(|told| told.recv().unwrap()));
    let first_lost = kept.iter().position(|kept| !kept);
    Some(u64::try_from(first_lost.unwrap_or(kept.len())).unwrap())
}

fn append(store: &SessionStore, no: u64) -> Receiver<bool> {
    let (tell, told) = sync_channel(1);
    let kept = Box::new(move |kept| tell.send(kept).unwrap());
    store.append(batch(no), Some(kept));
    told
}

/// Message `no` comes, and every second time the one before it has been delivered.
fn batch(no: u64) -> Vec<Record> {
    let mut records = Vec::new();
    if no == 1 {
        records.push(Record::Session {
            no: SESSION,
            subject: "door:north".into(),
            client: "panel".into(),
            life: Duration::from_secs(60),
        });
    }
    records.push(Record::Message {
        no: MessageNo(no),
        message: KeptMessage {
            topic: "t".into(),
            payload: no.to_be_bytes().repeat(100).into(),
            properties: Vec::new().into(),
            qos: 1,
            expires_ms: None,
        },
    });
    records.push(Record::Waiting {
        session: SESSION,
        delivery: KeptDelivery {
            seq: no,
            message: MessageNo(no),
            qos: 1,
            retain: false,
            identifiers: Vec::new(),
            received: false,
        },
    });
    if no.is_multiple_of(2) {
        records.push(Record::Done {
            session: SESSION,
            seq: no - 1,
        });
        records.push(Record::MessageGone {
            message: MessageNo(no - 1),
        });
    }
    records
}

/// What waits after `batches`.
fn state(batches: u64) -> BTreeSet<u64> {
    (1..=batches)
        .filter(|no| no.is_multiple_of(2) || *no == batches)
        .collect()
}

/// What waits at the next start.
fn waiting(folder: &Path) -> BTreeSet<u64> {
    let (_, kept) = SessionStore::open(folder).unwrap();
    let mut found = BTreeSet::new();
    for delivery in kept.sessions.iter().flat_map(|session| &session.waiting) {
        let payload = &kept.messages[&delivery.message].payload;
        assert_eq!(**payload, *delivery.seq.to_be_bytes().repeat(100));
        found.insert(delivery.seq);
    }
    found
}
