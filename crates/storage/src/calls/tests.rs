//! Calls survive being written and read again, are listed as the port says, and share no line.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use app::port::{CallLog, CallStore, RecordFilter, RecordQuery, Sight, StoreFailure};
use engine::call::{
    Actor, Call, CloseReason, Decision, Facts, Input, LegState, Outcome, Phase, Plan, Room, Scene,
    Scope, Stage, Streams, Target, Verdict, decide,
};
use engine::id::{CallId, EndpointId, Hand};
use engine::time::Instant;
use tempfile::TempDir;

use crate::store::Store;

const RING: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_call_in_every_phase_is_read_as_it_was_written() {
    let (_folder, store) = store();
    let alerting = pressed("a", 1);
    let second_stage = after(&alerting, deadline(&alerting), 12);
    let active = after(&alerting, claim(&alerting, "mum"), 5);
    let by_caller = after(&active, hang_up(&active, "door-a"), 9);
    let by_winner = after(&active, hang_up(&active, "mum"), 9);
    let at_limit = after(&active, deadline(&active), 100_000);
    let unanswered = after(&second_stage, deadline(&second_stage), 400);
    let declined = after(&second_stage, decline(&second_stage, "guard"), 13);
    let cancelled = after(&alerting, hang_up(&alerting, "door-a"), 2);
    let by_operator = after(&alerting, end(&alerting), 2);

    let lives = [
        vec![&alerting, &second_stage, &unanswered],
        vec![&second_stage, &declined],
        vec![&alerting, &active, &by_caller],
        vec![&active, &by_winner],
        vec![&active, &at_limit],
        vec![&alerting, &cancelled],
        vec![&alerting, &by_operator],
    ];
    for (no, life) in lives.into_iter().enumerate() {
        for state in life {
            let mut call = state.clone();
            call.id = CallId::from(format!("life-{no}"));
            write(&store, &[&call]).await.unwrap();

            let found = store.find_call(call.id.clone()).await.unwrap();

            assert_eq!(found.as_ref(), Some(&call));
        }
    }
}

#[tokio::test]
async fn every_outcome_fate_of_a_leg_and_scope_has_a_name_that_is_read_again() {
    let (_folder, store) = store();
    let alerting = pressed("a", 1);
    let ended = after(&alerting, hang_up(&alerting, "door-a"), 2);
    let outcomes = Outcome::ALL.map(|outcome| {
        let mut call = ended.clone();
        if let Phase::Ended(end) = &mut call.phase {
            end.outcome = outcome;
        }
        call
    });
    let fates = CloseReason::ALL.map(|reason| {
        let mut call = ended.clone();
        call.legs[0].state = LegState::Closed(reason);
        call
    });
    let scopes = Scope::ALL.map(|scope| Call {
        declines: Some(scope),
        ..ended.clone()
    });

    for (no, mut call) in outcomes.into_iter().chain(fates).chain(scopes).enumerate() {
        call.id = CallId::from(format!("call-{no}"));
        write(&store, &[&call]).await.unwrap();

        let found = store.find_call(call.id.clone()).await.unwrap();

        assert_eq!(found, Some(call));
    }
}

#[tokio::test]
async fn an_unknown_call_is_not_found() {
    let (_folder, store) = store();

    assert_eq!(store.find_call("nothing".into()).await.unwrap(), None);
}

#[tokio::test]
async fn records_are_paged_newest_first() {
    let (_folder, store) = store();
    for (no, name) in (1..).zip(["a", "b", "c", "d", "e"]) {
        let call = pressed(name, no);
        write(&store, &[&after(&call, end(&call), no)])
            .await
            .unwrap();
    }
    write(&store, &[&pressed("live", 9)]).await.unwrap();

    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let asked = RecordQuery {
            sight: Sight::Everywhere,
            filter: RecordFilter::default(),
            before,
            limit: 2,
        };
        let logged = store.list_records(asked).await.unwrap();
        let calls: Vec<_> = logged.into_iter().map(|logged| logged.call).collect();
        let Some(last) = calls.last() else {
            break;
        };
        before = Some(last.id.clone());
        pages.push(names(&calls));
    }

    assert_eq!(pages, ["e d", "c b", "a"]);
}

#[tokio::test]
async fn due_calls_come_soonest_first() {
    let (_folder, store) = store();
    for (name, at) in [("late", 300), ("soon", 100), ("next", 200)] {
        write(&store, &[&pressed(name, at)]).await.unwrap();
    }
    let over = pressed("over", 1);
    write(&store, &[&after(&over, end(&over), 2)])
        .await
        .unwrap();
    // The first stage has a third of the ring time.
    let at = |s: i64| Instant::from_ms((s + 10) * 1000);

    let due = store.due(at(200)).await.unwrap();
    let early = store.due(Instant::from_ms(at(100).ms() - 1)).await.unwrap();

    let ids: Vec<_> = due.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["soon", "next"]);
    assert_eq!(due[0].1, pressed("soon", 100).version);
    assert!(early.is_empty(), "{early:?}");
}

#[tokio::test]
async fn recent_calls_are_the_live_ones_and_those_that_ended_since() {
    let (_folder, store) = store();
    for (name, ended) in [("old", 49), ("edge", 50), ("new", 51)] {
        let call = pressed(name, 1);
        write(&store, &[&after(&call, end(&call), ended)])
            .await
            .unwrap();
    }
    write(&store, &[&pressed("live", 2)]).await.unwrap();

    let mut recent = store.recent(Instant::from_ms(50_000)).await.unwrap();

    recent.sort_by(|one, other| one.id.cmp(&other.id));
    assert_eq!(names(&recent), "edge live new");
}

#[tokio::test]
async fn a_line_that_another_call_holds_is_a_conflict_and_leaves_nothing_behind() {
    let (_folder, store) = store();
    let first = pressed("first", 1);
    write(&store, &[&first]).await.unwrap();
    let before = parties(&store).await;
    let mut second = pressed("second", 2);
    second.caller = first.caller.clone();
    let bystander = pressed("bystander", 2);

    let refused = write(&store, &[&bystander, &second]).await;

    assert!(matches!(refused, Err(StoreFailure::Conflict { .. })));
    for id in ["second", "bystander"] {
        assert_eq!(store.find_call(id.into()).await.unwrap(), None);
    }
    assert_eq!(parties(&store).await, before);
}

#[tokio::test]
async fn a_line_passes_from_an_ending_call_to_a_new_one_in_one_step() {
    let (_folder, store) = store();
    let first = pressed("first", 1);
    write(&store, &[&first]).await.unwrap();
    let mut second = pressed("second", 2);
    second.caller = first.caller.clone();
    let ended = after(&first, hang_up(&first, "door-first"), 2);

    write(&store, &[&second, &ended]).await.unwrap();

    let holders = facts(&store, |facts| facts.line(&"door-first".into())).await;
    assert_eq!(holders, Some("second".into()));
    assert_eq!(store.find_call("first".into()).await.unwrap(), Some(ended));
}

#[tokio::test]
async fn the_winner_holds_a_line_and_those_who_ring_none() {
    let (_folder, store) = store();
    let ringing = pressed("a", 1);
    write(&store, &[&ringing]).await.unwrap();
    let line = async |endpoint: &str| {
        let endpoint = EndpointId::from(endpoint);
        facts(&store, move |facts| facts.line(&endpoint)).await
    };
    let calls = async |endpoint: &str| {
        let endpoint = EndpointId::from(endpoint);
        let calls = facts(&store, move |facts| facts.calls_of(&endpoint)).await;
        names(&calls)
    };

    assert_eq!(line("door-a").await, Some("a".into()));
    assert_eq!(line("mum").await, None);
    assert_eq!(calls("mum").await, "a");
    assert_eq!(calls("dad").await, "a");
    assert_eq!(calls("guard").await, "");

    let active = after(&ringing, claim(&ringing, "mum"), 2);
    write(&store, &[&active]).await.unwrap();
    assert_eq!(line("mum").await, Some("a".into()));
    assert_eq!(calls("dad").await, "");

    let ended = after(&active, end(&active), 3);
    write(&store, &[&ended]).await.unwrap();
    assert_eq!(line("mum").await, None);
    assert_eq!(line("door-a").await, None);
    assert!(parties(&store).await.is_empty());
}

#[tokio::test]
async fn a_number_of_a_room_is_free_again_after_the_end() {
    let (_folder, store) = store();
    let in_room = |name: &str| {
        let mut call = pressed(name, 1);
        call.scene.room = Room::Number(7);
        call
    };
    let first = in_room("first");
    write(&store, &[&first]).await.unwrap();

    let refused = write(&store, &[&in_room("second")]).await;
    assert!(matches!(refused, Err(StoreFailure::Conflict { .. })));

    write(&store, &[&after(&first, end(&first), 2)])
        .await
        .unwrap();
    write(&store, &[&in_room("second")]).await.unwrap();
}

#[tokio::test]
async fn a_rule_that_fails_writes_nothing_and_says_why() {
    let (_folder, store) = store();

    let failed = store
        .decide(Box::new(|_| Err(StoreFailure::Missing { what: "flat" })))
        .await;

    assert!(matches!(
        failed,
        Err(StoreFailure::Missing { what: "flat" })
    ));
}

#[tokio::test]
async fn a_conflict_is_decided_again_with_new_facts() {
    let (_folder, store) = store();
    let held = pressed("held", 1);
    write(&store, &[&held]).await.unwrap();
    let mut wanted = pressed("wanted", 2);
    wanted.caller = held.caller.clone();
    let mut tries = 0;

    let decided = store
        .decide(Box::new(move |_| {
            tries += 1;
            let changed = if tries == 1 {
                vec![wanted.clone()]
            } else {
                vec![]
            };
            Ok(Some(decision(changed)))
        }))
        .await;

    assert_eq!(decided.unwrap(), Some(decision(vec![])));
    assert_eq!(store.find_call("wanted".into()).await.unwrap(), None);
}

fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn decision(changed: Vec<Call>) -> Decision {
    Decision {
        verdict: Verdict::Accepted,
        call: None,
        changed,
    }
}

async fn write(store: &Store, calls: &[&Call]) -> Result<(), StoreFailure> {
    let calls: Vec<Call> = calls.iter().map(|call| (*call).clone()).collect();
    let rule = move |_: &mut dyn app::port::CallFacts| Ok(Some(decision(calls.clone())));
    store.decide(Box::new(rule)).await.map(drop)
}

/// What `ask` learns inside a transaction.
async fn facts<T: Send + 'static>(
    store: &Store,
    mut ask: impl FnMut(&mut dyn app::port::CallFacts) -> Result<T, StoreFailure> + Send + 'static,
) -> T {
    let (told, heard) = std::sync::mpsc::sync_channel(1);
    let rule = move |facts: &mut dyn app::port::CallFacts| {
        told.send(ask(facts)?).unwrap();
        Ok(None)
    };
    store.decide(Box::new(rule)).await.unwrap();
    heard.recv().unwrap()
}

async fn parties(store: &Store) -> Vec<(String, String, bool)> {
    let read = |connection: &rusqlite::Connection| {
        let sql = "select call, endpoint, holds from party order by call, endpoint";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap();
        Ok(rows.map(Result::unwrap).collect())
    };
    store.readers.run(read).await.unwrap()
}

fn names(calls: &[Call]) -> String {
    let names: Vec<_> = calls.iter().map(|call| call.id.as_str()).collect();
    names.join(" ")
}

/// A call placed `at` seconds by a door of its own: first mum and dad ring, later the guard.
fn pressed(name: &str, at: i64) -> Call {
    let target = |endpoint: &str, household: &str| Target {
        endpoint: endpoint.into(),
        resident: Some(endpoint.into()),
        household: household.into(),
    };
    let stage = |targets: Vec<Target>| Stage {
        targets,
        ring: RING / 3,
        keep: false,
    };
    let input = Input::Invite {
        call: name.into(),
        caller: actor(&format!("door-{name}")),
        plan: Plan {
            dialled: "1-101".into(),
            stages: vec![
                stage(vec![target("mum", "1-101"), target("dad", "1-101")]),
                stage(vec![target("guard", "desk")]),
            ],
            ring: RING,
            talk: Duration::from_secs(600),
            preview: true,
            declines: None,
            unlock_ends: true,
            scene: Scene {
                caller_name: "north".into(),
                caller_place: "at the gate".into(),
                room: Room::Text(format!("room-{name}")),
                streams: Some(Arc::new(Streams {
                    caller_audio: None,
                    caller_video: Some("56780".into()),
                    callee_audio: Some("http://11.0.1.22:954/stream/56781".into()),
                    callee_video: None,
                })),
            },
        },
    };
    decided(input, Facts::default(), at)
}

fn after(call: &Call, input: Input, at: i64) -> Call {
    let calls = BTreeMap::from([(call.id.clone(), call.clone())]);
    let facts = Facts {
        calls,
        ..Facts::default()
    };
    decided(input, facts, at)
}

#[track_caller]
fn decided(input: Input, facts: Facts, at: i64) -> Call {
    let mut decision = decide(input, &facts, Instant::from_ms(at * 1000));
    assert_eq!(decision.changed.len(), 1, "{decision:?}");
    decision.changed.remove(0)
}

fn actor(endpoint: &str) -> Actor {
    Actor {
        endpoint: endpoint.into(),
        hand: Hand::from(format!("hand of {endpoint}")),
    }
}

fn claim(call: &Call, by: &str) -> Input {
    let (call, by) = (call.id.clone(), actor(by));
    let note = Some("user \"busy\" 忙".into());
    Input::Claim { call, by, note }
}

fn decline(call: &Call, by: &str) -> Input {
    Input::Decline {
        call: call.id.clone(),
        by: actor(by),
        scope: Scope::Household,
        note: Some("not now".into()),
    }
}

fn hang_up(call: &Call, by: &str) -> Input {
    let (call, by) = (call.id.clone(), actor(by));
    let note = None;
    Input::Hangup { call, by, note }
}

fn deadline(call: &Call) -> Input {
    let (call, version) = (call.id.clone(), call.version);
    Input::Deadline { call, version }
}

fn end(call: &Call) -> Input {
    let note = Some("closed".into());
    let call = call.id.clone();
    Input::End { call, note }
}
