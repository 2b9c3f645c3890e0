//! Lists of alarms, and their history.

use app::port::{AlarmQuery, Clocked, HistoryEntry, Sight, WaitingFlat};
use engine::alarm::{Alarm, Entry};
use engine::call::Version;
use engine::id::{AlarmId, CommunityId, FlatId};
use engine::time::Instant;
use rusqlite::{Connection, Params};

use crate::alarms::row::{event, from_stored, person_from_text};
use crate::alarms::write::{corrupt_event, stored};
use crate::failure::Result;
use crate::sql::list;

/// Flats and alarms whose deadline has come, soonest first.
pub(super) fn list_due(
    connection: &Connection,
    now: Instant,
    limit: u32,
) -> Result<Vec<(Clocked, Version)>> {
    let sql = "select flat, version, deadline_ms, 1 from arming where deadline_ms <= $1
               union all
               select id, version, deadline_ms, 0 from alarm where deadline_ms <= $1
               order by 3 limit $2";
    list(connection, sql, (now.ms(), limit), |row| {
        let (id, version): (String, i64) = (row.get(0)?, row.get(1)?);
        let key = match row.get(3)? {
            true => Clocked::Flat(id.into()),
            false => Clocked::Alarm(id.into()),
        };
        Ok((key, Version(version.unsigned_abs())))
    })
}

/// Flats in which a zone waits.
pub(super) fn list_waiting(connection: &Connection) -> Result<Vec<WaitingFlat>> {
    let sql = "select flat, version, deadline_ms from arming where deadline_ms is not null";
    list(connection, sql, [], |row| {
        let (flat, version): (String, i64) = (row.get(0)?, row.get(1)?);
        Ok(WaitingFlat {
            flat: flat.into(),
            version: Version(version.unsigned_abs()),
            at: Instant::from_ms(row.get(2)?),
        })
    })
}

/// Alarms that are not over or ended since. One that cannot be understood is left out: it must not
/// keep the others from going on.
pub(super) fn list_recent(connection: &Connection, since: Instant) -> Result<Vec<Alarm>> {
    let sql = "select id, version, state from alarm where open = 1
               union all
               select id, version, state from alarm where ended_ms >= $1";
    let rows = list(connection, sql, [since.ms()], stored)?;
    let readable = |row| {
        from_stored(row)
            .inspect_err(|failure| tracing::error!(%failure, "left out"))
            .ok()
    };
    Ok(rows.into_iter().filter_map(readable).collect())
}

/// Some alarms, newest first.
pub(super) fn list_alarms(connection: &Connection, asked: &AlarmQuery) -> Result<Vec<Alarm>> {
    let sql = "select id, version, state from alarm
               where ($1 is null or exists (select 1 from operator_role
                       where operator = $1 and operator_role.community = alarm.community
                           and (role = 'manager' or for_guards = 1)))
                   and ($2 is null or community = $2)
                   and ($3 is null or flat = $3)
                   and ($4 is null or open = $4)
                   and ($5 is null or id < $5)
               order by id desc limit $6";
    let params = (
        match &asked.sight {
            Sight::Everywhere => None,
            Sight::Of(operator) => Some(operator.as_str()),
        },
        asked.community.as_ref().map(CommunityId::as_str),
        asked.flat.as_ref().map(FlatId::as_str),
        asked.open,
        asked.before.as_ref().map(AlarmId::as_str),
        u32::try_from(asked.limit).unwrap_or(u32::MAX),
    );
    query(connection, sql, params)
}

fn query(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Alarm>> {
    let rows = list(connection, sql, params, stored)?;
    rows.into_iter().map(from_stored).collect()
}

/// What happened to an alarm, in order.
pub(super) fn list_history(connection: &Connection, id: &AlarmId) -> Result<Vec<HistoryEntry>> {
    type Row = (i64, String, Option<String>, String);
    let sql = "select at_ms, event, person, note from alarm_event where alarm = $1 order by seq";
    let rows: Vec<Row> = list(connection, sql, [id.as_str()], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let read = |(at, word, person, note): Row| {
        let by = match person {
            Some(text) => Some(person_from_text(&text)?),
            None => None,
        };
        let event = event(&word)?;
        Some(HistoryEntry {
            at: Instant::from_ms(at),
            entry: Entry { event, by, note },
        })
    };
    let entries = rows.into_iter().map(read).collect::<Option<_>>();
    entries.ok_or_else(|| corrupt_event(id.as_str()))
}
