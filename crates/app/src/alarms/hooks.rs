//! Addresses outside: registering them, and telling them how alarms stand.

use std::sync::Arc;

use engine::id::CommunityId;

use crate::alarms::step::Alarms;
use crate::directory::{HOOK_URL_BYTES_MAX, Hook, HookId};
use crate::failure::Failure;
use crate::limit::Limit;
use crate::outbox::Doer;
use crate::port::{
    BoxFuture, Clock, Delivery, Errand, ErrandFailure, HookKeys, HookSender, HookStore, HookTask,
    Lane, News, Random, Task,
};
use crate::secret::Secret;

/// What the use cases of addresses need.
pub struct HooksPorts {
    /// Keeps them.
    pub store: Arc<dyn HookStore>,
    /// Makes their keys.
    pub keys: Arc<dyn HookKeys>,
    /// Speaks to them.
    pub sender: Arc<dyn HookSender>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub random: Arc<dyn Random>,
    /// Tries of a community's addresses by hand.
    pub limit: Limit,
}

/// Addresses outside.
pub struct Hooks(HooksPorts);

/// An address that was just registered, and its key, which is shown this once.
pub struct NewHook {
    /// The address.
    pub hook: Hook,
    /// What its deliveries are signed with.
    pub key: Secret,
}

impl Hooks {
    /// Wires the use cases to their ports.
    pub fn new(ports: HooksPorts) -> Self {
        Self(ports)
    }

    /// Registers an address.
    pub async fn add(&self, community: CommunityId, url: String) -> Result<NewHook, Failure> {
        let invalid = |problem| Failure::Invalid {
            field: "url",
            problem,
        };
        if url.len() > HOOK_URL_BYTES_MAX {
            return Err(invalid("must be at most 512 bytes"));
        }
        self.0.sender.check_url(&url).map_err(invalid)?;
        let created = self.0.clock.now();
        let hook = Hook {
            id: HookId(self.0.random.row_id(created)),
            community,
            url,
            created,
        };
        self.0.store.add_hook(hook.clone()).await?;
        let key = self.0.keys.hook_key(&hook.id);
        Ok(NewHook { hook, key })
    }

    /// One of them.
    pub async fn load(&self, id: HookId) -> Result<Hook, Failure> {
        let found = self.0.store.find_hook(id).await?;
        found.ok_or(Failure::NotFound { what: "webhook" })
    }

    /// Those of a community.
    pub async fn list(&self, community: CommunityId) -> Result<Vec<Hook>, Failure> {
        Ok(self.0.store.list_hooks(community).await?)
    }

    /// Removes one; what waits for it is dropped.
    pub async fn remove(&self, id: HookId) -> Result<(), Failure> {
        if self.0.store.remove_hook(id).await? {
            return Ok(());
        }
        Err(Failure::NotFound { what: "webhook" })
    }

    /// Tries an address once; the inner error says why it did not take it.
    pub async fn test(&self, hook: Hook) -> Result<Result<(), ErrandFailure>, Failure> {
        self.0.limit.take(hook.community.as_str())?;
        let id = format!("test/{}", self.0.random.row_id(self.0.clock.now()));
        let news = News::Test(hook.community.clone());
        Ok(self.send(hook, id, news).await)
    }

    async fn send(&self, hook: Hook, id: String, news: News) -> Result<(), ErrandFailure> {
        let delivery = Delivery {
            key: self.0.keys.hook_key(&hook.id),
            hook,
            id,
            at: self.0.clock.now(),
            news,
        };
        self.0.sender.send(delivery).await
    }
}

/// Does the errands to addresses outside.
pub struct HookDoer {
    /// The addresses.
    pub hooks: Arc<Hooks>,
    /// The alarms.
    pub alarms: Alarms,
}

impl HookDoer {
    /// Says how the alarm stands. What is gone meanwhile, the address or the alarm, is owed nothing.
    async fn say(&self, task: HookTask) -> Result<(), ErrandFailure> {
        let failed = |failure: Failure| ErrandFailure::Unavailable(failure.to_string());
        let hook = match self.hooks.load(task.hook).await {
            Ok(hook) => hook,
            Err(Failure::NotFound { .. }) => return Ok(()),
            Err(failure) => return Err(failed(failure)),
        };
        let found = self.alarms.load(&task.alarm).await.map_err(failed)?;
        let Some(alarm) = found else {
            return Ok(());
        };
        let id = format!("{}/{}", alarm.id, alarm.version.0);
        self.hooks.send(hook, id, News::Alarm(alarm)).await
    }
}

impl Doer for HookDoer {
    fn lane(&self) -> Lane {
        Lane::Hooks
    }

    fn attempt(&self, errand: Errand) -> BoxFuture<'_, Result<(), ErrandFailure>> {
        Box::pin(async move {
            match errand.task {
                Task::Hook(task) => self.say(task).await,
                Task::Room(_) => Err(ErrandFailure::Refused("no address".into())),
            }
        })
    }
}
