//! `AlarmStore` on SQLite.

use app::port::{AlarmQuery, AlarmRule, AlarmStore, BoxFuture, Clocked, HistoryEntry, WaitingFlat};
use engine::alarm::{Alarm, Decision, Site};
use engine::call::Version;
use engine::id::{AlarmId, FlatId};
use engine::time::Instant;

use crate::alarms::log::{list_alarms, list_due, list_history, list_recent, list_waiting};
use crate::alarms::site::find_site;
use crate::alarms::write::{decide, find_alarm};
use crate::failure::Result;
use crate::store::Store;

/// Deadlines of one sweep; the next one finds the rest.
const DUE_MAX: u32 = 200;

impl AlarmStore for Store {
    fn decide_alarm(&self, rule: AlarmRule) -> BoxFuture<'_, Result<(Decision, Instant)>> {
        Box::pin(self.writer.run(move |connection| decide(connection, rule)))
    }

    fn find_site(&self, flat: FlatId) -> BoxFuture<'_, Result<Option<Site>>> {
        Box::pin(self.readers.run(move |c| find_site(c, &flat)))
    }

    fn find_alarm(&self, id: AlarmId) -> BoxFuture<'_, Result<Option<Alarm>>> {
        Box::pin(self.readers.run(move |c| find_alarm(c, &id)))
    }

    fn due_alarms(&self, now: Instant) -> BoxFuture<'_, Result<Vec<(Clocked, Version)>>> {
        Box::pin(self.readers.run(move |c| list_due(c, now, DUE_MAX)))
    }

    fn waiting_flats(&self) -> BoxFuture<'_, Result<Vec<WaitingFlat>>> {
        Box::pin(self.readers.run(list_waiting))
    }

    fn recent_alarms(&self, since: Instant) -> BoxFuture<'_, Result<Vec<Alarm>>> {
        Box::pin(self.readers.run(move |c| list_recent(c, since)))
    }

    fn list_alarms(&self, query: AlarmQuery) -> BoxFuture<'_, Result<Vec<Alarm>>> {
        Box::pin(self.readers.run(move |c| list_alarms(c, &query)))
    }

    fn alarm_history(&self, id: AlarmId) -> BoxFuture<'_, Result<Vec<HistoryEntry>>> {
        Box::pin(self.readers.run(move |c| list_history(c, &id)))
    }
}
