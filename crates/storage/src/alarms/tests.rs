//! Alarms as they are kept: every phase comes back as it went, lists show what they may, the one
//! open alarm of a zone is one, and what is owed outside is owed with the step.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::alarms::{Alarms, AlarmsPorts};
use app::directory::{CallTimes, Community, Flat, Hook, HookId, Operator, RoomNaming};
use app::limit::Limit;
use app::outbox::Outbox;
use app::port::{
    AlarmQuery, AlarmStore, Clock, Clocked, DirectoryStore, HookStore, Lane, OutboxStore, Random,
    Sight, StoreFailure, Task,
};
use app::principal::{Reach, Role};
use app::secret::{PasswordHash, Secret, SecretDigest};
use app::task::Tasks;
use engine::alarm::{
    Event, Input, Level, Mode, Modes, Outcome, Person, Policy, Times, Zone, ZoneNo,
};
use engine::id::{AlarmId, CallId};
use engine::time::Instant;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::store::Store;

#[tokio::test]
async fn every_phase_of_an_alarm_comes_back_as_it_went_with_its_history() {
    let town = Town::found().await;
    let id = town.raise(1).await;
    town.same(&id).await;
    let by = || Person::Operator("anna".into());
    let alarm = || id.clone();

    town.at(30_000);
    town.fire_due().await;
    town.same(&id).await;
    let going = "ben".to_owned();
    let acknowledge = Input::Acknowledge {
        alarm: alarm(),
        by: mum(),
        going,
    };
    town.step(acknowledge).await;
    town.same(&id).await;
    town.step(Input::Handle {
        alarm: alarm(),
        by: by(),
    })
    .await;
    town.same(&id).await;
    town.step(Input::Close {
        alarm: alarm(),
        by: by(),
        outcome: Outcome::FalseAlarm,
        reason: "a cat".into(),
    })
    .await;

    let ended = town.same(&id).await;
    assert_eq!(ended.state_name(), "false_alarm");
    let history = town.store.alarm_history(id).await.unwrap();
    let events: Vec<Event> = history
        .iter()
        .map(|line| line.entry.event.clone())
        .collect();
    let told = Event::Told;
    assert_eq!(
        events,
        [
            Event::Raised,
            told(Level::Household),
            told(Level::Guard),
            told(Level::Centre),
            Event::Acknowledged,
            Event::Handling,
            Event::Ended(Outcome::FalseAlarm),
        ]
    );
    assert_eq!(history[4].entry.by, Some(mum()));
    assert_eq!(history[4].at, Instant::from_ms(30_000));
}

#[tokio::test]
async fn what_zones_wait_for_comes_back_and_is_due() {
    let town = Town::found().await;
    town.trigger(2).await;

    let site = town.store.find_site("f".into()).await.unwrap().unwrap();
    let waiting = town.store.waiting_flats().await.unwrap();
    let early = town.due(19_999).await;
    let due = town.due(20_000).await;

    assert_eq!((site.mode, site.zones.len()), (Mode::Away, 4));
    assert_eq!(waiting.len(), 1);
    assert_eq!(early, []);
    assert_eq!(due, [(Clocked::Flat("f".into()), site.version)]);
    town.at(20_000);
    town.fire_due().await;
    assert_eq!(town.all().await.len(), 1);
    assert_eq!(town.store.find_site("g".into()).await.unwrap(), None);
}

#[tokio::test]
async fn an_operator_who_does_not_manage_sees_what_the_guard_was_told() {
    let town = Town::found().await;
    let window = town.raise(1).await;
    let button = town.raise(3).await;
    let seen = async |operator: &str| {
        let mut query = everything();
        query.sight = Sight::Of(operator.into());
        let found = town.store.list_alarms(query).await.unwrap();
        found.into_iter().map(|alarm| alarm.id).collect::<Vec<_>>()
    };

    assert_eq!(seen("manager").await, [button, window.clone()]);
    assert_eq!(seen("guard").await, [window]);
    assert_eq!(seen("stranger").await, []);
}

#[tokio::test]
async fn lists_are_filtered_and_come_in_pages_newest_first() {
    let town = Town::found().await;
    let (first, second) = (town.raise(1).await, town.raise(3).await);
    let list = async |edit: fn(&mut AlarmQuery)| {
        let mut query = everything();
        edit(&mut query);
        let found = town.store.list_alarms(query).await.unwrap();
        found.into_iter().map(|alarm| alarm.id).collect::<Vec<_>>()
    };

    assert_eq!(list(|_| ()).await, [second.clone(), first.clone()]);
    assert_eq!(list(|query| query.limit = 1).await, [second]);
    assert_eq!(
        list(|query| query.before = Some("a0002".into())).await,
        [first]
    );
    assert_eq!(list(|query| query.open = Some(false)).await, []);
    assert_eq!(list(|query| query.flat = Some("g".into())).await, []);
}

#[tokio::test]
async fn the_step_that_tells_outside_owes_each_address_once_and_repetitions_are_one_errand() {
    let town = Town::found().await;
    town.raise(1).await;
    assert!(town.owed().await.is_empty());

    for at in [30_000, 180_000] {
        town.at(at);
        town.fire_due().await;
    }
    let told = town.owed().await;
    for at in [240_000, 300_000, 360_000] {
        town.at(at);
        town.fire_due().await;
    }

    assert_eq!(told, ["hook/h1/a0001/3", "hook/h2/a0001/3"]);
    assert_eq!(town.owed().await.len(), 4);
}

#[tokio::test]
async fn a_ninth_address_is_refused_and_addresses_go_with_their_community() {
    let town = Town::found().await;
    for n in 3..=8 {
        town.store.add_hook(hook(n)).await.unwrap();
    }

    let ninth = town.store.add_hook(hook(9)).await;

    assert!(matches!(ninth, Err(StoreFailure::Held { .. })));
    assert!(town.store.remove_hook(HookId("h8".into())).await.unwrap());
    assert!(!town.store.remove_hook(HookId("h8".into())).await.unwrap());
    assert_eq!(town.store.list_hooks("c".into()).await.unwrap().len(), 7);
    assert_eq!(
        town.store.find_hook(HookId("h8".into())).await.unwrap(),
        None
    );
}

/// A community with a flat that is armed, and two addresses outside.
struct Town {
    store: Arc<Store>,
    alarms: Alarms,
    clock: Arc<Hands>,
    _folder: TempDir,
}

impl Town {
    async fn found() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(folder.path()).unwrap());
        people(&store).await;
        let clock = Arc::new(Hands(AtomicI64::new(0)));
        let ports = AlarmsPorts {
            store: Arc::clone(&store) as _,
            directory: Arc::clone(&store) as _,
            registry: Arc::clone(&store) as _,
            clock: Arc::clone(&clock) as _,
            random: Arc::new(Counter(AtomicI64::new(0))),
            tasks: Tasks::new(CancellationToken::new()),
            limit: Limit::per_min(0),
        };
        let outbox = Outbox::new(Arc::clone(&store) as _, Arc::clone(&clock) as _);
        let (alarms, _) = Alarms::new(ports, Times::default(), outbox);
        let town = Self {
            store,
            alarms,
            clock,
            _folder: folder,
        };
        town.alarms.set_zones("f".into(), zones()).await.unwrap();
        town.alarms
            .arm("f".into(), Mode::Away, mum())
            .await
            .unwrap();
        town
    }

    fn at(&self, ms: i64) {
        self.clock.0.store(ms, Ordering::Relaxed);
    }

    async fn trigger(&self, zone: u8) -> Option<AlarmId> {
        let zone = ZoneNo::new(zone).unwrap();
        let done = self.alarms.trigger("f".into(), zone).await.unwrap();
        done.alarm.map(|alarm| alarm.id.clone())
    }

    async fn raise(&self, zone: u8) -> AlarmId {
        self.trigger(zone).await.unwrap()
    }

    async fn step(&self, input: Input) {
        let done = self.alarms.handle(input).await.unwrap();
        done.accepted().unwrap();
    }

    /// Fires what the store says is due, as the sweep does.
    async fn fire_due(&self) {
        use app::timers::Timed;
        for (key, version) in self.alarms.due().await.unwrap() {
            self.alarms.fire(key, version).await.unwrap();
        }
    }

    async fn due(&self, ms: i64) -> Vec<(Clocked, engine::call::Version)> {
        self.store.due_alarms(Instant::from_ms(ms)).await.unwrap()
    }

    async fn all(&self) -> Vec<engine::alarm::Alarm> {
        self.store.list_alarms(everything()).await.unwrap()
    }

    /// The alarm, which is in the store as it is in memory.
    async fn same(&self, id: &AlarmId) -> engine::alarm::Alarm {
        let kept = self.store.find_alarm(id.clone()).await.unwrap().unwrap();
        assert_eq!(*self.alarms.find(id).await.unwrap().unwrap(), kept);
        kept
    }

    /// The errands to addresses outside.
    async fn owed(&self) -> Vec<String> {
        let end = Instant::from_ms(i64::MAX);
        let rooms = self.store.due_errands(Lane::Rooms, end, 9).await.unwrap();
        assert_eq!(rooms, []);
        let hooks = self.store.due_errands(Lane::Hooks, end, 9).await.unwrap();
        let is_hook = |task: &Task| matches!(task, Task::Hook(_));
        assert!(hooks.iter().all(|due| is_hook(&due.errand.task)));
        hooks.into_iter().map(|due| due.errand.id).collect()
    }
}

async fn people(store: &Store) {
    let community = Community {
        id: "c".into(),
        name: "Gardens".into(),
        rooms: RoomNaming::Auto,
        times: CallTimes::default(),
        declines: None,
    };
    store.add_community(community).await.unwrap();
    let flat = Flat {
        id: "f".into(),
        community: "c".into(),
        unit: None,
        number: "1-101".into(),
        times: CallTimes::default(),
    };
    store.add_flat(flat).await.unwrap();
    for (name, role) in [
        ("manager", Some(Role::Manager)),
        ("guard", Some(Role::Guard)),
        ("stranger", None),
    ] {
        let roles = role.map(|role| ("c".into(), role));
        let operator = Operator {
            id: name.into(),
            name: name.into(),
            reach: Reach::Within(roles.into_iter().collect()),
        };
        let password = PasswordHash(String::new());
        store.add_operator(operator, password).await.unwrap();
    }
    for n in 1..=2 {
        store.add_hook(hook(n)).await.unwrap();
    }
}

fn hook(n: u8) -> Hook {
    Hook {
        id: HookId(format!("h{n}")),
        community: "c".into(),
        url: "https://alarms.example.org/".into(),
        created: Instant::from_ms(0),
    }
}

fn zones() -> Vec<Zone> {
    let zone = |no, policy| Zone {
        no: ZoneNo::new(no).unwrap(),
        name: format!("zone {no}"),
        policy,
        modes: [Mode::Away].into_iter().collect::<Modes>(),
    };
    vec![
        zone(1, Policy::Immediate),
        zone(2, Policy::Delayed(Duration::from_secs(20))),
        zone(3, Policy::Duress),
        Zone {
            modes: Modes::default(),
            ..zone(4, Policy::Nursing(Duration::from_secs(60)))
        },
    ]
}

fn everything() -> AlarmQuery {
    AlarmQuery {
        sight: Sight::Everywhere,
        community: None,
        flat: None,
        open: None,
        before: None,
        limit: 9,
    }
}

fn mum() -> Person {
    Person::Resident {
        resident: "mum".into(),
        flat: "f".into(),
    }
}

/// A clock that tests set.
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Instant {
        Instant::from_ms(self.0.load(Ordering::Relaxed))
    }
}

/// Ids that count.
struct Counter(AtomicI64);

impl Random for Counter {
    fn call_id(&self, _: Instant) -> CallId {
        "c".into()
    }

    fn row_id(&self, _: Instant) -> String {
        format!("a{:04}", self.0.fetch_add(1, Ordering::Relaxed) + 1)
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
