//! An order as a row, and as the body of its row in the audit. The only place that knows these
//! formats.

use app::port::{LoggedUnlock, StoreFailure};
use engine::access::{Denial, WayKind};
use engine::id::CommunityId;
use engine::time::Instant;
use engine::unlock::{Phase, RequestKey, Unlock};
use rusqlite::{Connection, Params, Row};
use serde::Serialize;

use crate::failure::{Result, unavailable};

/// What [`read`] reads, to be followed by the rest of a select.
pub(super) const SELECT: &str = "select id, asker, key, door, community, way, call, credential,
     phase, why, note, requested_ms, ends_ms, changed_ms from unlock";

/// The orders that `sql` selects by [`SELECT`].
pub(super) fn query(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<LoggedUnlock>> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    let rows = statement.query_map(params, stored).map_err(unavailable)?;
    rows.map(|row| read(row.map_err(unavailable)?)).collect()
}

struct Stored {
    id: String,
    asker: String,
    key: String,
    door: String,
    community: String,
    way: String,
    call: Option<String>,
    credential: Option<String>,
    phase: String,
    why: Option<String>,
    note: Option<String>,
    moments: [i64; 3],
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        id: row.get(0)?,
        asker: row.get(1)?,
        key: row.get(2)?,
        door: row.get(3)?,
        community: row.get(4)?,
        way: row.get(5)?,
        call: row.get(6)?,
        credential: row.get(7)?,
        phase: row.get(8)?,
        why: row.get(9)?,
        note: row.get(10)?,
        moments: [row.get(11)?, row.get(12)?, row.get(13)?],
    })
}

fn read(row: Stored) -> Result<LoggedUnlock> {
    let corrupt = || StoreFailure::Corrupt {
        table: "unlock",
        row: row.id.clone(),
    };
    let known = |name: &str| Denial::ALL.into_iter().find(|one| one.name() == name);
    let why = row.why.as_deref().and_then(known);
    let way = WayKind::ALL.into_iter().find(|way| way.name() == row.way);
    let [requested, ends, changed] = row.moments.map(Instant::from_ms);
    Ok(LoggedUnlock {
        community: CommunityId::from(row.community.as_str()),
        unlock: Unlock {
            way: way.ok_or_else(corrupt)?,
            phase: Phase::by_name(&row.phase, why).ok_or_else(corrupt)?,
            id: row.id.as_str().into(),
            key: RequestKey {
                asker: row.asker.clone(),
                key: row.key.clone(),
            },
            door: row.door.as_str().into(),
            call: row.call.clone().map(Into::into),
            credential: row.credential.clone().map(Into::into),
            requested,
            ends,
            note: row.note.clone(),
            changed,
        },
    })
}

/// The body of an order's row in the audit.
#[derive(Serialize)]
struct Body<'a> {
    event: &'static str,
    unlock: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    way: &'static str,
    asker: &'a str,
    key: &'a str,
    community: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    requested_ms: i64,
    ends_ms: i64,
}

/// What the audit keeps of an order as it stands.
pub(super) fn audit_body(unlock: &Unlock, community: &CommunityId) -> Result<String> {
    let body = Body {
        event: "unlock",
        unlock: unlock.id.as_str(),
        state: unlock.phase.name(),
        why: unlock.phase.denial().map(Denial::name),
        way: unlock.way.name(),
        asker: &unlock.key.asker,
        key: &unlock.key.key,
        community: community.as_str(),
        call: unlock.call.as_ref().map(|one| one.as_str()),
        credential: unlock.credential.as_ref().map(|one| one.as_str()),
        note: unlock.note.as_deref(),
        requested_ms: unlock.requested.ms(),
        ends_ms: unlock.ends.ms(),
    };
    serde_json::to_string(&body).map_err(unavailable)
}
