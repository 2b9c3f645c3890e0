//! Codes and cards as rows.

use app::port::{CredentialPage, ListedCredential, Sight, StoreFailure};
use app::secret::SecretDigest;
use engine::access::{Credential, CredentialKind};
use engine::id::{CommunityId, CredentialId, FlatId};
use engine::time::Instant;
use rusqlite::{Connection, Params, Row, ToSql};

use crate::failure::{Result, on_insert, unavailable};
use crate::sql::{execute, list};

const SELECT: &str = "select id, community, flat, resident, kind, label, from_ms, until_ms,
     uses_left, created_ms from credential";

pub(super) fn add_credential(
    connection: &Connection,
    listed: &ListedCredential,
    digest: SecretDigest,
) -> Result<()> {
    let sql = "insert into credential (id, community, flat, resident, kind, digest, label, from_ms,
                   until_ms, uses_left, created_ms)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let one = &listed.credential;
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    let row = (
        one.id.as_str(),
        one.community.as_str(),
        one.flat.as_str(),
        one.resident.as_ref().map(|one| one.as_str()),
        one.kind.name(),
        digest.0,
        &listed.label,
        one.from.map(|at| at.ms()),
        one.until.map(|at| at.ms()),
        one.uses_left,
        listed.created.ms(),
    );
    statement
        .execute(row)
        .map_err(on_insert("code or card", "flat or resident"))?;
    Ok(())
}

/// The credential that `condition`, about its one parameter, selects.
pub(super) fn find_credential(
    connection: &Connection,
    condition: &str,
    parameter: impl ToSql,
) -> Result<Option<Credential>> {
    let found = query(connection, &format!("{SELECT} {condition}"), [parameter])?;
    Ok(found.into_iter().next().map(|listed| listed.credential))
}

pub(super) fn find_listed(
    connection: &Connection,
    id: &CredentialId,
) -> Result<Option<ListedCredential>> {
    let found = query(
        connection,
        &format!("{SELECT} where id = $1"),
        [id.as_str()],
    )?;
    Ok(found.into_iter().next())
}

pub(super) fn list_credentials(
    connection: &Connection,
    page: &CredentialPage,
) -> Result<Vec<ListedCredential>> {
    let sql = format!(
        "{SELECT} where ($1 is null or community in
                 (select community from operator_role where operator = $1))
             and ($2 is null or community = $2) and ($3 is null or flat = $3)
             and ($4 is null or kind = $4) and id > $5 order by id limit $6"
    );
    let operator = match &page.sight {
        Sight::Everywhere => None,
        Sight::Of(operator) => Some(operator.as_str()),
    };
    let params = (
        operator,
        page.community.as_ref().map(CommunityId::as_str),
        page.flat.as_ref().map(FlatId::as_str),
        page.kind.map(CredentialKind::name),
        page.after.as_ref().map_or("", CredentialId::as_str),
        u32::try_from(page.limit).unwrap_or(u32::MAX),
    );
    query(connection, &sql, params)
}

pub(super) fn remove_credential(connection: &Connection, id: &CredentialId) -> Result<bool> {
    let sql = "delete from credential where id = $1";
    Ok(execute(connection, sql, [id.as_str()])? == 1)
}

fn query(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<ListedCredential>> {
    let rows = list(connection, sql, params, |row| {
        let kind: String = row.get(4)?;
        Ok((kind, stored(row)?))
    })?;
    let named = rows.into_iter().map(|(name, mut listed)| {
        let kind = CredentialKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name);
        listed.credential.kind = kind.ok_or_else(|| StoreFailure::Corrupt {
            table: "credential",
            row: listed.credential.id.to_string(),
        })?;
        Ok(listed)
    });
    named.collect()
}

/// All but the kind, which needs reading.
fn stored(row: &Row<'_>) -> rusqlite::Result<ListedCredential> {
    let text = |column| row.get::<_, String>(column);
    let resident: Option<String> = row.get(3)?;
    let moment = |column| -> rusqlite::Result<Option<Instant>> {
        Ok(row.get::<_, Option<i64>>(column)?.map(Instant::from_ms))
    };
    Ok(ListedCredential {
        credential: Credential {
            id: text(0)?.into(),
            kind: CredentialKind::Pin,
            community: text(1)?.into(),
            flat: text(2)?.into(),
            resident: resident.map(Into::into),
            from: moment(6)?,
            until: moment(7)?,
            uses_left: row.get(8)?,
        },
        label: text(5)?,
        created: Instant::from_ms(row.get(9)?),
    })
}
