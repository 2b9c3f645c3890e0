//! Operators, residents, their names and passwords, and the tokens of their logins.

use app::directory::{Operator, Resident};
use app::port::{Account, AccountKind, StoredToken};
use app::principal::{Client, OperatorPrincipal, Principal, ResidentPrincipal};
use app::secret::{PasswordHash, SecretDigest};
use engine::id::Hand;
use engine::time::Instant;
use rusqlite::Connection;

use crate::directory::row::{account_kind, account_words, find, insert};
use crate::failure::Result;

pub(super) fn add_operator(
    connection: &Connection,
    operator: &Operator,
    password: &PasswordHash,
) -> Result<()> {
    let kind = AccountKind::Operator(operator.id.clone());
    add_account(connection, &operator.name, &kind, password)?;
    let sql = "insert into operator (id, name) values ($1, $2)";
    insert(
        connection,
        sql,
        (operator.id.as_str(), &operator.name),
        "operator",
        "operator",
    )
}

pub(super) fn add_resident(
    connection: &Connection,
    resident: &Resident,
    password: &PasswordHash,
) -> Result<()> {
    let kind = AccountKind::Resident(resident.id.clone());
    add_account(connection, &resident.name, &kind, password)?;
    let sql = "insert into resident (id, flat, name) values ($1, $2, $3)";
    let row = (resident.id.as_str(), resident.flat.as_str(), &resident.name);
    insert(connection, sql, row, "resident", "flat")
}

fn add_account(
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

pub(super) fn add_token(connection: &Connection, token: &StoredToken) -> Result<()> {
    let sql = "insert into token (digest, login, kind, subject, expires_ms)
               values ($1, $2, $3, $4, $5)";
    let (kind, subject) = account_words(&token.kind);
    let row = (
        token.digest.0,
        token.login.as_str(),
        kind,
        subject,
        token.expires.ms(),
    );
    insert(connection, sql, row, "token", "token")
}

/// The principal of a token that is valid at `now`, and until when it is.
pub(super) fn find_token(
    connection: &Connection,
    digest: SecretDigest,
    now: Instant,
) -> Result<Option<(Principal, Instant)>> {
    type Found = (String, String, String, i64, Option<String>, Option<String>);
    let found: Option<Found> = find(
        connection,
        "select token.kind, token.subject, token.login, token.expires_ms, client.id, client.name
         from token left join client on client.id = token.client
         where token.digest = $1 and token.expires_ms > $2",
        (digest.0, now.ms()),
        |row| {
            let words = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((
                words.0,
                words.1,
                words.2,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        },
    )?;
    let Some((kind, subject, login, expires, client, name)) = found else {
        return Ok(None);
    };
    let client = client.zip(name).map(|(id, name)| Client { id, name });
    let principal = match account_kind(&kind, &subject)? {
        AccountKind::Resident(resident) => {
            let login = Hand::from(login);
            Principal::Resident(ResidentPrincipal {
                resident,
                login,
                client,
            })
        }
        AccountKind::Operator(operator) => Principal::Operator(OperatorPrincipal { operator }),
    };
    Ok(Some((principal, Instant::from_ms(expires))))
}
