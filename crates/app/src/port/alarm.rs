//! Alarms as they are kept, and who must be told of them.

use std::sync::Arc;

use engine::alarm::{Alarm, Decision, Entry, Site, ZoneNo};
use engine::call::Version;
use engine::id::{AlarmId, CommunityId, FlatId};
use engine::time::Instant;

use crate::directory::{Hook, HookId};
use crate::port::errand::Errand;
use crate::port::{BoxFuture, Sight, StoreFailure};

/// The facts of one transaction.
pub trait AlarmFacts {
    /// A flat, also one that was never armed; none if there is no such flat.
    fn site(&mut self, flat: &FlatId) -> Result<Option<Site>, StoreFailure>;
    /// The alarm of a zone that was raised last, also one that ended.
    fn newest_alarm(&mut self, flat: &FlatId, zone: ZoneNo) -> Result<Option<Alarm>, StoreFailure>;
    /// An alarm, also one that ended.
    fn alarm(&mut self, id: &AlarmId) -> Result<Option<Alarm>, StoreFailure>;
    /// The addresses outside of a community.
    fn hooks(&mut self, community: &CommunityId) -> Result<Vec<HookId>, StoreFailure>;
    /// Keeps an errand that the decision owes, in the same transaction and due at once.
    fn owe(&mut self, errand: Errand) -> Result<(), StoreFailure>;
}

/// Loads what it needs and decides, inside one transaction; the decision and its moment.
pub type AlarmRule =
    Box<dyn FnOnce(&mut dyn AlarmFacts) -> Result<(Decision, Instant), StoreFailure> + Send>;

/// What a deadline belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clocked {
    /// A flat, of which a zone waits.
    Flat(FlatId),
    /// An alarm that nobody has acknowledged.
    Alarm(AlarmId),
}

/// A flat in which a zone waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingFlat {
    /// Which flat.
    pub flat: FlatId,
    /// The version in which its deadline was armed.
    pub version: Version,
    /// When it is due.
    pub at: Instant,
}

/// Which alarms to list, newest first.
#[derive(Clone, Debug)]
pub struct AlarmQuery {
    /// How far the list may look; an operator who does not manage a community sees those of which
    /// its guard was told.
    pub sight: Sight,
    /// Only those in this community.
    pub community: Option<CommunityId>,
    /// Only those of this flat.
    pub flat: Option<FlatId>,
    /// Only those that are not over, or only those that are.
    pub open: Option<bool>,
    /// Only older ones than this.
    pub before: Option<AlarmId>,
    /// At most this many, 1–201.
    pub limit: usize,
}

/// A line of an alarm's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When.
    pub at: Instant,
    /// What.
    pub entry: Entry,
}

/// Flats' arming, and alarms.
pub trait AlarmStore: Send + Sync {
    /// Runs `rule` in a transaction and writes what it changed, with the history. Resolves after
    /// the commit.
    fn decide_alarm(
        &self,
        rule: AlarmRule,
    ) -> BoxFuture<'_, Result<(Decision, Instant), StoreFailure>>;

    /// A flat, also one that was never armed.
    fn find_site(&self, flat: FlatId) -> BoxFuture<'_, Result<Option<Site>, StoreFailure>>;

    /// An alarm, also one that ended long ago.
    fn find_alarm(&self, id: AlarmId) -> BoxFuture<'_, Result<Option<Alarm>, StoreFailure>>;

    /// What is due at or before `now`, soonest first, at most 200.
    fn due_alarms(
        &self,
        now: Instant,
    ) -> BoxFuture<'_, Result<Vec<(Clocked, Version)>, StoreFailure>>;

    /// Every flat with a deadline.
    fn waiting_flats(&self) -> BoxFuture<'_, Result<Vec<WaitingFlat>, StoreFailure>>;

    /// Every alarm that is not over, and those that ended at or after `since`.
    fn recent_alarms(&self, since: Instant) -> BoxFuture<'_, Result<Vec<Alarm>, StoreFailure>>;

    /// Some alarms.
    fn list_alarms(&self, query: AlarmQuery) -> BoxFuture<'_, Result<Vec<Alarm>, StoreFailure>>;

    /// What happened to an alarm, in order.
    fn alarm_history(&self, id: AlarmId) -> BoxFuture<'_, Result<Vec<HistoryEntry>, StoreFailure>>;
}

/// Addresses outside.
pub trait HookStore: Send + Sync {
    /// Adds one, unless the community has [`crate::directory::HOOKS_MAX`].
    fn add_hook(&self, hook: Hook) -> BoxFuture<'_, Result<(), StoreFailure>>;

    /// One of them.
    fn find_hook(&self, id: HookId) -> BoxFuture<'_, Result<Option<Hook>, StoreFailure>>;

    /// Those of a community, in the order of their ids.
    fn list_hooks(&self, community: CommunityId) -> BoxFuture<'_, Result<Vec<Hook>, StoreFailure>>;

    /// Removes one; false if there is none.
    fn remove_hook(&self, id: HookId) -> BoxFuture<'_, Result<bool, StoreFailure>>;
}

/// A dialect's voice for alarms.
pub trait AlarmSpeaker: Send + Sync {
    /// An alarm changed: whoever is told of it may be owed something. Must not block; what is owed is
    /// pulled by [`engine::alarm::owed()`].
    fn wake(&self, alarm: &Arc<Alarm>);
}
