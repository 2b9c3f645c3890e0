//! As a client of another broker.

use std::sync::Arc;

use app::port::{BrokerAccounts, Kicker, Whom};
use app::principal::Principal;
use app::secret::Secret;
use app::task::Tasks;
use axum::Router;
use bus::{Bus, Remote};
use bus_external::{ExternalBus, KeeperTask, Lack, Link, Settings};
use dialect_ilock::{Ilock, Reach};
use engine::id::DeviceId;

use crate::config;
use crate::edge::{Accounts, Dialects, Hooks, Ledger, Tracer, hook_routes};
use crate::post::Ground;

pub(super) struct External {
    bus: ExternalBus,
    has_fixed: bool,
    /// Until it begins.
    parts: Option<(Link, Option<KeeperTask>)>,
    known: Known,
    dialects: Dialects,
}

/// How doors and phones come to be known at the broker.
enum Known {
    Accounts(Arc<Accounts>),
    Hooks(Arc<Hooks>),
}

impl External {
    pub(super) fn open(
        ground: &Ground<'_>,
        tracer: &Arc<Tracer>,
        config: &config::External,
    ) -> anyhow::Result<Self> {
        config.check()?;
        let settings = config.settings(client_id(ground))?;
        let bus_external::External { bus, link } = bus_external::External::new(&settings)?;
        let dialects = Dialects::default();
        let (known, keeping) = match config.hook_secret()? {
            Some(secret) => {
                let hooks = Hooks {
                    logins: Arc::clone(ground.logins),
                    random: Arc::clone(ground.random),
                    clock: Arc::clone(ground.clock),
                    tracer: Arc::clone(tracer),
                    secret: Secret::new(secret),
                    own: own(&settings),
                    dialects: Arc::clone(&dialects),
                };
                (Known::Hooks(Arc::new(hooks)), None)
            }
            None => {
                let (accounts, task) = keep_accounts(ground, &dialects, &link, settings.username);
                (Known::Accounts(accounts), Some(task))
            }
        };
        Ok(Self {
            bus,
            has_fixed: config.fixed_topics,
            parts: Some((link, keeping)),
            known,
            dialects,
        })
    }

    pub(super) fn bus(&self) -> Arc<dyn Bus> {
        Arc::new(self.bus.clone())
    }

    pub(super) fn reach(&self) -> Reach {
        Reach::Topics {
            has_fixed: self.has_fixed,
        }
    }

    pub(super) fn kicker(&self) -> Arc<dyn Kicker> {
        match &self.known {
            Known::Accounts(accounts) => Arc::clone(accounts) as _,
            Known::Hooks(_) => Arc::new(OutOfReach),
        }
    }

    pub(super) fn accounts(&self) -> Option<Arc<dyn BrokerAccounts>> {
        match &self.known {
            Known::Accounts(accounts) => Some(Arc::clone(accounts) as _),
            Known::Hooks(_) => None,
        }
    }

    pub(super) fn begin(&mut self, ilock: &Ilock, tasks: &Tasks) {
        let dialects: Vec<Arc<dyn Remote<Principal>>> = vec![Arc::new(ilock.clone())];
        let (Ok(()), Some((link, keeping))) =
            (self.dialects.set(dialects.clone()), self.parts.take())
        else {
            return tracing::error!("the way to the MQTT broker was opened twice");
        };
        for lack in [Lack::Audience, Lack::Publisher] {
            tracing::info!(lacks = lack.name(), means = lack.means(), "the MQTT broker");
        }
        let running = link.run(dialects, keeping, tasks.stop().clone());
        tasks.spawn("external mqtt", running);
    }

    pub(super) fn routes(&self) -> Router {
        match &self.known {
            Known::Accounts(_) => Router::new(),
            Known::Hooks(hooks) => hook_routes(Arc::clone(hooks)),
        }
    }
}

fn keep_accounts(
    ground: &Ground<'_>,
    dialects: &Dialects,
    link: &Link,
    own_name: Option<String>,
) -> (Arc<Accounts>, KeeperTask) {
    let ledger = Arc::new(Ledger {
        store: Arc::clone(ground.store) as _,
        random: Arc::clone(ground.random),
        dialects: Arc::clone(dialects),
    });
    let list = Arc::clone(&ledger) as _;
    let (keeper, task) = link.keeper(list, own_name.unwrap_or_default());
    let accounts = Accounts { ledger, keeper };
    (Arc::new(accounts), task)
}

/// Always the same for a data folder, and told apart from others': the broker keeps our session by
/// it.
fn client_id(ground: &Ground<'_>) -> String {
    let name = Secret::new("client id at an external broker".to_owned());
    let [a, b, c, d, e, f, ..] = ground.random.digest(&name).0;
    format!(
        "koumen-{:012x}",
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    )
}

fn own(settings: &Settings) -> Option<(String, Secret)> {
    let password = settings.password.clone().unwrap_or_default();
    let name = settings.username.clone()?;
    Some((name, Secret::new(password)))
}

/// A broker that asks us cannot be told to close a connection. It asks again, and the connection ends
/// when the time is over that it was given.
struct OutOfReach;

impl Kicker for OutOfReach {
    fn kick(&self, whom: &Whom) {
        tracing::debug!(
            ?whom,
            "connections at the MQTT broker end when their time is over"
        );
    }

    fn forget_door(&self, door: &DeviceId) {
        self.kick(&Whom::Door(door.clone()));
    }
}
