//! Households as calls need them.

use app::directory::{CallTimes, Device, Household, HouseholdEndpoint};
use app::principal::{Client, client_endpoint, resident_endpoint};
use engine::id::{CommunityId, FlatId, ResidentId};
use rusqlite::Connection;

use crate::directory::row::{find, list, rooms, scope, times};
use crate::directory::table::Table;
use crate::failure::Result;

/// The household that a visitor dials, with every endpoint of its residents: registered clients by
/// priority, then screens, then each resident's other phones.
pub(crate) fn find_household(
    connection: &Connection,
    community: &CommunityId,
    number: &str,
) -> Result<Option<Household>> {
    type Found = (String, CallTimes, CallTimes, String, Option<String>);
    let found: Option<Found> = find(
        connection,
        "select flat.id, flat.ring_s, flat.talk_s,
             community.ring_s, community.talk_s, community.rooms, community.declines
         from flat join community on community.id = flat.community
         where flat.community = $1 and flat.number = $2",
        (community.as_str(), number),
        |row| {
            Ok((
                row.get(0)?,
                times(row, 1)?,
                times(row, 3)?,
                row.get(5)?,
                row.get(6)?,
            ))
        },
    )?;
    let Some((flat, times, community_times, naming, declines)) = found else {
        return Ok(None);
    };
    let flat = FlatId::from(flat);
    let mut endpoints = clients(connection, &flat)?;
    endpoints.extend(rooms_endpoints(connection, &flat)?);
    endpoints.extend(phones(connection, &flat)?);
    Ok(Some(Household {
        flat,
        times,
        community_times,
        declines: scope(declines)?,
        rooms: rooms(&naming)?,
        endpoints,
    }))
}

fn clients(connection: &Connection, flat: &FlatId) -> Result<Vec<HouseholdEndpoint>> {
    list(
        connection,
        "select client.id, client.name, client.resident
         from resident join client on client.resident = resident.id
         where resident.flat = $1
         order by client.priority desc, client.registered_ms desc, client.id",
        [flat.as_str()],
        |row| {
            let client = Client {
                id: row.get(0)?,
                name: row.get(1)?,
            };
            let resident = ResidentId::from(row.get::<_, String>(2)?);
            let endpoint = client_endpoint(&client);
            Ok(HouseholdEndpoint {
                endpoint,
                resident: Some(resident),
                is_client: true,
            })
        },
    )
}

/// The screens of the flat, and boxes that stand for it.
fn rooms_endpoints(connection: &Connection, flat: &FlatId) -> Result<Vec<HouseholdEndpoint>> {
    let sql = format!("{} where flat = $1 order by id", Device::SELECT);
    let devices = list(connection, &sql, [flat.as_str()], |row| {
        Ok(Device::read(row))
    })?;
    let endpoint = |device: Result<Device>| {
        Ok(HouseholdEndpoint {
            endpoint: device?.endpoint(),
            resident: None,
            is_client: false,
        })
    };
    devices.into_iter().map(endpoint).collect()
}

fn phones(connection: &Connection, flat: &FlatId) -> Result<Vec<HouseholdEndpoint>> {
    list(
        connection,
        "select id from resident where flat = $1 order by id",
        [flat.as_str()],
        |row| {
            let resident = ResidentId::from(row.get::<_, String>(0)?);
            let endpoint = resident_endpoint(&resident);
            Ok(HouseholdEndpoint {
                endpoint,
                resident: Some(resident),
                is_client: false,
            })
        },
    )
}
