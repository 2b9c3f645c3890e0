//! What each kind of thing needs to be found, listed, changed and removed.

use app::port::{Entry, StoreFailure};
use rusqlite::{Connection, Row};

use crate::directory::row::{execute, find};
use crate::failure::{Result, unavailable};

/// A kind of thing as rows.
pub(super) trait Table: Entry + Sized {
    /// A query of id, community and parent (what it is directly within, or null), then the fields.
    const SELECT: &'static str;

    /// Deletes the row with the id `$1`.
    const DELETE: &'static str;

    /// Queries that say whether something refers to the id `$1`, and what that is.
    const HOLDERS: &'static [(&'static str, &'static str)];

    /// Reads a row of the query.
    fn read(row: &Row<'_>) -> Result<Self>;

    /// Writes the fields that may change.
    fn write(&self, connection: &Connection) -> Result<()>;

    /// Removes it; false if there is none.
    fn remove(connection: &Connection, id: &str) -> Result<bool> {
        remove_row::<Self>(connection, id)
    }
}

/// Removes the row unless something refers to it.
pub(super) fn remove_row<T: Table>(connection: &Connection, id: &str) -> Result<bool> {
    for (query, why) in T::HOLDERS {
        if find(connection, query, [id], |row| row.get(0))?.unwrap_or(false) {
            return Err(StoreFailure::Held { what: T::WHAT, why });
        }
    }
    Ok(execute(connection, T::DELETE, [id])? == 1)
}

/// A text that a row's query always yields.
pub(super) fn text(row: &Row<'_>, column: usize) -> Result<String> {
    row.get(column).map_err(unavailable)
}
