//! Whom ids of residents, devices, flats and communities stand for.

use app::principal::{Client, client_endpoint, door_endpoint, resident_endpoint};
use engine::id::{DeviceId, EndpointId, ResidentId};
use rusqlite::Connection;

use crate::directory::row::{find, list};
use crate::failure::Result;

/// The endpoints behind the ids, each once; the first id that is nothing is the inner error.
pub(super) fn endpoints_behind(
    connection: &Connection,
    ids: &[String],
) -> Result<std::result::Result<Vec<EndpointId>, String>> {
    let mut endpoints = Vec::new();
    for id in ids {
        if !is_known(connection, id)? {
            return Ok(Err(id.clone()));
        }
        endpoints.extend(doors(connection, id)?);
        endpoints.extend(phones(connection, id)?);
        endpoints.extend(clients(connection, id)?);
    }
    endpoints.sort();
    endpoints.dedup();
    Ok(Ok(endpoints))
}

fn is_known(connection: &Connection, id: &str) -> Result<bool> {
    let sql = "select exists (select 1 from resident where id = $1)
                   or exists (select 1 from device where id = $1)
                   or exists (select 1 from flat where id = $1)
                   or exists (select 1 from community where id = $1)";
    Ok(find(connection, sql, [id], |row| row.get(0))?.unwrap_or(false))
}

fn doors(connection: &Connection, id: &str) -> Result<Vec<EndpointId>> {
    let sql = "select id from device where (id = $1 or community = $1) and control is not null";
    list(connection, sql, [id], |row| {
        Ok(door_endpoint(&DeviceId::from(row.get::<_, String>(0)?)))
    })
}

fn phones(connection: &Connection, id: &str) -> Result<Vec<EndpointId>> {
    let sql = "select resident.id from resident join flat on flat.id = resident.flat
               where resident.id = $1 or flat.id = $1 or flat.community = $1";
    list(connection, sql, [id], |row| {
        Ok(resident_endpoint(&ResidentId::from(
            row.get::<_, String>(0)?,
        )))
    })
}

fn clients(connection: &Connection, id: &str) -> Result<Vec<EndpointId>> {
    let sql = "select client.id, client.name from client
               join resident on resident.id = client.resident
               join flat on flat.id = resident.flat
               where resident.id = $1 or flat.id = $1 or flat.community = $1";
    list(connection, sql, [id], |row| {
        Ok(client_endpoint(&Client {
            id: row.get(0)?,
            name: row.get(1)?,
        }))
    })
}
