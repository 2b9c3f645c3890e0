//! The tokens of logins.

use app::directory::Operator;
use app::port::{AccountKind, StoredToken};
use app::principal::{Client, OperatorPrincipal, Principal, ResidentPrincipal};
use app::secret::{PasswordHash, SecretDigest};
use engine::id::Hand;
use engine::time::Instant;
use rusqlite::Connection;

use crate::directory::operator::find_operator;
use crate::directory::row::{account_kind, account_words, execute, find};
use crate::failure::Result;

pub(super) fn remove_token(connection: &Connection, digest: SecretDigest) -> Result<bool> {
    let sql = "delete from token where digest = $1";
    Ok(execute(connection, sql, [digest.0])? == 1)
}

/// Whether the account still has the password; the token is kept only then.
pub(super) fn add_token(
    connection: &Connection,
    token: &StoredToken,
    password: &PasswordHash,
) -> Result<bool> {
    let sql = "insert into token (digest, login, kind, subject, expires_ms)
               select $1, $2, kind, subject, $3 from account
               where kind = $4 and subject = $5 and password = $6";
    let (kind, subject) = account_words(&token.kind);
    let row = (
        token.digest.0,
        token.login.as_str(),
        token.expires.ms(),
        kind,
        subject,
        &password.0,
    );
    Ok(execute(connection, sql, row)? == 1)
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
        AccountKind::Operator(id) => {
            let Some(Operator { id, reach, .. }) = find_operator(connection, &id)? else {
                return Ok(None);
            };
            let operator = id;
            Principal::Operator(OperatorPrincipal { operator, reach })
        }
    };
    Ok(Some((principal, Instant::from_ms(expires))))
}
