//! What rows have in common: inserting, and the words that stand for enums.

use std::time::Duration;

use app::directory::{CallTimes, RoomNaming};
use app::port::{AccountKind, StoreFailure};
use app::principal::{DoorControl, Role};
use engine::call::Scope;
use rusqlite::{Connection, Params, Row};

use crate::failure::{Result, on_insert, unavailable};
pub(super) use crate::sql::{execute, find, list};

const RESIDENT: &str = "resident";
const OPERATOR: &str = "operator";

/// Inserts a row of `what` that refers to a row of `refers_to`.
pub(crate) fn insert(
    connection: &Connection,
    sql: &str,
    row: impl Params,
    what: &'static str,
    refers_to: &'static str,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    statement.execute(row).map_err(on_insert(what, refers_to))?;
    Ok(())
}

pub(super) fn account_words(kind: &AccountKind) -> (&'static str, &str) {
    match kind {
        AccountKind::Resident(id) => (RESIDENT, id.as_str()),
        AccountKind::Operator(id) => (OPERATOR, id.as_str()),
    }
}

pub(super) fn account_kind(kind: &str, subject: &str) -> Result<AccountKind> {
    match kind {
        RESIDENT => Ok(AccountKind::Resident(subject.into())),
        OPERATOR => Ok(AccountKind::Operator(subject.into())),
        _ => Err(corrupt("account", subject)),
    }
}

pub(super) fn rooms_word(rooms: RoomNaming) -> &'static str {
    match rooms {
        RoomNaming::Auto => "auto",
        RoomNaming::Text => "string",
        RoomNaming::Number => "integer",
    }
}

pub(super) fn rooms(word: &str) -> Result<RoomNaming> {
    let all = [RoomNaming::Auto, RoomNaming::Text, RoomNaming::Number];
    let known = all.into_iter().find(|rooms| rooms_word(*rooms) == word);
    known.ok_or_else(|| corrupt("community", word))
}

/// A place's times as the columns `ring_s` and `talk_s`.
pub(super) fn time_columns(times: CallTimes) -> (Option<u32>, Option<u32>) {
    let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
    (times.ring.map(seconds), times.talk.map(seconds))
}

/// The times from `ring_s`, which is this column, and `talk_s`, which is the next.
pub(super) fn times(row: &Row<'_>, ring_s: usize) -> rusqlite::Result<CallTimes> {
    let time = |column| -> rusqlite::Result<Option<Duration>> {
        let seconds: Option<u32> = row.get(column)?;
        Ok(seconds.map(|seconds| Duration::from_secs(seconds.into())))
    };
    Ok(CallTimes {
        ring: time(ring_s)?,
        talk: time(ring_s + 1)?,
    })
}

/// A scope, where a row has the name of one.
pub(super) fn scope(name: Option<String>) -> Result<Option<Scope>> {
    let Some(name) = name else { return Ok(None) };
    let known = Scope::ALL.into_iter().find(|scope| scope.name() == name);
    known.map(Some).ok_or_else(|| corrupt("community", &name))
}

pub(super) fn control_word(control: DoorControl) -> &'static str {
    match control {
        DoorControl::Fixed => "fixed",
        DoorControl::Own => "own",
    }
}

pub(super) fn control(word: &str) -> Result<DoorControl> {
    let all = [DoorControl::Fixed, DoorControl::Own];
    let known = all
        .into_iter()
        .find(|control| control_word(*control) == word);
    known.ok_or_else(|| corrupt("device", word))
}

pub(super) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Manager => "manager",
        Role::Guard => "guard",
        Role::Viewer => "viewer",
    }
}

pub(super) fn role(word: &str) -> Result<Role> {
    let all = [Role::Manager, Role::Guard, Role::Viewer];
    let known = all.into_iter().find(|role| role_word(*role) == word);
    known.ok_or_else(|| corrupt("operator_role", word))
}

pub(super) fn corrupt(table: &'static str, row: &str) -> StoreFailure {
    StoreFailure::Corrupt {
        table,
        row: row.to_owned(),
    }
}
