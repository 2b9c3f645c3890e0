//! Wiring of alarms: use cases, timers, addresses outside.

use std::sync::Arc;

use api::AlarmsApi;
use app::alarms::{Alarms, AlarmsPorts, HookDoer, Hooks, HooksPorts};
use app::feed::Feed;
use app::limit::Limit;
use app::outbox::{Outbox, run_outbox};
use app::port::{AlarmSpeaker, Clock, Clocked, HookKeys, Random};
use app::task::Tasks;
use app::timers::{Arm, run_timers};
use engine::alarm::Alarm;
use storage::Store;
use tokio::sync::mpsc;
use vendors::Webhooks;

use crate::config::Config;

/// How often the addresses of one community may be tried by hand in a minute: a person needs a few,
/// and nobody should knock at somebody's door with it.
const HOOK_TRIES_PER_MIN: u32 = 10;

/// What alarms stand on.
pub(crate) struct Ground<'a> {
    pub(crate) store: &'a Arc<Store>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) random: &'a Arc<dyn Random>,
    pub(crate) keys: &'a Arc<dyn HookKeys>,
    pub(crate) tasks: &'a Tasks,
}

/// Alarms, before anybody speaks of them.
pub(crate) struct Alarming {
    pub(crate) alarms: Alarms,
    hooks: Arc<Hooks>,
    feed: Feed<Alarm>,
    outbox: Outbox,
    deadlines: mpsc::Receiver<Arm<Clocked>>,
}

impl Alarming {
    pub(crate) fn new(ground: &Ground<'_>, config: &Config) -> Self {
        let Ground {
            store,
            clock,
            random,
            keys,
            tasks,
        } = *ground;
        let outbox = Outbox::new(Arc::clone(store) as _, Arc::clone(clock));
        let ports = AlarmsPorts {
            store: Arc::clone(store) as _,
            directory: Arc::clone(store) as _,
            registry: Arc::clone(store) as _,
            clock: Arc::clone(clock),
            random: Arc::clone(random),
            tasks: tasks.clone(),
            limit: Limit::per_min(config.limits.triggers_per_min),
        };
        let (alarms, deadlines) = Alarms::new(ports, config.alarms.times(), outbox.clone());
        let hooks = Hooks::new(HooksPorts {
            store: Arc::clone(store) as _,
            keys: Arc::clone(keys),
            sender: Arc::new(Webhooks::default()),
            clock: Arc::clone(clock),
            random: Arc::clone(random),
            limit: Limit::per_min(HOOK_TRIES_PER_MIN),
        });
        Self {
            alarms,
            hooks: Arc::new(hooks),
            feed: Feed::new(tasks.stop().clone()),
            outbox,
            deadlines,
        }
    }

    /// What the product's own API needs.
    pub(crate) fn shown(&self) -> AlarmsApi {
        AlarmsApi {
            alarms: self.alarms.clone(),
            hooks: Arc::clone(&self.hooks),
            feed: self.feed.clone(),
        }
    }

    /// Lets the dialects speak, takes up what a restart left, and starts the timers.
    pub(crate) async fn begin(
        self,
        mut speakers: Vec<Arc<dyn AlarmSpeaker>>,
        tasks: &Tasks,
    ) -> anyhow::Result<()> {
        let Self {
            alarms,
            hooks,
            feed,
            outbox,
            deadlines,
        } = self;
        speakers.push(Arc::new(feed));
        alarms.set_speakers(speakers);
        let recovered = alarms.recover().await?;
        tracing::info!(alarms = recovered, "taken up");
        let stop = || tasks.stop().clone();
        let timers = run_timers(alarms.clone(), deadlines, stop());
        tasks.spawn("alarm timers", timers);
        let doer = Arc::new(HookDoer { hooks, alarms });
        tasks.spawn("webhooks", run_outbox(outbox, doer, stop()));
        Ok(())
    }
}
