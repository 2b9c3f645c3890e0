//! What is appended is there at the next start, and nothing else.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use broker::{
    Journal, Kept, KeptDelivery, KeptFilter, KeptMessage, KeptSession, MessageNo, Record, SessionNo,
};

use crate::sessions::SessionStore;

const ANN: SessionNo = SessionNo(1);
const BOB: SessionNo = SessionNo(2);
const HOUR: Duration = Duration::from_secs(3600);

/// Longer than anything takes that is not broken.
const SOON: Duration = Duration::from_secs(20);

fn session(no: SessionNo, client: &str) -> Record {
    Record::Session {
        no,
        subject: "resident:ann".into(),
        client: client.into(),
        life: HOUR,
    }
}

fn filter(session: SessionNo, filter: &str, qos: u8) -> Record {
    let how = KeptFilter {
        qos,
        no_local: true,
        as_published: false,
        identifier: Some(7),
    };
    Record::Filter {
        session,
        filter: filter.into(),
        how,
    }
}

fn message(no: u64) -> (Record, KeptMessage) {
    let message = KeptMessage {
        topic: format!("t/{no}").into(),
        payload: vec![0, 255, u8::try_from(no).unwrap()].into(),
        properties: vec![1].into(),
        qos: 2,
        expires_ms: Some(99),
    };
    let no = MessageNo(no);
    let record = Record::Message {
        no,
        message: message.clone(),
    };
    (record, message)
}

fn delivery(seq: u64, message: u64) -> KeptDelivery {
    KeptDelivery {
        seq,
        message: MessageNo(message),
        qos: 2,
        retain: true,
        identifiers: vec![1, 268_435_455],
        received: false,
    }
}

fn waiting(session: SessionNo, seq: u64, message: u64) -> Record {
    Record::Waiting {
        session,
        delivery: delivery(seq, message),
    }
}

/// Appends and waits until it is on disk.
fn keep(store: &SessionStore, records: Vec<Record>) -> bool {
    told(store, records).recv_timeout(SOON).unwrap()
}

fn told(store: &SessionStore, records: Vec<Record>) -> Receiver<bool> {
    let (tell, told) = sync_channel(1000);
    store.append(
        records,
        Some(Box::new(move |kept| tell.send(kept).unwrap())),
    );
    told
}

/// What the next start finds after `batches`.
fn kept(batches: Vec<Vec<Record>>) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let (store, empty) = SessionStore::open(folder.path()).unwrap();
    assert_eq!(empty, Kept::default());
    for batch in batches {
        assert!(keep(&store, batch));
    }
    drop(store);
    SessionStore::open(folder.path()).unwrap().1
}

#[test]
fn a_session_is_there_again_with_all_that_belongs_to_it() {
    let (first, first_message) = message(1);
    let (second, second_message) = message(2);

    let kept = kept(vec![
        vec![session(ANN, "phone"), filter(ANN, "a/+", 1), first, second],
        vec![waiting(ANN, 9, 2), waiting(ANN, 8, 1)],
        vec![
            filter(ANN, "a/+", 2),
            Record::Received {
                session: ANN,
                seq: 8,
            },
            Record::Taken {
                session: ANN,
                packet: 65_535,
            },
            Record::Ends {
                session: ANN,
                at_ms: Some(5),
                life: HOUR * 2,
            },
        ],
    ]);

    let how = KeptFilter {
        qos: 2,
        no_local: true,
        as_published: false,
        identifier: Some(7),
    };
    let received = KeptDelivery {
        received: true,
        ..delivery(8, 1)
    };
    let expected = KeptSession {
        no: ANN,
        subject: "resident:ann".into(),
        client: "phone".into(),
        life: HOUR * 2,
        ends_ms: Some(5),
        filters: vec![("a/+".into(), how)],
        waiting: vec![received, delivery(9, 2)],
        taken: vec![65_535],
    };
    assert_eq!(kept.sessions, [expected]);
    assert_eq!(kept.messages[&MessageNo(1)], first_message);
    assert_eq!(kept.messages[&MessageNo(2)], second_message);
}

#[test]
fn what_is_over_is_gone() {
    let kept = kept(vec![
        vec![
            session(ANN, "phone"),
            session(BOB, "tablet"),
            filter(ANN, "a", 1),
            filter(BOB, "a", 1),
            filter(BOB, "b", 1),
            message(1).0,
            message(2).0,
            waiting(ANN, 1, 1),
            waiting(BOB, 1, 1),
            waiting(BOB, 2, 2),
            Record::Taken {
                session: BOB,
                packet: 1,
            },
        ],
        vec![
            Record::SessionGone { session: ANN },
            Record::FilterGone {
                session: BOB,
                filter: "a".into(),
            },
            Record::Done {
                session: BOB,
                seq: 1,
            },
            Record::MessageGone {
                message: MessageNo(1),
            },
            Record::Released {
                session: BOB,
                packet: 1,
            },
        ],
    ]);

    let [bob] = &kept.sessions[..] else {
        panic!("{kept:?}")
    };
    assert_eq!(bob.no, BOB);
    assert_eq!(bob.filters.len(), 1);
    assert_eq!(bob.waiting, [delivery(2, 2)]);
    assert!(bob.taken.is_empty());
    assert!(!kept.messages.contains_key(&MessageNo(1)));
}

#[test]
fn the_last_message_of_a_topic_is_retained() {
    let retain = |topic: &str, message| Record::Retained {
        topic: topic.into(),
        message: MessageNo(message),
    };

    let kept = kept(vec![
        vec![message(1).0, message(2).0, message(3).0],
        vec![retain("a", 1), retain("a", 2), retain("b", 3)],
        vec![Record::RetainedGone { topic: "b".into() }],
    ]);

    assert_eq!(kept.retained, [MessageNo(2)]);
}

#[test]
fn a_new_session_may_have_the_client_id_of_one_that_is_gone() {
    let kept = kept(vec![vec![
        session(ANN, "phone"),
        waiting(ANN, 1, 1),
        Record::SessionGone { session: ANN },
        session(BOB, "phone"),
    ]]);

    let numbers: Vec<_> = kept.sessions.iter().map(|session| session.no).collect();
    assert_eq!(numbers, [BOB]);
}

#[test]
fn what_has_no_hurry_is_written_with_what_has_and_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = SessionStore::open(folder.path()).unwrap();
    store.append(vec![session(ANN, "phone")], None);
    assert!(keep(&store, vec![filter(ANN, "a", 1)]));
    store.append(vec![filter(ANN, "b", 1)], None);

    store.close().unwrap();

    let (_, kept) = SessionStore::open(folder.path()).unwrap();
    assert_eq!(kept.sessions[0].filters.len(), 2);
}

#[test]
fn a_group_that_is_lost_is_told_and_written_with_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = SessionStore::open(folder.path()).unwrap();
    let rival = rusqlite::Connection::open(folder.path().join("broker.db")).unwrap();
    rival
        .execute_batch("alter table filter rename to away")
        .unwrap();

    let lost = keep(&store, vec![session(ANN, "phone"), filter(ANN, "a", 1)]);
    rival
        .execute_batch("alter table away rename to filter")
        .unwrap();
    let next = keep(&store, vec![filter(ANN, "b", 1)]);

    assert_eq!((lost, next), (false, true));
    drop(store);
    let (_, kept) = SessionStore::open(folder.path()).unwrap();
    assert_eq!(kept.sessions[0].filters.len(), 2);
}

#[test]
fn everyone_is_told_in_the_order_of_the_appends() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = SessionStore::open(folder.path()).unwrap();
    let (tell, told) = sync_channel(1000);

    for no in 1..=1000 {
        let tell = tell.clone();
        let said = Box::new(move |kept| tell.send((no, kept)).unwrap());
        store.append(vec![session(SessionNo(no), &no.to_string())], Some(said));
    }

    for no in 1..=1000 {
        assert_eq!(told.recv_timeout(SOON).unwrap(), (no, true));
    }
}
