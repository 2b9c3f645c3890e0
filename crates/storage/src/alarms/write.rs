//! The facts of one transaction, and writing what was decided.

use app::directory::HookId;
use app::port::{AlarmFacts, AlarmRule, Errand, StoreFailure};
use engine::alarm::{Alarm, Decision, Entry, Level, Site, ZoneNo};
use engine::id::{AlarmId, CommunityId, FlatId};
use engine::time::Instant;
use rusqlite::{Connection, Row};

use crate::alarms::row::{Stored, event_word, from_stored, person_to_text, to_text};
use crate::alarms::site::{find_site, write_site};
use crate::directory::insert;
use crate::failure::Result;
use crate::outbox::add_errand;
use crate::sql::{execute, find, list};

/// Reads within the transaction that is open on the connection.
struct Facts<'a>(&'a Connection);

impl AlarmFacts for Facts<'_> {
    fn site(&mut self, flat: &FlatId) -> Result<Option<Site>> {
        find_site(self.0, flat)
    }

    fn newest_alarm(&mut self, flat: &FlatId, zone: ZoneNo) -> Result<Option<Alarm>> {
        let sql = "select id, version, state from alarm where flat = $1 and zone = $2
                   order by open desc, id desc limit 1";
        let found = find(self.0, sql, (flat.as_str(), zone.number()), stored)?;
        found.map(from_stored).transpose()
    }

    fn alarm(&mut self, id: &AlarmId) -> Result<Option<Alarm>> {
        find_alarm(self.0, id)
    }

    fn hooks(&mut self, community: &CommunityId) -> Result<Vec<HookId>> {
        let sql = "select id from hook where community = $1 order by id";
        list(self.0, sql, [community.as_str()], |row| {
            row.get(0).map(HookId)
        })
    }

    fn owe(&mut self, errand: Errand) -> Result<()> {
        add_errand(self.0, &errand)
    }
}

pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// An alarm, also one that ended.
pub(super) fn find_alarm(connection: &Connection, id: &AlarmId) -> Result<Option<Alarm>> {
    let sql = "select id, version, state from alarm where id = $1";
    let found = find(connection, sql, [id.as_str()], stored)?;
    found.map(from_stored).transpose()
}

/// Decides in the transaction that is open, and writes what was decided.
pub(super) fn decide(connection: &Connection, rule: AlarmRule) -> Result<(Decision, Instant)> {
    let (decision, at) = rule(&mut Facts(connection))?;
    if let Some(site) = &decision.site {
        write_site(connection, site)?;
    }
    if let Some(alarm) = decision.alarm.as_ref().filter(|_| decision.is_changed) {
        write_alarm(connection, alarm)?;
        for entry in &decision.history {
            add_event(connection, alarm, entry, at)?;
        }
    }
    Ok((decision, at))
}

fn write_alarm(connection: &Connection, alarm: &Alarm) -> Result<()> {
    let sql = "insert into alarm (id, version, deadline_ms, flat, community, zone, open,
                   for_guards, ended_ms, state)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               on conflict (id) do update set version = excluded.version,
                   deadline_ms = excluded.deadline_ms, open = excluded.open,
                   for_guards = excluded.for_guards, ended_ms = excluded.ended_ms,
                   state = excluded.state";
    let row = (
        alarm.id.as_str(),
        alarm.version.0.cast_signed(),
        alarm.deadline().map(|next| next.at.ms()),
        alarm.flat.as_str(),
        alarm.place.community.as_str(),
        alarm.zone.number(),
        alarm.is_open(),
        alarm.heard.has(Level::Guard),
        alarm.ended().map(Instant::ms),
        to_text(alarm)?,
    );
    insert(connection, sql, row, "open alarm", "flat")
}

fn add_event(connection: &Connection, alarm: &Alarm, entry: &Entry, at: Instant) -> Result<()> {
    let person = entry.by.as_ref().map(person_to_text).transpose()?;
    let sql = "insert into alarm_event (alarm, seq, at_ms, event, person, note)
               select $1, count(*) + 1, $2, $3, $4, $5 from alarm_event where alarm = $1";
    let event = event_word(&entry.event);
    let row = (alarm.id.as_str(), at.ms(), event, person, &entry.note);
    execute(connection, sql, row)?;
    Ok(())
}

/// What a stored history line must have been.
pub(super) fn corrupt_event(alarm: &str) -> StoreFailure {
    StoreFailure::Corrupt {
        table: "alarm_event",
        row: alarm.to_owned(),
    }
}
