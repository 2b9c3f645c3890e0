//! The facts of one transaction, and writing what was decided.

use app::directory::{Device, Household};
use app::port::{CallFacts, Errand, StoreFailure};
use app::principal::endpoint_device;
use engine::call::{Call, Room, Version};
use engine::id::{CallId, CommunityId, DeviceId, EndpointId};
use engine::time::Instant;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::calls::row::{from_text, to_text};
use crate::directory::{find_device, find_household, list_centres};
use crate::failure::{Result, unavailable};
use crate::outbox::add_errand;

/// Reads within the transaction that is open on the connection.
pub(super) struct Facts<'a>(pub(super) &'a Connection);

type Stored = (String, i64, String);

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn to_call((id, version, text): Stored) -> Result<Call> {
    from_text(&id, version, &text)
}

/// A call by id, live or ended.
pub(crate) fn find_call(connection: &Connection, id: &CallId) -> Result<Option<Call>> {
    let find = |sql: &str| -> Result<Option<Stored>> {
        let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
        statement
            .query_row([id.as_str()], stored)
            .optional()
            .map_err(unavailable)
    };
    if let Some(live) = find("select id, version, state from call where id = $1")? {
        return to_call(live).map(Some);
    }
    find("select call, version, state from record where call = $1")?
        .map(to_call)
        .transpose()
}

/// The live calls in which the endpoint is a party.
pub(crate) fn calls_of(connection: &Connection, endpoint: &EndpointId) -> Result<Vec<Call>> {
    list_calls(
        connection,
        "select call.id, call.version, call.state from party join call on call.id = party.call
         where party.endpoint = $1 order by call.id",
        [endpoint.as_str()],
    )
}

/// Calls selected by `sql`, which yields id, version and state.
pub(super) fn list_calls(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Call>> {
    list_stored(connection, sql, params)?
        .into_iter()
        .map(to_call)
        .collect()
}

/// As [`list_calls`], leaving out rows that cannot be understood: one bad call must not keep the
/// others from going on.
pub(super) fn list_readable_calls(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Call>> {
    let readable = |row| {
        to_call(row)
            .inspect_err(|failure| tracing::error!(%failure, "left out"))
            .ok()
    };
    Ok(list_stored(connection, sql, params)?
        .into_iter()
        .filter_map(readable)
        .collect())
}

fn list_stored(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Stored>> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    let rows = statement.query_map(params, stored).map_err(unavailable)?;
    rows.collect::<rusqlite::Result<_>>().map_err(unavailable)
}

/// Live calls whose deadline has come, soonest first.
pub(super) fn list_due(
    connection: &Connection,
    now: Instant,
    limit: u32,
) -> Result<Vec<(CallId, Version)>> {
    let mut statement = connection
        .prepare_cached(
            "select id, version from call where deadline_ms <= $1 order by deadline_ms limit $2",
        )
        .map_err(unavailable)?;
    let read = |row: &Row<'_>| {
        let version: i64 = row.get(1)?;
        let id = CallId::from(row.get::<_, String>(0)?);
        Ok((id, Version(version.unsigned_abs())))
    };
    let rows = statement
        .query_map((now.ms(), limit), read)
        .map_err(unavailable)?;
    rows.collect::<rusqlite::Result<_>>().map_err(unavailable)
}

impl CallFacts for Facts<'_> {
    fn call(&mut self, id: &CallId) -> Result<Option<Call>> {
        find_call(self.0, id)
    }

    fn calls_of(&mut self, endpoint: &EndpointId) -> Result<Vec<Call>> {
        calls_of(self.0, endpoint)
    }

    fn line(&mut self, endpoint: &EndpointId) -> Result<Option<CallId>> {
        let mut statement = self
            .0
            .prepare_cached("select call from party where endpoint = $1 and holds = 1")
            .map_err(unavailable)?;
        let holder = statement.query_row([endpoint.as_str()], |row| row.get::<_, String>(0));
        Ok(holder.optional().map_err(unavailable)?.map(CallId::from))
    }

    fn device(&mut self, id: &DeviceId) -> Result<Option<Device>> {
        find_device(self.0, id)
    }

    fn centres(&mut self, community: &CommunityId) -> Result<Vec<Device>> {
        list_centres(self.0, community)
    }

    fn household(&mut self, community: &CommunityId, number: &str) -> Result<Option<Household>> {
        find_household(self.0, community, number)
    }

    fn owe(&mut self, errand: Errand) -> Result<()> {
        add_errand(self.0, &errand)
    }
}

/// Writes a call whole: a live one with its parties and lines, an ended one as its record.
///
/// A line that another call holds is a conflict.
pub(super) fn write_call(connection: &Connection, call: &Call) -> Result<()> {
    execute(
        connection,
        "delete from party where call = $1",
        [call.id.as_str()],
    )?;
    match call.deadline() {
        Some(deadline) => write_live(connection, call, deadline.ms()),
        None => write_record(connection, call),
    }
}

fn write_live(connection: &Connection, call: &Call, deadline_ms: i64) -> Result<()> {
    execute(
        connection,
        "insert into call (id, version, deadline_ms, room, state, community)
         values ($1, $2, $3, $4, $5, (select community from device where id = $6))
         on conflict (id) do update set version = excluded.version,
             deadline_ms = excluded.deadline_ms, state = excluded.state",
        (
            call.id.as_str(),
            call.version.0.cast_signed(),
            deadline_ms,
            room_number(call),
            to_text(call)?,
            caller_device(call),
        ),
    )?;
    let lines = call.lines();
    let open = call
        .legs
        .iter()
        .filter(|leg| leg.is_open())
        .map(|leg| &leg.endpoint);
    let ringing = open
        .filter(|endpoint| !lines.contains(endpoint))
        .map(|e| (e, false));
    for (endpoint, holds) in lines.iter().map(|e| (*e, true)).chain(ringing) {
        execute(
            connection,
            "insert into party (endpoint, call, holds) values ($1, $2, $3)",
            (endpoint.as_str(), call.id.as_str(), holds),
        )?;
    }
    Ok(())
}

/// The calling device, whose community the call belongs to.
fn caller_device(call: &Call) -> Option<String> {
    endpoint_device(&call.caller).map(|device| device.to_string())
}

fn room_number(call: &Call) -> Option<u32> {
    match call.scene.room {
        Room::Number(number) => Some(number),
        Room::Text(_) => None,
    }
}

fn write_record(connection: &Connection, call: &Call) -> Result<()> {
    let Some(ended) = call.ended() else {
        return Err(unavailable("a call without a deadline has not ended"));
    };
    execute(
        connection,
        "delete from call where id = $1",
        [call.id.as_str()],
    )?;
    execute(
        connection,
        "insert into record (call, version, caller, outcome, created_ms, ended_ms, state, community)
         values ($1, $2, $3, $4, $5, $6, $7, (select community from device where id = $8))",
        (
            call.id.as_str(),
            call.version.0.cast_signed(),
            call.caller.as_str(),
            ended.outcome.name(),
            call.created.ms(),
            ended.at.ms(),
            to_text(call)?,
            caller_device(call),
        ),
    )?;
    let rung = call.legs.iter().map(|leg| &leg.endpoint);
    rung.chain([&call.caller]).try_for_each(|endpoint| {
        execute(
            connection,
            "insert into record_party (endpoint, call) values ($1, $2) on conflict do nothing",
            (endpoint.as_str(), call.id.as_str()),
        )
    })
}

fn execute(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    match statement.execute(params) {
        Ok(_) => Ok(()),
        Err(error)
            if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) =>
        {
            Err(StoreFailure::Conflict {
                what: "line or room",
            })
        }
        Err(error) => Err(unavailable(error)),
    }
}
