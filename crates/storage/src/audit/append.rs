//! Adding a row, in the transaction of what it tells.

use rusqlite::Connection;

use crate::audit::head::{ALL, ChainHead, find_head};
use crate::audit::key::AuditKey;
use crate::audit::row::AuditRow;
use crate::failure::Result;
use crate::sql::{execute, find};

/// Adds a row to a door's chain. A head that was tampered with, or is gone while its rows are there,
/// stays broken: what is added later does not hide it.
pub(crate) fn append(
    connection: &Connection,
    key: &AuditKey,
    door: &str,
    at_ms: i64,
    body: String,
) -> Result<()> {
    let head = head_or_empty(connection, key, door)?;
    let mut row = AuditRow {
        door: door.to_owned(),
        seq: head.count + 1,
        at_ms,
        body,
        previous: head.mac,
        mac: [0; 32],
    };
    row.mac = row.due(key);
    let sql = "insert into audit (door, seq, at_ms, body, previous, mac)
               values ($1, $2, $3, $4, $5, $6)";
    let columns = (
        &row.door,
        row.seq,
        row.at_ms,
        &row.body,
        row.previous,
        row.mac,
    );
    execute(connection, sql, columns)?;
    set(connection, &head.next(row.mac, key))?;
    let all = head_or_empty(connection, key, ALL)?;
    set(connection, &all.next(row.mac, key))
}

fn head_or_empty(connection: &Connection, key: &AuditKey, door: &str) -> Result<ChainHead> {
    if let Some(head) = find_head(connection, door)? {
        return Ok(head);
    }
    let sql = "select seq, mac from audit where door = $1 order by seq desc limit 1";
    let last = find(connection, sql, [door], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let empty = ChainHead::empty(door, key);
    Ok(match last {
        None => empty,
        Some((count, mac)) => ChainHead {
            count,
            mac,
            seal: [0; 32],
            ..empty
        },
    })
}

fn set(connection: &Connection, head: &ChainHead) -> Result<()> {
    let sql = "insert into audit_head (door, count, mac, seal) values ($1, $2, $3, $4)
               on conflict (door) do update set count = excluded.count, mac = excluded.mac,
                   seal = excluded.seal";
    execute(
        connection,
        sql,
        (&head.door, head.count, head.mac, head.seal),
    )?;
    Ok(())
}
