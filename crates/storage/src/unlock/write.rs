//! Writing what was decided: the order, what it uses up, wrong codes, and the row of the audit, in
//! one transaction.

use app::port::{Decided, StoreFailure};
use engine::access::{CodeEntry, Denial, Spends};
use engine::id::{CommunityId, DeviceId};
use engine::unlock::Unlock;
use rusqlite::Connection;

use crate::audit::{AuditKey, append};
use crate::failure::{Result, on_insert, unavailable};
use crate::sql::{execute, find};
use crate::unlock::row::audit_body;

/// Writes a decision whole, if it changed anything.
pub(super) fn write(connection: &Connection, key: &AuditKey, decided: &Decided) -> Result<()> {
    let decision = &decided.decision;
    if !decision.is_changed {
        return Ok(());
    }
    let unlock = &decision.unlock;
    let community = match &decided.community {
        Some(community) => {
            insert(connection, unlock, community)?;
            community.clone()
        }
        None => update(connection, unlock)?,
    };
    if let Some(entry) = decision.entry {
        set_entry(connection, &unlock.door, entry)?;
    }
    spend(connection, decided)?;
    let body = audit_body(unlock, &community)?;
    append(
        connection,
        key,
        unlock.door.as_str(),
        unlock.changed.ms(),
        body,
    )
}

fn insert(connection: &Connection, unlock: &Unlock, community: &CommunityId) -> Result<()> {
    let sql = "insert into unlock (id, asker, key, door, community, way, call, credential, phase,
                   why, note, requested_ms, ends_ms, changed_ms)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    let row = (
        unlock.id.as_str(),
        &unlock.key.asker,
        &unlock.key.key,
        unlock.door.as_str(),
        community.as_str(),
        unlock.way.name(),
        unlock.call.as_ref().map(|one| one.as_str()),
        unlock.credential.as_ref().map(|one| one.as_str()),
        unlock.phase.name(),
        unlock.phase.denial().map(Denial::name),
        &unlock.note,
        unlock.requested.ms(),
        unlock.ends.ms(),
        unlock.changed.ms(),
    );
    statement
        .execute(row)
        .map_err(on_insert("unlock", "unlock"))?;
    Ok(())
}

/// Writes where it stands; the community of its door.
fn update(connection: &Connection, unlock: &Unlock) -> Result<CommunityId> {
    let sql = "update unlock set phase = $1, why = $2, note = $3, changed_ms = $4 where id = $5
               returning community";
    let row = (
        unlock.phase.name(),
        unlock.phase.denial().map(Denial::name),
        &unlock.note,
        unlock.changed.ms(),
        unlock.id.as_str(),
    );
    let community = find(connection, sql, row, |row| row.get::<_, String>(0))?;
    let community = community.ok_or(StoreFailure::Missing { what: "unlock" })?;
    Ok(CommunityId::from(community))
}

fn set_entry(connection: &Connection, door: &DeviceId, entry: CodeEntry) -> Result<()> {
    let sql = "insert into code_entry (door, wrong, locked_until_ms, counts_until_ms)
               values ($1, $2, $3, $4)
               on conflict (door) do update set wrong = excluded.wrong,
                   locked_until_ms = excluded.locked_until_ms,
                   counts_until_ms = excluded.counts_until_ms";
    let until = entry.locked_until.map(|until| until.ms());
    let counts = entry.counts_until.map(|until| until.ms());
    execute(connection, sql, (door.as_str(), entry.wrong, until, counts))?;
    Ok(())
}

fn spend(connection: &Connection, decided: &Decided) -> Result<()> {
    let spent = match &decided.decision.spends {
        Spends::Nothing => return Ok(()),
        Spends::Use(credential) => {
            let sql = "update credential set uses_left = uses_left - 1
                       where id = $1 and uses_left > 0";
            execute(connection, sql, [credential.as_str()])?
        }
        Spends::Nonce => {
            let sql = "update door_nonce set used_ms = $1 where digest = $2 and used_ms is null";
            let digest = decided.nonce.map(|digest| digest.0);
            execute(
                connection,
                sql,
                (decided.decision.unlock.changed.ms(), digest),
            )?
        }
    };
    if spent == 1 {
        return Ok(());
    }
    Err(unavailable("what the door opens for was gone"))
}
