//! A small house: two doors, two flats, four residents, and the use cases of calls on a store.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use app::calls::{CallSettings, Calls, CallsPorts};
use app::limit::Limit;
use app::port::{CallStore, Clock, Random};
use app::principal::{door_endpoint, resident_endpoint};
use app::secret::{Secret, SecretDigest};
use app::task::Tasks;
use engine::call::{Actor, Input, Plan, Room, Scene, Scope, Stage, Target};
use engine::id::{CallId, Hand};
use engine::time::Instant;
use storage::{OpenFailure, Store};
use tokio_util::sync::CancellationToken;

pub(crate) const DOORS: [&str; 2] = ["north", "south"];
const RING: Duration = Duration::from_secs(30);

pub(crate) const FLATS: [&str; 2] = ["101", "102"];
pub(crate) const RESIDENTS: [&str; 4] = ["101-a", "101-b", "102-a", "102-b"];

/// The use cases of calls on an open store.
pub(crate) struct House {
    pub(crate) calls: Calls,
    pub(crate) store: Arc<Store>,
    tasks: Tasks,
}

/// Time and ids of a whole test, through all its cuts.
#[derive(Default)]
pub(crate) struct World {
    now_ms: AtomicI64,
    made: AtomicU64,
}

impl World {
    pub(crate) fn advance(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    fn number(&self) -> u64 {
        self.made.fetch_add(1, Ordering::SeqCst)
    }
}

impl Clock for World {
    fn now(&self) -> Instant {
        Instant::from_ms(self.now_ms.load(Ordering::SeqCst))
    }
}

impl Random for World {
    fn call_id(&self, _: Instant) -> CallId {
        CallId::from(format!("call-{:08}", self.number()))
    }

    fn row_id(&self, _: Instant) -> String {
        format!("{:016}", self.number())
    }

    fn room_number(&self) -> u32 {
        u32::try_from(self.number()).unwrap()
    }

    fn secret(&self) -> Secret {
        Secret::new(format!("secret-{}", self.number()))
    }

    fn digest(&self, _: &Secret) -> SecretDigest {
        SecretDigest([0; 32])
    }
}

impl House {
    /// Opens the store as the server does at its start.
    pub(crate) async fn open(folder: &Path, world: &Arc<World>) -> Result<Self, OpenFailure> {
        let store = Arc::new(Store::open(folder)?);
        let tasks = Tasks::new(CancellationToken::new());
        let ports = CallsPorts {
            store: Arc::clone(&store) as Arc<dyn CallStore>,
            clock: Arc::clone(world) as Arc<dyn Clock>,
            random: Arc::clone(world) as Arc<dyn Random>,
            tasks: tasks.clone(),
            limit: Limit::per_min(0),
        };
        let (calls, _) = Calls::new(ports, CallSettings::default());
        // A cut may come while it recovers; the steps that follow will notice.
        drop(calls.recover().await);
        Ok(Self {
            calls,
            store,
            tasks,
        })
    }

    /// Waits for every step to end, then closes every connection.
    pub(crate) async fn close(self) {
        self.tasks.finished().await;
        drop(self.calls);
        let store = Arc::into_inner(self.store).expect("no step holds the store");
        tokio::task::block_in_place(|| drop(store));
    }
}

/// A press at `door`: rings everyone of `flat` at once.
pub(crate) fn press(world: &World, door: &str, flat: &str) -> Input {
    let at_home = RESIDENTS.iter().filter(|name| name.starts_with(flat));
    let targets = at_home.map(|name| Target {
        endpoint: resident(name).endpoint,
        resident: Some((*name).into()),
        household: flat.into(),
    });
    let stage = Stage {
        targets: targets.collect(),
        ring: RING,
        keep: false,
    };
    let number = u32::try_from(world.number()).unwrap();
    Input::Invite {
        call: world.call_id(world.now()),
        caller: self::door(door),
        plan: Plan {
            dialled: flat.to_owned(),
            stages: vec![stage],
            ring: RING,
            talk: 10 * RING,
            preview: true,
            declines: (flat == "102").then_some(Scope::Household),
            unlock_ends: true,
            scene: Scene {
                room: Room::Number(number),
                streams: None,
                ..Scene::default()
            },
        },
    }
}

pub(crate) fn door(id: &str) -> Actor {
    Actor {
        endpoint: door_endpoint(&id.into()),
        hand: Hand::from(id),
    }
}

pub(crate) fn resident(id: &str) -> Actor {
    Actor {
        endpoint: resident_endpoint(&id.into()),
        hand: Hand::from(id),
    }
}
