//! Devices, their secrets and what they say of themselves.

use app::directory::{CallTimes, Device, DeviceStatus};
use app::port::StoreFailure;
use app::principal::{DoorPrincipal, door_endpoint};
use app::secret::SecretDigest;
use engine::id::DeviceId;
use engine::time::Instant;
use rusqlite::{Connection, Row};

use crate::directory::row::{
    control, control_word, execute, find, insert, list, time_columns, times,
};
use crate::directory::table::{Table, remove_row, text};
use crate::failure::{Result, unavailable};

pub(super) fn add_device(
    connection: &Connection,
    device: &Device,
    secret: SecretDigest,
) -> Result<()> {
    let sql = "insert into device (id, community, name, place, control, secret, ring_s, talk_s)
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let Device {
        id,
        community,
        name,
        place,
        ..
    } = device;
    let form = control_word(device.control);
    let (ring_s, talk_s) = time_columns(device.times);
    let (id, community) = (id.as_str(), community.as_str());
    let row = (id, community, name, place, form, secret.0, ring_s, talk_s);
    insert(connection, sql, row, "device", "community")
}

/// A device by its id.
pub(crate) fn find_device(connection: &Connection, id: &DeviceId) -> Result<Option<Device>> {
    type Found = (String, String, String, String, CallTimes);
    let found: Option<Found> = find(
        connection,
        "select community, name, place, control, ring_s, talk_s from device where id = $1",
        [id.as_str()],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                times(row, 4)?,
            ))
        },
    )?;
    let Some((community, name, place, form, times)) = found else {
        return Ok(None);
    };
    let (id, community) = (id.clone(), community.into());
    Ok(Some(Device {
        id,
        community,
        name,
        place,
        control: control(&form)?,
        times,
    }))
}

pub(super) fn find_door(
    connection: &Connection,
    id: &DeviceId,
) -> Result<Option<(DoorPrincipal, SecretDigest)>> {
    let Some(device) = find_device(connection, id)? else {
        return Ok(None);
    };
    let sql = "select secret from device where id = $1";
    let secret = find(connection, sql, [id.as_str()], |row| row.get(0))?;
    let Device {
        id,
        community,
        control,
        ..
    } = device;
    let door = DoorPrincipal {
        device: id,
        community,
        control,
    };
    Ok(secret.map(|digest| (door, SecretDigest(digest))))
}

pub(super) fn doors(connection: &Connection) -> Result<Vec<(DoorPrincipal, SecretDigest)>> {
    type Found = (String, String, String, [u8; 32]);
    let sql = "select id, community, control, secret from device order by id";
    let found: Vec<Found> = list(connection, sql, [], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let to_door = |(id, community, form, secret): Found| {
        let door = DoorPrincipal {
            device: id.into(),
            community: community.into(),
            control: control(&form)?,
        };
        Ok((door, SecretDigest(secret)))
    };
    found.into_iter().map(to_door).collect()
}

pub(super) fn set_secret(
    connection: &Connection,
    id: &DeviceId,
    secret: SecretDigest,
) -> Result<()> {
    let sql = "update device set secret = $1 where id = $2";
    match execute(connection, sql, (secret.0, id.as_str()))? {
        0 => Err(StoreFailure::Missing { what: "device" }),
        _ => Ok(()),
    }
}

impl Table for Device {
    const SELECT: &'static str =
        "select id, community, null as parent, name, place, control, ring_s, talk_s from device";
    const DELETE: &'static str = "delete from device where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[];

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: text(row, 0)?.into(),
            community: text(row, 1)?.into(),
            name: text(row, 3)?,
            place: text(row, 4)?,
            control: control(&text(row, 5)?)?,
            times: times(row, 6).map_err(unavailable)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update device set name = $1, place = $2, control = $3, ring_s = $4, talk_s = $5
                   where id = $6";
        let form = control_word(self.control);
        let (ring_s, talk_s) = time_columns(self.times);
        let id = self.id.as_str();
        let row = (&self.name, &self.place, form, ring_s, talk_s, id);
        insert(connection, sql, row, "device", "community")
    }

    fn remove(connection: &Connection, id: &str) -> Result<bool> {
        let sql = "select exists (select 1 from party where endpoint = $1)";
        let endpoint = door_endpoint(&DeviceId::from(id));
        if find(connection, sql, [endpoint.as_str()], |row| row.get(0))?.unwrap_or(false) {
            let (what, why) = ("device", "it is in a call");
            return Err(StoreFailure::Held { what, why });
        }
        remove_row::<Self>(connection, id)
    }
}

pub(super) fn set_status(
    connection: &Connection,
    device: &DeviceId,
    status: DeviceStatus,
) -> Result<()> {
    let sql = "insert into device_status (device, online, heard_ms, device_ms)
               values ($1, $2, $3, $4)
               on conflict (device) do update set online = excluded.online,
                   heard_ms = excluded.heard_ms, device_ms = excluded.device_ms";
    let row = (
        device.as_str(),
        status.online,
        status.heard.ms(),
        status.device_ms,
    );
    execute(connection, sql, row).map(drop)
}

pub(super) fn find_status(
    connection: &Connection,
    device: &DeviceId,
) -> Result<Option<DeviceStatus>> {
    find(
        connection,
        "select online, heard_ms, device_ms from device_status where device = $1",
        [device.as_str()],
        |row| {
            let heard = Instant::from_ms(row.get(1)?);
            Ok(DeviceStatus {
                online: row.get(0)?,
                heard,
                device_ms: row.get(2)?,
            })
        },
    )
}
