//! Statements that everyone writes.

use rusqlite::{Connection, OptionalExtension, Params, Row};

use crate::failure::{Result, unavailable};

/// Runs a statement; how many rows it touched.
pub(crate) fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    statement.execute(params).map_err(unavailable)
}

/// The one row that `sql` selects, if there is one.
pub(crate) fn find<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    statement
        .query_row(params, read)
        .optional()
        .map_err(unavailable)
}

/// All rows that `sql` selects.
pub(crate) fn list<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    let rows = statement.query_map(params, read).map_err(unavailable)?;
    rows.collect::<rusqlite::Result<_>>().map_err(unavailable)
}
