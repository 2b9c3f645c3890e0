//! Errands are kept with the step that owes them, and until they are done.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::calls::{CallSettings, Calls, CallsPorts};
use app::limit::Limit;
use app::media::{Leaving, RoomEvents, RoomGuard, RoomReport};
use app::outbox::{Outbox, RoomDoer, run_outbox};
use app::port::{
    BoxFuture, CallStore, Clock, DueErrand, Errand, ErrandFailure, Lane, OutboxStore, Random,
    RoomService, RoomTask, StoreFailure, Task,
};
use app::secret::{Secret, SecretDigest};
use app::task::Tasks;
use engine::call::{Actor, Input, Plan, Room, Scene, Stage, Target};
use engine::id::CallId;
use engine::time::Instant;
use tempfile::TempDir;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::store::Store;

const CALL: &str = "0190a5b4-7c3e-7f00-8000-0123456789ab";
const ROOM: &str = "room_0190a5b47c3e7f0080000123456789ab";
const START: i64 = 1_000_000;
const HOUR_MS: i64 = 3_600_000;

#[tokio::test]
async fn a_claim_owes_the_losers_and_the_end_owes_the_room() {
    let house = House::open();
    let calls = house.calls_with_media();

    calls.handle(invite(room())).await.unwrap();
    assert_eq!(house.owed().await, []);

    calls.handle(claim("mum")).await.unwrap();
    let users = vec!["res_dad".into()];
    let removal = RoomTask::Remove {
        room: room(),
        users,
    };
    assert_eq!(tasks(&house.owed().await), std::slice::from_ref(&removal));

    calls.handle(hang_up()).await.unwrap();
    calls.handle(hang_up()).await.unwrap();
    assert!(ended(&house).await, "the record is there");
    assert_eq!(
        tasks(&house.owed().await),
        [removal, RoomTask::Release(room())]
    );
}

#[tokio::test]
async fn a_numbered_room_is_owed_by_its_number() {
    let house = House::open();
    let calls = house.calls_with_media();

    calls.handle(invite(Room::Number(664_321))).await.unwrap();
    calls.handle(hang_up()).await.unwrap();

    let release = RoomTask::Release(Room::Number(664_321));
    assert_eq!(tasks(&house.owed().await), [release]);
}

#[tokio::test]
async fn nothing_is_owed_where_no_media_service_keeps_the_rooms() {
    let house = House::open();
    let calls = house.calls();

    calls.handle(invite(room())).await.unwrap();
    calls.handle(claim("mum")).await.unwrap();
    calls.handle(hang_up()).await.unwrap();

    assert!(ended(&house).await);
    assert_eq!(house.owed().await, []);
}

#[tokio::test]
async fn a_step_that_fails_owes_nothing() {
    let house = House::open();
    let failure = || StoreFailure::Unavailable("on purpose".into());

    let failed = house
        .store
        .decide(Box::new(move |facts| {
            facts.owe(errand("a", START))?;
            Err(failure())
        }))
        .await;

    assert!(failed.is_err());
    assert_eq!(house.owed().await, []);
}

#[tokio::test]
async fn a_failed_errand_waits_survives_a_restart_and_is_done() {
    let mut house = House::open();
    let calls = house.calls_with_media();
    calls.handle(invite(room())).await.unwrap();
    calls.handle(hang_up()).await.unwrap();
    drop(calls);

    let away = Err(ErrandFailure::Unavailable("away".into()));
    let mut worker = house.work(vec![away]);
    assert_eq!(worker.next().await, RoomTask::Release(room()));
    house
        .until(|owed| owed.iter().any(|due| due.tries == 1))
        .await;
    worker.stop().await;
    house.reopen();

    let early = Instant::from_ms(START + 1_999);
    assert_eq!(
        house
            .store
            .due_errands(Lane::Rooms, early, 9)
            .await
            .unwrap(),
        []
    );
    house.clock.0.store(START + 2_000, Ordering::Relaxed);
    let mut worker = house.work(vec![]);
    assert_eq!(worker.next().await, RoomTask::Release(room()));
    house.until(|owed| owed.is_empty()).await;
    worker.stop().await;
}

#[tokio::test]
async fn what_cannot_succeed_or_is_a_day_old_is_given_up() {
    let house = House::open();
    let refused = Err(ErrandFailure::Refused("no such thing".into()));
    let away = Err(ErrandFailure::Unavailable("away".into()));
    let store = &house.store;
    store
        .add_errand(errand("a", START - HOUR_MS))
        .await
        .unwrap();
    store
        .add_errand(errand("b", START - 24 * HOUR_MS))
        .await
        .unwrap();

    // The older one is due first.
    let worker = house.work(vec![away, refused]);

    house.until(|owed| owed.is_empty()).await;
    worker.stop().await;
}

#[tokio::test]
async fn four_errands_are_in_hand_at_once_and_finish_at_the_stop() {
    let house = House::open();
    for n in 0..10 {
        house
            .store
            .add_errand(errand(&n.to_string(), START))
            .await
            .unwrap();
    }
    let mut worker = house.work(vec![]);
    worker.gate.forget_permits(Semaphore::MAX_PERMITS);
    let gate = Arc::clone(&worker.gate);

    for _ in 0..4 {
        worker.next().await;
    }
    worker.outbox.ring();
    house.owed().await;
    assert!(worker.started.try_recv().is_err(), "a fifth was begun");
    worker.stop.cancel();
    gate.add_permits(4);
    worker.stop().await;

    assert_eq!(house.owed().await.len(), 6);
}

#[tokio::test]
async fn a_loser_who_enters_is_removed_and_others_are_not() {
    let house = House::open();
    let guard = house.guard();
    guard.0.handle(invite(room())).await.unwrap();
    enter(&guard.1, "res_dad", 1).await;
    assert_eq!(house.owed().await, [], "who rings may watch");
    guard.0.handle(claim("mum")).await.unwrap();
    house.settle().await;

    for (user, at_ms) in [
        ("dev_lobby", 2),
        ("res_mum", 3),
        ("res_dad", 4),
        ("res_dad", 4),
    ] {
        enter(&guard.1, user, at_ms).await;
    }

    let users = vec!["res_dad".into()];
    assert_eq!(
        tasks(&house.owed().await),
        [RoomTask::Remove {
            room: room(),
            users
        }],
        "once, although it was reported twice"
    );
}

#[tokio::test]
async fn after_the_end_nobody_may_be_inside_and_other_rooms_are_left_alone() {
    let house = House::open();
    let guard = house.guard();
    guard.0.handle(invite(room())).await.unwrap();
    guard.0.handle(hang_up()).await.unwrap();
    house.settle().await;

    enter(&guard.1, "dev_lobby", 1).await;
    let strange = RoomReport {
        room: Room::Text("room_of_somebody_else".into()),
        ..report("dev_lobby", 2)
    };
    guard.1.entered(strange).await.unwrap();

    let users = vec!["dev_lobby".into()];
    assert_eq!(
        tasks(&house.owed().await),
        [RoomTask::Remove {
            room: room(),
            users
        }]
    );
}

#[tokio::test]
async fn a_numbered_room_leads_to_its_live_call() {
    let house = House::open();
    let guard = house.guard();
    let room = Room::Number(664_321);
    guard.0.handle(invite(room.clone())).await.unwrap();

    let stranger = RoomReport {
        room: room.clone(),
        ..report("stranger", 1)
    };
    guard.1.entered(stranger).await.unwrap();

    let users = vec!["stranger".into()];
    assert_eq!(
        tasks(&house.owed().await),
        [RoomTask::Remove { room, users }]
    );
}

#[tokio::test]
async fn leaving_is_counted_where_it_was_a_loss_and_ends_nothing() {
    let house = House::open();
    let guard = house.guard();
    guard.0.handle(invite(room())).await.unwrap();

    guard.1.left(report("dev_lobby", 1), Leaving::Lost);
    guard.1.left(report("dev_lobby", 2), Leaving::Orderly);

    assert_eq!(guard.1.lost(), 1);
    assert!(!ended(&house).await);
    assert_eq!(house.owed().await, []);
}

struct House {
    folder: TempDir,
    store: Arc<Store>,
    clock: Arc<Hands>,
}

impl House {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: Arc::new(Store::open(folder.path()).unwrap()),
            clock: Arc::new(Hands(AtomicI64::new(START))),
            folder,
        }
    }

    fn reopen(&mut self) {
        self.store.close().unwrap();
        self.store = Arc::new(Store::open(self.folder.path()).unwrap());
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(Arc::clone(&self.store) as _, Arc::clone(&self.clock) as _)
    }

    fn calls(&self) -> Calls {
        let ports = CallsPorts {
            store: Arc::clone(&self.store) as _,
            clock: Arc::clone(&self.clock) as _,
            random: Arc::new(NoDice),
            tasks: Tasks::new(CancellationToken::new()),
            limit: Limit::per_min(0),
        };
        Calls::new(ports, CallSettings::default()).0
    }

    fn calls_with_media(&self) -> Calls {
        let calls = self.calls();
        calls.set_outbox(self.outbox());
        calls
    }

    fn guard(&self) -> (Calls, RoomGuard) {
        let calls = self.calls_with_media();
        let guard = RoomGuard::new(calls.clone(), self.outbox());
        (calls, guard)
    }

    /// Everything that waits, due or not.
    async fn owed(&self) -> Vec<DueErrand> {
        let end = Instant::from_ms(i64::MAX);
        self.store.due_errands(Lane::Rooms, end, 100).await.unwrap()
    }

    async fn until(&self, is_so: impl Fn(&[DueErrand]) -> bool) {
        while !is_so(&self.owed().await) {
            tokio::task::yield_now().await;
        }
    }

    async fn settle(&self) {
        for due in self.owed().await {
            self.store.forget_errand(due.errand.id).await.unwrap();
        }
    }

    /// Starts a worker whose service answers as told, and well afterwards.
    fn work(&self, answers: Vec<Result<(), ErrandFailure>>) -> Worker {
        let (starting, started) = mpsc::channel(100);
        let gate = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
        let service = Service {
            starting,
            answers: Mutex::new(answers.into()),
            gate: Arc::clone(&gate),
        };
        let (outbox, stop) = (self.outbox(), CancellationToken::new());
        let mut running = JoinSet::new();
        running.spawn(run_outbox(
            outbox.clone(),
            Arc::new(RoomDoer(Arc::new(service))),
            stop.clone(),
        ));
        Worker {
            outbox,
            started,
            gate,
            stop,
            running,
        }
    }
}

struct Worker {
    outbox: Outbox,
    started: mpsc::Receiver<RoomTask>,
    gate: Arc<Semaphore>,
    stop: CancellationToken,
    running: JoinSet<()>,
}

impl Worker {
    async fn next(&mut self) -> RoomTask {
        self.started.recv().await.unwrap()
    }

    async fn stop(mut self) {
        self.stop.cancel();
        self.running.join_next().await.unwrap().unwrap();
    }
}

struct Service {
    starting: mpsc::Sender<RoomTask>,
    answers: Mutex<VecDeque<Result<(), ErrandFailure>>>,
    gate: Arc<Semaphore>,
}

impl Service {
    async fn run(&self, task: RoomTask) -> Result<(), ErrandFailure> {
        self.starting.send(task).await.unwrap();
        drop(self.gate.acquire().await.unwrap());
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}

impl RoomService for Service {
    fn release(&self, room: Room) -> BoxFuture<'_, Result<(), ErrandFailure>> {
        Box::pin(self.run(RoomTask::Release(room)))
    }

    fn remove(&self, room: Room, users: Vec<String>) -> BoxFuture<'_, Result<(), ErrandFailure>> {
        Box::pin(self.run(RoomTask::Remove { room, users }))
    }
}

/// The hands of a clock that somebody moves.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Instant {
        Instant::from_ms(self.0.load(Ordering::Relaxed))
    }
}

struct NoDice;

impl Random for NoDice {
    fn call_id(&self, _: Instant) -> CallId {
        CALL.into()
    }

    fn row_id(&self, _: Instant) -> String {
        String::new()
    }

    fn room_number(&self) -> u32 {
        1
    }

    fn secret(&self) -> Secret {
        Secret::new(String::new())
    }

    fn digest(&self, _: &Secret) -> SecretDigest {
        SecretDigest([0; 32])
    }
}

fn room() -> Room {
    Room::Text(ROOM.into())
}

fn errand(id: &str, since_ms: i64) -> Errand {
    Errand {
        id: id.into(),
        task: RoomTask::Release(room()).into(),
        since: Instant::from_ms(since_ms),
    }
}

fn tasks(owed: &[DueErrand]) -> Vec<RoomTask> {
    let tasks = owed.iter().map(|due| match due.errand.task.clone() {
        Task::Room(task) => task,
        Task::Hook(task) => panic!("{task:?}"),
    });
    tasks.collect()
}

async fn ended(house: &House) -> bool {
    let found = house.store.find_call(CALL.into()).await.unwrap();
    found.unwrap().ended().is_some()
}

/// The lobby door rings mum and dad.
fn invite(room: Room) -> Input {
    let target = |name: &str| Target {
        endpoint: format!("resident:{name}").into(),
        resident: Some(name.into()),
        household: "flat".into(),
    };
    let ring = Duration::from_secs(30);
    let stage = Stage {
        targets: vec![target("mum"), target("dad")],
        ring,
        keep: false,
    };
    Input::Invite {
        call: CALL.into(),
        caller: actor("door:lobby"),
        plan: Plan {
            dialled: "1-101".into(),
            stages: vec![stage],
            ring,
            talk: Duration::from_secs(7200),
            preview: true,
            declines: None,
            unlock_ends: true,
            scene: Scene {
                room,
                ..Scene::default()
            },
        },
    }
}

fn claim(resident: &str) -> Input {
    Input::Claim {
        call: CALL.into(),
        by: actor(&format!("resident:{resident}")),
        note: None,
    }
}

fn hang_up() -> Input {
    Input::Hangup {
        call: CALL.into(),
        by: actor("door:lobby"),
        note: None,
    }
}

fn actor(endpoint: &str) -> Actor {
    Actor {
        endpoint: endpoint.into(),
        hand: "hand".into(),
    }
}

fn report(user: &str, at_ms: i64) -> RoomReport {
    RoomReport {
        room: room(),
        user: user.into(),
        at_ms,
    }
}

async fn enter(guard: &RoomGuard, user: &str, at_ms: i64) {
    guard.entered(report(user, at_ms)).await.unwrap();
}
