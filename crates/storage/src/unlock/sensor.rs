//! What doors' sensors say.

use app::port::{Sensed, SensorState, StoreFailure};
use engine::id::DeviceId;
use engine::time::Instant;
use rusqlite::Connection;

use crate::audit::{AuditKey, append};
use crate::failure::{Result, unavailable};
use crate::sql::{execute, find};

/// Notes it, with a row of the audit if it is another state than before.
pub(super) fn note(
    connection: &Connection,
    key: &AuditKey,
    door: &DeviceId,
    sensed: Sensed,
) -> Result<()> {
    let before = find_sensed(connection, door)?;
    let sql = "insert into door_sensor (door, state, heard_ms) values ($1, $2, $3)
               on conflict (door) do update set state = excluded.state,
                   heard_ms = excluded.heard_ms";
    let (state, heard_ms) = (sensed.state.name(), sensed.heard.ms());
    execute(connection, sql, (door.as_str(), state, heard_ms))?;
    if before.is_some_and(|before| before.state == sensed.state) {
        return Ok(());
    }
    let body = serde_json::json!({"event": "sensor", "state": state});
    let body = serde_json::to_string(&body).map_err(unavailable)?;
    append(connection, key, door.as_str(), heard_ms, body)
}

pub(super) fn find_sensed(connection: &Connection, door: &DeviceId) -> Result<Option<Sensed>> {
    let sql = "select state, heard_ms from door_sensor where door = $1";
    let found: Option<(String, i64)> = find(connection, sql, [door.as_str()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let Some((name, heard_ms)) = found else {
        return Ok(None);
    };
    let state = SensorState::ALL
        .into_iter()
        .find(|state| state.name() == name);
    let state = state.ok_or_else(|| StoreFailure::Corrupt {
        table: "door_sensor",
        row: door.to_string(),
    })?;
    Ok(Some(Sensed {
        state,
        heard: Instant::from_ms(heard_ms),
    }))
}
