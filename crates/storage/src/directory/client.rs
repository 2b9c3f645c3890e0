//! Registered clients.

use app::directory::{ClientKey, ClientRow, ClientStatus, PublicKey};
use app::port::Registered;
use app::principal::Client;
use engine::id::{Hand, ResidentId};
use rusqlite::{Connection, Row};

use crate::directory::row::{execute, find, insert, list};
use crate::failure::{Result, unavailable};

/// Adds or renews a client, binds the login to it, and lets the oldest go at the limit. None if the
/// login is over.
pub(super) fn register(
    connection: &Connection,
    row: &ClientRow,
    login: &Hand,
    clients_max: usize,
) -> Result<Option<Registered>> {
    if !is_signed_in(connection, &row.resident, login)? {
        return Ok(None);
    }
    write(connection, row)?;
    let client = find_client(connection, &row.resident, &row.client.name)?;
    let client = client.ok_or_else(|| unavailable("a client vanished while it registered"))?;
    bind(connection, login, &client)?;
    let gone = let_oldest_go(connection, &row.resident, &client, clients_max)?;
    Ok(Some(Registered { client, gone }))
}

/// By a token, or by the pass of a client, which names the client as its login.
fn is_signed_in(connection: &Connection, resident: &ResidentId, login: &Hand) -> Result<bool> {
    let sql = "select 1 from token where login = $1 and kind = 'resident' and subject = $2
               union all select 1 from client where resident = $2 and name = $1";
    let found = find(connection, sql, (login.as_str(), resident.as_str()), |_| {
        Ok(())
    });
    Ok(found?.is_some())
}

fn write(connection: &Connection, row: &ClientRow) -> Result<()> {
    insert(
        connection,
        "insert into client (id, resident, name, platform, device_type, app_version, push_token,
             public_key, registered_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (resident, name) do update set platform = excluded.platform,
             device_type = excluded.device_type, app_version = excluded.app_version,
             push_token = excluded.push_token, public_key = excluded.public_key,
             registered_ms = excluded.registered_ms",
        (
            &row.client.id,
            row.resident.as_str(),
            &row.client.name,
            &row.platform,
            &row.device_type,
            &row.app_version,
            &row.push_token,
            row.public_key.as_ref().map(|key| &key.0),
            row.registered.ms(),
        ),
        "client",
        "resident",
    )
}

fn let_oldest_go(
    connection: &Connection,
    resident: &ResidentId,
    newest: &Client,
    clients_max: usize,
) -> Result<Vec<Client>> {
    let others: Vec<Client> = list(
        connection,
        "select id, name from client where resident = $1 and id <> $2
         order by registered_ms desc, id desc",
        (resident.as_str(), &newest.id),
        to_client,
    )?;
    let gone: Vec<Client> = others
        .into_iter()
        .skip(clients_max.saturating_sub(1))
        .collect();
    for client in &gone {
        execute(connection, "delete from client where id = $1", [&client.id])?;
    }
    Ok(gone)
}

pub(super) fn find_client(
    connection: &Connection,
    resident: &ResidentId,
    name: &str,
) -> Result<Option<Client>> {
    let sql = "select id, name from client where resident = $1 and name = $2";
    find(connection, sql, (resident.as_str(), name), to_client)
}

pub(super) fn keys(connection: &Connection, of: Option<&ResidentId>) -> Result<Vec<ClientKey>> {
    let sql = "select id, name, resident, public_key from client
               where public_key is not null and ($1 is null or resident = $1)";
    list(connection, sql, [of.map(ResidentId::as_str)], |row| {
        Ok(ClientKey {
            client: to_client(row)?,
            resident: ResidentId::from(row.get::<_, String>(2)?),
            key: PublicKey(row.get(3)?),
        })
    })
}

pub(super) fn all(
    connection: &Connection,
    of: Option<&ResidentId>,
) -> Result<Vec<(ResidentId, Client)>> {
    let sql = "select id, name, resident from client where $1 is null or resident = $1";
    list(connection, sql, [of.map(ResidentId::as_str)], |row| {
        Ok((ResidentId::from(row.get::<_, String>(2)?), to_client(row)?))
    })
}

fn to_client(row: &Row<'_>) -> rusqlite::Result<Client> {
    Ok(Client {
        id: row.get(0)?,
        name: row.get(1)?,
    })
}

/// False if no token has this login, as for a pass, which names its client there.
pub(super) fn bind(connection: &Connection, login: &Hand, client: &Client) -> Result<bool> {
    let sql = "update token set client = $1 where login = $2";
    Ok(execute(connection, sql, (&client.id, login.as_str()))? == 1)
}

pub(super) fn set_status(
    connection: &Connection,
    resident: &ResidentId,
    name: &str,
    status: ClientStatus,
) -> Result<bool> {
    let sql = "update client set active = $1, priority = $2, last_active_ms = $3
               where resident = $4 and name = $5";
    let row = (
        status.active,
        status.priority,
        status.last_active_ms,
        resident.as_str(),
        name,
    );
    Ok(execute(connection, sql, row)? == 1)
}
