//! An errand as a row. The only place that knows this format.
//!
//! ```json
//! release  {"room": "room_01…"}
//! remove   {"room": 664321, "users": ["res_01…"]}
//! hook     {"hook": "01…", "alarm": "01…"}
//! ```

use app::directory::HookId;
use app::port::{DueErrand, Errand, HookTask, Lane, RoomTask, StoreFailure, Task};
use engine::call::Room;
use engine::time::Instant;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::failure::{Result, unavailable};

const RELEASE: &str = "release";
const REMOVE: &str = "remove";
const HOOK: &str = "hook";

#[derive(Serialize, Deserialize)]
struct HookBody {
    hook: String,
    alarm: String,
}

#[derive(Serialize, Deserialize)]
struct RoomErrand {
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

/// The kinds of errands that a lane has.
pub(super) fn kinds(lane: Lane) -> [&'static str; 2] {
    match lane {
        Lane::Rooms => [RELEASE, REMOVE],
        Lane::Hooks => [HOOK, HOOK],
    }
}

fn to_kind_and_body(task: &Task) -> Result<(&'static str, String)> {
    let (kind, body) = match task {
        Task::Room(RoomTask::Release(room)) => (RELEASE, room_body(room, Vec::new())),
        Task::Room(RoomTask::Remove { room, users }) => (REMOVE, room_body(room, users.clone())),
        Task::Hook(HookTask { hook, alarm }) => {
            let (hook, alarm) = (hook.0.clone(), alarm.to_string());
            (HOOK, serde_json::to_string(&HookBody { hook, alarm }))
        }
    };
    Ok((kind, body.map_err(unavailable)?))
}

fn room_body(room: &Room, users: Vec<String>) -> serde_json::Result<String> {
    let room = match room {
        Room::Number(number) => RoomBody::Number(*number),
        Room::Text(name) => RoomBody::Text(name.clone()),
    };
    serde_json::to_string(&RoomErrand { room, users })
}

fn from_kind_and_body(kind: &str, body: &str) -> Option<Task> {
    if kind == HOOK {
        let HookBody { hook, alarm } = serde_json::from_str(body).ok()?;
        return Some(Task::Hook(HookTask {
            hook: HookId(hook),
            alarm: alarm.into(),
        }));
    }
    let RoomErrand { room, users } = serde_json::from_str(body).ok()?;
    let room = match room {
        RoomBody::Number(number) => Room::Number(number),
        RoomBody::Text(name) => Room::Text(name),
    };
    Some(Task::Room(match kind {
        RELEASE => RoomTask::Release(room),
        REMOVE => RoomTask::Remove { room, users },
        _ => return None,
    }))
}

/// Adds an errand that is due at once, unless one with its id is there.
pub(crate) fn add_errand(connection: &Connection, errand: &Errand) -> Result<()> {
    let (kind, body) = to_kind_and_body(&errand.task)?;
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
    let task = from_kind_and_body(&kind, &body).ok_or_else(corrupt)?;
    let since = Instant::from_ms(since_ms);
    let errand = Errand { id, task, since };
    Ok(DueErrand { errand, tries })
}
