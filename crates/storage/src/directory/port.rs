//! `DirectoryStore` on SQLite.

use app::directory::{Community, Device, Flat, Operator, Resident};
use app::port::{Account, AccountKind, BoxFuture, DirectoryStore, StoreFailure, StoredToken};
use app::principal::{DoorPrincipal, OperatorPrincipal, Principal, ResidentPrincipal};
use app::secret::{PasswordHash, SecretDigest};
use engine::id::{DeviceId, Hand};
use engine::time::Instant;
use rusqlite::{Connection, OptionalExtension};

use crate::failure::{Result, on_insert, unavailable};
use crate::store::Store;

const RESIDENT: &str = "resident";
const OPERATOR: &str = "operator";

impl DirectoryStore for Store {
    fn add_operator(
        &self,
        operator: Operator,
        password: PasswordHash,
    ) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            let id = operator.id.as_str();
            add_account(connection, &operator.name, OPERATOR, id, &password)?;
            let sql = "insert into operator (id, name) values ($1, $2)";
            insert(
                connection,
                sql,
                (id, &operator.name),
                "operator",
                "operator",
            )
        }))
    }

    fn add_community(&self, community: Community) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            let sql = "insert into community (id, name) values ($1, $2)";
            let row = (community.id.as_str(), &community.name);
            insert(connection, sql, row, "community", "community")
        }))
    }

    fn add_flat(&self, flat: Flat) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            let sql = "insert into flat (id, community, number) values ($1, $2, $3)";
            let row = (flat.id.as_str(), flat.community.as_str(), &flat.number);
            insert(connection, sql, row, "flat", "community")
        }))
    }

    fn add_resident(
        &self,
        resident: Resident,
        password: PasswordHash,
    ) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            let id = resident.id.as_str();
            add_account(connection, &resident.name, RESIDENT, id, &password)?;
            let sql = "insert into resident (id, flat, name) values ($1, $2, $3)";
            let row = (id, resident.flat.as_str(), &resident.name);
            insert(connection, sql, row, "resident", "flat")
        }))
    }

    fn add_device(&self, device: Device, secret: SecretDigest) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            let sql = "insert into device (id, community, name, secret) values ($1, $2, $3, $4)";
            let row = (
                device.id.as_str(),
                device.community.as_str(),
                &device.name,
                secret.0,
            );
            insert(connection, sql, row, "device", "community")
        }))
    }

    fn find_account(&self, name: String) -> BoxFuture<'_, Result<Option<Account>>> {
        Box::pin(self.readers.run(move |connection| {
            let mut statement = connection
                .prepare_cached("select kind, subject, password from account where name = $1")
                .map_err(unavailable)?;
            let found: Option<(String, String, String)> = statement
                .query_row([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()
                .map_err(unavailable)?;
            let Some((kind, subject, password)) = found else {
                return Ok(None);
            };
            let kind = account_kind(&kind, &subject)?;
            Ok(Some(Account {
                kind,
                password: PasswordHash(password),
            }))
        }))
    }

    fn add_token(&self, token: StoredToken) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
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
        }))
    }

    fn find_token(
        &self,
        digest: SecretDigest,
        now: Instant,
    ) -> BoxFuture<'_, Result<Option<(Principal, Instant)>>> {
        Box::pin(
            self.readers
                .run(move |connection| find_token(connection, digest, now)),
        )
    }

    fn find_device(
        &self,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<Option<(DoorPrincipal, SecretDigest)>>> {
        Box::pin(self.readers.run(move |connection| {
            let mut statement = connection
                .prepare_cached("select community, secret from device where id = $1")
                .map_err(unavailable)?;
            let found: Option<(String, [u8; 32])> = statement
                .query_row([device.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
                .map_err(unavailable)?;
            Ok(found.map(|(community, secret)| {
                (
                    DoorPrincipal {
                        device,
                        community: community.into(),
                    },
                    SecretDigest(secret),
                )
            }))
        }))
    }
}

fn find_token(
    connection: &Connection,
    digest: SecretDigest,
    now: Instant,
) -> Result<Option<(Principal, Instant)>> {
    let mut statement = connection
        .prepare_cached(
            "select kind, subject, login, expires_ms from token
             where digest = $1 and expires_ms > $2",
        )
        .map_err(unavailable)?;
    let found: Option<(String, String, String, i64)> = statement
        .query_row((digest.0, now.ms()), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()
        .map_err(unavailable)?;
    let Some((kind, subject, login, expires)) = found else {
        return Ok(None);
    };
    let principal = match account_kind(&kind, &subject)? {
        AccountKind::Resident(resident) => Principal::Resident(ResidentPrincipal {
            resident,
            login: Hand::from(login),
        }),
        AccountKind::Operator(operator) => Principal::Operator(OperatorPrincipal { operator }),
    };
    Ok(Some((principal, Instant::from_ms(expires))))
}

fn add_account(
    connection: &Connection,
    name: &str,
    kind: &str,
    subject: &str,
    password: &PasswordHash,
) -> Result<()> {
    let sql = "insert into account (name, kind, subject, password) values ($1, $2, $3, $4)";
    insert(
        connection,
        sql,
        (name, kind, subject, &password.0),
        "name",
        "name",
    )
}

fn insert(
    connection: &Connection,
    sql: &str,
    row: impl rusqlite::Params,
    what: &'static str,
    refers_to: &'static str,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    statement.execute(row).map_err(on_insert(what, refers_to))?;
    Ok(())
}

fn account_words(kind: &AccountKind) -> (&'static str, &str) {
    match kind {
        AccountKind::Resident(id) => (RESIDENT, id.as_str()),
        AccountKind::Operator(id) => (OPERATOR, id.as_str()),
    }
}

fn account_kind(kind: &str, subject: &str) -> Result<AccountKind> {
    match kind {
        RESIDENT => Ok(AccountKind::Resident(subject.into())),
        OPERATOR => Ok(AccountKind::Operator(subject.into())),
        _ => Err(StoreFailure::Corrupt {
            table: "account",
            row: subject.to_owned(),
        }),
    }
}
