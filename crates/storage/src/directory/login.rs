//! Login names and passwords.

use app::port::{Account, AccountKind, StoreFailure};
use app::secret::PasswordHash;
use rusqlite::Connection;

use crate::directory::row::{account_kind, account_words, execute, find, insert};
use crate::failure::Result;

pub(super) fn add_account(
    connection: &Connection,
    name: &str,
    kind: &AccountKind,
    password: &PasswordHash,
) -> Result<()> {
    let sql = "insert into account (name, kind, subject, password) values ($1, $2, $3, $4)";
    let (kind, subject) = account_words(kind);
    insert(
        connection,
        sql,
        (name, kind, subject, &password.0),
        "name",
        "name",
    )
}

pub(super) fn rename_account(
    connection: &Connection,
    kind: &AccountKind,
    name: &str,
) -> Result<()> {
    let sql = "update account set name = $1 where kind = $2 and subject = $3";
    let (kind, subject) = account_words(kind);
    insert(connection, sql, (name, kind, subject), "name", "name")
}

/// Sets a password and ends what came from the old one.
pub(super) fn set_password(
    connection: &Connection,
    kind: &AccountKind,
    password: &PasswordHash,
) -> Result<()> {
    let sql = "update account set password = $1 where kind = $2 and subject = $3";
    let (word, subject) = account_words(kind);
    if execute(connection, sql, (&password.0, word, subject))? == 0 {
        return Err(StoreFailure::Missing { what: "account" });
    }
    end_logins(connection, kind)
}

/// Removes name and password, and ends what came from them.
pub(super) fn end_account(connection: &Connection, kind: &AccountKind) -> Result<()> {
    let sql = "delete from account where kind = $1 and subject = $2";
    execute(connection, sql, account_words(kind))?;
    end_logins(connection, kind)
}

/// Removes every token, and every registration that was made with one.
fn end_logins(connection: &Connection, kind: &AccountKind) -> Result<()> {
    let sql = "delete from token where kind = $1 and subject = $2";
    execute(connection, sql, account_words(kind))?;
    if let AccountKind::Resident(resident) = kind {
        let sql = "delete from client where resident = $1";
        execute(connection, sql, [resident.as_str()])?;
    }
    Ok(())
}

pub(super) fn find_account(connection: &Connection, name: &str) -> Result<Option<Account>> {
    let found: Option<(String, String, String)> = find(
        connection,
        "select kind, subject, password from account where name = $1",
        [name],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let Some((kind, subject, password)) = found else {
        return Ok(None);
    };
    let kind = account_kind(&kind, &subject)?;
    Ok(Some(Account {
        kind,
        password: PasswordHash(password),
    }))
}
