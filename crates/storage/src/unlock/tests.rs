//! Orders survive being written and read again, and what they use up is used up once.

use std::time::Duration;

use app::directory::{CallTimes, Community, Device, DeviceKind, Flat, RoomNaming};
use app::port::{
    Decided, DirectoryStore, ListedCredential, NewNonce, Sight, StoreFailure, UnlockQuery,
    UnlockRule, UnlockStore,
};
use app::principal::DoorControl;
use app::secret::SecretDigest;
use engine::access::{CodeEntry, Credential, CredentialKind, Denial, Spends, WayKind};
use engine::time::Instant;
use engine::unlock::{Decision, Phase, RequestKey, Unlock, Verdict};
use tempfile::TempDir;

use crate::audit::{Audit, AuditKey};
use crate::store::Store;

const NOW: Instant = Instant::from_ms(1_000_000);
const KEY: [u8; 32] = [9; 32];

#[tokio::test]
async fn an_order_in_every_phase_is_read_as_it_was_written() {
    let (_folder, store) = store().await;
    let phases = [
        Phase::Authorised,
        Phase::Sent,
        Phase::HandedOver,
        Phase::Executed,
        Phase::Refused,
        Phase::Unreachable,
        Phase::NotSupported,
        Phase::Expired,
        Phase::Unknown,
    ];
    let denied = Denial::ALL.into_iter().map(Phase::Denied);

    for (no, phase) in phases.into_iter().chain(denied).enumerate() {
        let unlock = unlock(&format!("u{no:03}"), phase);
        decide(&store, decision(&unlock)).await.unwrap();

        let found = store.find_logged_unlock(unlock.id.clone()).await.unwrap();

        assert_eq!(found.map(|logged| logged.unlock), Some(unlock));
    }
}

#[tokio::test]
async fn every_way_has_a_name_that_is_read_again() {
    let (_folder, store) = store().await;

    for way in WayKind::ALL {
        let unlock = Unlock {
            way,
            ..unlock(way.name(), Phase::Sent)
        };
        decide(&store, decision(&unlock)).await.unwrap();

        let found = store.find_logged_unlock(unlock.id).await.unwrap();

        assert_eq!(found.map(|logged| logged.unlock.way), Some(way));
    }
}

#[tokio::test]
async fn a_use_is_taken_once_and_a_permission_too() {
    let (folder, store) = store().await;
    let digest = SecretDigest([1; 32]);
    store.add_credential(visitor(1), digest).await.unwrap();
    let nonce = NewNonce {
        digest,
        flat: "101".into(),
        alarm: "fire".into(),
        expires: NOW + Duration::from_secs(120),
    };
    store.add_nonce(nonce).await.unwrap();

    for (no, spends) in [Spends::Use("visitor".into()), Spends::Nonce]
        .into_iter()
        .enumerate()
    {
        let spend = |id: &str| {
            let mut decided = decision(&unlock(id, Phase::Sent));
            decided.decision.spends = spends.clone();
            decided.nonce = Some(digest);
            decided
        };
        let first = decide(&store, spend(&format!("{no}-first"))).await;
        let second = decide(&store, spend(&format!("{no}-second"))).await;

        assert!(first.is_ok() && second.is_err());
    }
    let listed = store.list_unlocks(query()).await.unwrap();
    assert_eq!(listed.len(), 2, "what failed left nothing behind");
    let chain = Audit::open(folder.path()).unwrap();
    let report = chain.check(&AuditKey::new(&KEY)).unwrap();
    assert_eq!((report.rows, report.faults), (2, Vec::new()));
}

#[tokio::test]
async fn wrong_codes_are_remembered() {
    let (folder, store) = store().await;
    let entry = CodeEntry {
        wrong: 0,
        counts_until: Some(Instant::from_ms(9)),
        locked_until: Some(NOW),
    };
    let mut decided = decision(&unlock("u", Phase::Denied(Denial::WrongCode)));
    decided.decision.entry = Some(entry);
    decide(&store, decided).await.unwrap();
    store.close().unwrap();
    drop(store);

    let store = Store::open(folder.path()).unwrap();
    store.set_audit_key(AuditKey::new(&KEY));
    let read: UnlockRule = Box::new(move |facts| {
        assert_eq!(facts.code_entry(&"gate".into())?, entry);
        Ok(None)
    });

    assert!(store.decide_unlock(read).await.unwrap().is_none());
}

#[tokio::test]
async fn a_code_is_nobody_elses() {
    let (_folder, store) = store().await;
    let digest = SecretDigest([1; 32]);
    store.add_credential(visitor(1), digest).await.unwrap();
    let mut other = visitor(1);
    other.credential.id = "other".into();

    let taken = store.add_credential(other, digest).await.unwrap_err();

    assert!(matches!(taken, StoreFailure::Conflict { .. }), "{taken}");
}

#[tokio::test]
async fn overdue_orders_and_those_that_a_restart_left_are_found() {
    let (_folder, store) = store().await;
    for (id, phase) in [
        ("a", Phase::Authorised),
        ("b", Phase::Sent),
        ("c", Phase::Executed),
    ] {
        decide(&store, decision(&unlock(id, phase))).await.unwrap();
    }
    let ends = NOW + Duration::from_secs(10);

    let early = store.overdue_unlocks(NOW).await.unwrap();
    let mut late = store.overdue_unlocks(ends).await.unwrap();
    late.sort();

    assert!(early.is_empty());
    assert_eq!(late, ["a".into(), "b".into()]);
    assert_eq!(store.unsent_unlocks().await.unwrap(), ["a".into()]);
}

#[tokio::test]
async fn without_a_key_nothing_is_decided() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();

    let decided = decide(&store, decision(&unlock("u", Phase::Authorised))).await;

    assert!(decided.is_err());
}

async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.set_audit_key(AuditKey::new(&KEY));
    let community = Community {
        id: "gardens".into(),
        name: "Gardens".into(),
        rooms: RoomNaming::Auto,
        times: CallTimes::default(),
        declines: None,
    };
    store.add_community(community).await.unwrap();
    let flat = Flat {
        id: "101".into(),
        community: "gardens".into(),
        unit: None,
        number: "101".into(),
        times: CallTimes::default(),
    };
    store.add_flat(flat).await.unwrap();
    let gate = Device {
        id: "gate".into(),
        community: "gardens".into(),
        unit: None,
        name: "gate".into(),
        place: String::new(),
        kind: DeviceKind::Panel(DoorControl::Fixed),
        times: CallTimes::default(),
    };
    store.add_device(gate, SecretDigest([0; 32])).await.unwrap();
    (folder, store)
}

async fn decide(store: &Store, decided: Decided) -> Result<Option<Decided>, StoreFailure> {
    store
        .decide_unlock(Box::new(move |_| Ok(Some(decided))))
        .await
}

fn decision(unlock: &Unlock) -> Decided {
    Decided {
        decision: Decision {
            verdict: Verdict::Accepted,
            unlock: unlock.clone(),
            is_changed: true,
            spends: Spends::Nothing,
            entry: None,
        },
        community: Some("gardens".into()),
        nonce: None,
        device: None,
    }
}

fn unlock(id: &str, phase: Phase) -> Unlock {
    Unlock {
        id: id.into(),
        key: RequestKey {
            asker: "resident:mum".into(),
            key: id.into(),
        },
        door: "gate".into(),
        way: WayKind::Call,
        call: Some("call".into()),
        credential: Some("visitor".into()),
        requested: NOW,
        ends: NOW + Duration::from_secs(10),
        phase,
        note: Some("stuck".into()),
        changed: NOW,
    }
}

fn visitor(uses: u32) -> ListedCredential {
    ListedCredential {
        credential: Credential {
            id: "visitor".into(),
            kind: CredentialKind::Visitor,
            community: "gardens".into(),
            flat: "101".into(),
            resident: None,
            from: None,
            until: None,
            uses_left: Some(uses),
        },
        label: String::new(),
        created: NOW,
    }
}

fn query() -> UnlockQuery {
    UnlockQuery {
        sight: Sight::Everywhere,
        community: None,
        door: Some("gate".into()),
        before: None,
        limit: 50,
    }
}
