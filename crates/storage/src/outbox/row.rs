//! An errand as a row. The only place that knows this format.
//!
//! ```json
//! release  {"room": "room_01…"}
//! remove   {"room": 664321, "users": ["res_01…"]}
//! ```

use app::port::{DueErrand, Errand, RoomTask, StoreFailure};
use engine::call::Room;
use engine::time::Instant;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::failure::{Result, unavailable};

const RELEASE: &str = "release";
const REMOVE: &str = "remove";

#[derive(Serialize, Deserialize)]
struct Body {
    room: RoomBody,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    users: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum RoomBody {
    Number(u32),
    Text(String),
}

/// Adds an errand that is due at once, unless one with its id is there.
pub(crate) fn add_errand(connection: &Connection, errand: &Errand) -> Result<()> {
    let (kind, room, users) = match &errand.task {
        RoomTask::Release(room) => (RELEASE, room, Vec::new()),
        RoomTask::Remove { room, users } => (REMOVE, room, users.clone()),
    };
    let room = match room {
        Room::Number(number) => RoomBody::Number(*number),
        Room::Text(name) => RoomBody::Text(name.clone()),
    };
    let body = serde_json::to_string(&Body { room, users }).map_err(unavailable)?;
    let mut statement = connection
        .prepare_cached(
            "insert into outbox (id, kind, body, since_ms, due_ms) values ($1, $2, $3, $4, $4)
             on conflict (id) do nothing",
        )
        .map_err(unavailable)?;
    statement
        .execute((&errand.id, kind, body, errand.since.ms()))
        .map_err(unavailable)?;
    Ok(())
}

/// The columns `id, kind, body, since_ms, tries`.
pub(super) type Stored = (String, String, String, i64, u32);

pub(super) fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
    ))
}

pub(super) fn to_due((id, kind, body, since_ms, tries): Stored) -> Result<DueErrand> {
    let corrupt = || StoreFailure::Corrupt {
        table: "outbox",
        row: id.clone(),
    };
    let Body { room, users } = serde_json::from_str(&body).map_err(|_| corrupt())?;
    let room = match room {
        RoomBody::Number(number) => Room::Number(number),
        RoomBody::Text(name) => Room::Text(name),
    };
    let task = match kind.as_str() {
        RELEASE => RoomTask::Release(room),
        REMOVE => RoomTask::Remove { room, users },
        _ => return Err(corrupt()),
    };
    let since = Instant::from_ms(since_ms);
    let errand = Errand { id, task, since };
    Ok(DueErrand { errand, tries })
}
