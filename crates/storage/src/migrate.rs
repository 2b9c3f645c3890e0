//! The schema's history: applied in order, never changed afterwards.
//!
//! A database whose history differs from this program's, or is ahead of it, is refused.

use app::port::StoreFailure;
use rusqlite::{Connection, TransactionBehavior};

use crate::failure::{Result, unavailable};

struct Migration {
    name: &'static str,
    sql: &'static str,
}

/// A schema's whole history.
pub(crate) struct Schema(&'static [Migration]);

/// Calls, the directory and what is owed to others.
pub(crate) const CORE: Schema = Schema(&[
    Migration {
        name: "0001_core",
        sql: include_str!("../migrations/0001_core.sqlite.sql"),
    },
    Migration {
        name: "0002_outbox",
        sql: include_str!("../migrations/0002_outbox.sqlite.sql"),
    },
    Migration {
        name: "0003_unlock",
        sql: include_str!("../migrations/0003_unlock.sqlite.sql"),
    },
    Migration {
        name: "0004_alarm",
        sql: include_str!("../migrations/0004_alarm.sqlite.sql"),
    },
]);

/// The embedded broker's sessions.
pub(crate) const BROKER: Schema = Schema(&[Migration {
    name: "0001_sessions",
    sql: include_str!("../migrations/broker_0001_sessions.sqlite.sql"),
}]);

/// Brings the database to this program's schema.
pub(crate) fn migrate(connection: &mut Connection, Schema(history): &Schema) -> Result<()> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(unavailable)?;
    transaction
        .execute_batch(
            "create table if not exists migration (
                 version integer primary key, name text not null, digest text not null
             ) strict",
        )
        .map_err(unavailable)?;
    let applied = applied(&transaction)?;
    if applied.len() > history.len() {
        return Err(refused("the database was written by a newer koumen"));
    }
    for (migration, version) in history.iter().zip(1_u32..) {
        match applied.get(version as usize - 1) {
            Some(known) if *known == digest(migration) => {}
            Some(_) => return Err(refused("the database has another history than this koumen")),
            None => apply(&transaction, version, migration)?,
        }
    }
    transaction.commit().map_err(unavailable)
}

fn applied(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection
        .prepare("select digest from migration order by version")
        .map_err(unavailable)?;
    let rows = statement
        .query_map([], |row| row.get(0))
        .map_err(unavailable)?;
    rows.collect::<rusqlite::Result<_>>().map_err(unavailable)
}

fn apply(connection: &Connection, version: u32, migration: &Migration) -> Result<()> {
    connection
        .execute_batch(migration.sql)
        .map_err(unavailable)?;
    connection
        .execute(
            "insert into migration (version, name, digest) values ($1, $2, $3)",
            (version, migration.name, digest(migration)),
        )
        .map_err(unavailable)?;
    Ok(())
}

fn digest(migration: &Migration) -> String {
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, migration.sql.as_bytes());
    sum.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn refused(why: &str) -> StoreFailure {
    StoreFailure::Unavailable(why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &CORE).unwrap();

        migrate(&mut connection, &CORE).unwrap();

        assert_eq!(applied(&connection).unwrap().len(), CORE.0.len());
    }

    #[test]
    fn changed_history_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &CORE).unwrap();
        connection
            .execute("update migration set digest = 'x'", [])
            .unwrap();

        let refused = migrate(&mut connection, &CORE).unwrap_err();

        assert!(refused.to_string().contains("another history"), "{refused}");
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &CORE).unwrap();
        connection
            .execute("insert into migration values (99, 'later', 'x')", [])
            .unwrap();

        let refused = migrate(&mut connection, &CORE).unwrap_err();

        assert!(refused.to_string().contains("newer koumen"), "{refused}");
    }
}
