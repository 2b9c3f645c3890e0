//! `UnlockStore` on SQLite.

use app::port::{
    BoxFuture, CredentialPage, Decided, KnownDoor, ListedCredential, LoggedUnlock, NewNonce,
    Sensed, Sight, UnlockQuery, UnlockRule, UnlockStore,
};
use app::secret::SecretDigest;
use engine::id::{CommunityId, CredentialId, DeviceId, FlatId, UnlockId};
use engine::time::Instant;
use rusqlite::{Connection, Params};

use crate::failure::{Result, on_insert, unavailable};
use crate::sql::{execute, list};
use crate::store::Store;
use crate::unlock::facts::{Facts, find_door};
use crate::unlock::row::{SELECT, query};
use crate::unlock::{credential, sensor, write};

/// How long a permission that has ended is remembered.
const DAY_MS: i64 = 24 * 3_600_000;

/// Orders that one sweep ends at most; the next sweep takes the rest.
const DUE_MAX: u32 = 200;

impl UnlockStore for Store {
    fn decide_unlock(&self, rule: UnlockRule) -> BoxFuture<'_, Result<Option<Decided>>> {
        Box::pin(async move {
            let key = self.audit_key()?;
            let deciding = move |connection: &Connection| {
                let Some(decided) = rule(&mut Facts(connection))? else {
                    return Ok(None);
                };
                write::write(connection, &key, &decided)?;
                Ok(Some(decided))
            };
            self.writer.run(deciding).await
        })
    }

    fn find_logged_unlock(&self, id: UnlockId) -> BoxFuture<'_, Result<Option<LoggedUnlock>>> {
        Box::pin(self.readers.run(move |connection| {
            let found = query(
                connection,
                &format!("{SELECT} where id = $1"),
                [id.as_str()],
            )?;
            Ok(found.into_iter().next())
        }))
    }

    fn overdue_unlocks(&self, now: Instant) -> BoxFuture<'_, Result<Vec<UnlockId>>> {
        let sql = "select id from unlock where phase in ('authorised', 'sent') and ends_ms <= $1
                   order by ends_ms limit $2";
        Box::pin(
            self.readers
                .run(move |connection| ids(connection, sql, (now.ms(), DUE_MAX))),
        )
    }

    fn unsent_unlocks(&self) -> BoxFuture<'_, Result<Vec<UnlockId>>> {
        let sql = "select id from unlock where phase = 'authorised'";
        Box::pin(self.readers.run(move |connection| ids(connection, sql, [])))
    }

    fn list_unlocks(&self, asked: UnlockQuery) -> BoxFuture<'_, Result<Vec<LoggedUnlock>>> {
        Box::pin(self.readers.run(move |connection| {
            let sql = format!(
                "{SELECT} where ($1 is null or community in
                         (select community from operator_role where operator = $1))
                     and ($2 is null or community = $2) and ($3 is null or door = $3)
                     and ($4 is null or id < $4) order by id desc limit $5"
            );
            let operator = match &asked.sight {
                Sight::Everywhere => None,
                Sight::Of(operator) => Some(operator.as_str()),
            };
            let params = (
                operator,
                asked.community.as_ref().map(CommunityId::as_str),
                asked.door.as_ref().map(DeviceId::as_str),
                asked.before.as_ref().map(UnlockId::as_str),
                u32::try_from(asked.limit).unwrap_or(u32::MAX),
            );
            query(connection, &sql, params)
        }))
    }

    fn common_doors(&self, community: CommunityId) -> BoxFuture<'_, Result<Vec<DeviceId>>> {
        let sql = "select id from device where community = $1 and kind in ('panel', 'outdoor')
                       and id not in (select door from flat_door) order by id";
        Box::pin(
            self.readers
                .run(move |connection| ids(connection, sql, [community.as_str()])),
        )
    }

    fn find_known_door(&self, device: DeviceId) -> BoxFuture<'_, Result<Option<KnownDoor>>> {
        Box::pin(
            self.readers
                .run(move |connection| find_door(connection, &device)),
        )
    }

    fn add_credential(
        &self,
        listed: ListedCredential,
        digest: SecretDigest,
    ) -> BoxFuture<'_, Result<()>> {
        Box::pin(
            self.writer
                .run(move |connection| credential::add_credential(connection, &listed, digest)),
        )
    }

    fn list_credentials(
        &self,
        page: CredentialPage,
    ) -> BoxFuture<'_, Result<Vec<ListedCredential>>> {
        Box::pin(
            self.readers
                .run(move |connection| credential::list_credentials(connection, &page)),
        )
    }

    fn find_listed_credential(
        &self,
        id: CredentialId,
    ) -> BoxFuture<'_, Result<Option<ListedCredential>>> {
        Box::pin(
            self.readers
                .run(move |connection| credential::find_listed(connection, &id)),
        )
    }

    fn remove_credential(&self, id: CredentialId) -> BoxFuture<'_, Result<bool>> {
        Box::pin(
            self.writer
                .run(move |connection| credential::remove_credential(connection, &id)),
        )
    }

    fn note_sensor(&self, door: DeviceId, sensed: Sensed) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let key = self.audit_key()?;
            let noting =
                move |connection: &Connection| sensor::note(connection, &key, &door, sensed);
            self.writer.run(noting).await
        })
    }

    fn find_sensed(&self, door: DeviceId) -> BoxFuture<'_, Result<Option<Sensed>>> {
        Box::pin(
            self.readers
                .run(move |connection| sensor::find_sensed(connection, &door)),
        )
    }

    fn add_nonce(&self, nonce: NewNonce) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            let sql = "insert into door_nonce (digest, flat, alarm, expires_ms)
                       values ($1, $2, $3, $4)";
            let row = (
                nonce.digest.0,
                nonce.flat.as_str(),
                &nonce.alarm,
                nonce.expires.ms(),
            );
            let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
            statement
                .execute(row)
                .map_err(on_insert("permission", "flat"))?;
            let old = "delete from door_nonce where expires_ms < $1";
            execute(connection, old, [nonce.expires.ms() - DAY_MS])?;
            Ok(())
        }))
    }

    fn set_door_flat(&self, door: DeviceId, flat: Option<FlatId>) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.writer.run(move |connection| {
            let Some(flat) = flat else {
                let sql = "delete from flat_door where door = $1";
                execute(connection, sql, [door.as_str()])?;
                return Ok(());
            };
            let sql = "insert into flat_door (door, flat) values ($1, $2)
                       on conflict (door) do update set flat = excluded.flat";
            let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
            let row = (door.as_str(), flat.as_str());
            statement
                .execute(row)
                .map_err(on_insert("door", "door or flat"))?;
            Ok(())
        }))
    }
}

fn ids<T: From<String>>(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<T>> {
    list(connection, sql, params, |row| {
        Ok(T::from(row.get::<_, String>(0)?))
    })
}
