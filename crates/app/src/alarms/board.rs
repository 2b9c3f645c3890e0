//! A cache of the alarms that can still be spoken about.
//!
//! The truth is the store. The board holds committed alarms only, is filled from the store at start
//! and loses an alarm a while after its end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::alarm::Alarm;
use engine::call::OWED_AFTER_END;
use engine::id::AlarmId;
use engine::time::Instant;

#[derive(Default)]
pub(super) struct Board {
    alarms: Mutex<BTreeMap<AlarmId, Arc<Alarm>>>,
}

impl Board {
    /// Shows a committed alarm, unless a later version is there already.
    pub(super) fn show(&self, alarm: &Arc<Alarm>, now: Instant) {
        let mut alarms = self.alarms();
        let is_current = |one: &Alarm| {
            one.ended()
                .is_none_or(|ended| now.since(ended) <= OWED_AFTER_END)
        };
        alarms.retain(|_, one| is_current(one));
        let is_news = alarms
            .get(&alarm.id)
            .is_none_or(|shown| shown.version < alarm.version);
        if is_news && is_current(alarm) {
            alarms.insert(alarm.id.clone(), Arc::clone(alarm));
        }
    }

    pub(super) fn find(&self, id: &AlarmId) -> Option<Arc<Alarm>> {
        self.alarms().get(id).cloned()
    }

    /// Those that are meant, the oldest first.
    pub(super) fn filtered(&self, is_meant: impl Fn(&Alarm) -> bool) -> Vec<Arc<Alarm>> {
        let alarms = self.alarms();
        let meant = alarms.values().filter(|alarm| is_meant(alarm));
        meant.cloned().collect()
    }

    fn alarms(&self) -> MutexGuard<'_, BTreeMap<AlarmId, Arc<Alarm>>> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
