//! Devices, their secrets and what they say of themselves.

use app::directory::{Device, DeviceStatus};
use app::principal::DoorPrincipal;
use app::secret::SecretDigest;
use engine::id::DeviceId;
use engine::time::Instant;
use rusqlite::Connection;

use crate::directory::row::{control, control_word, execute, find, insert};
use crate::failure::Result;

pub(super) fn add_device(
    connection: &Connection,
    device: &Device,
    secret: SecretDigest,
) -> Result<()> {
    let sql = "insert into device (id, community, name, place, control, secret)
               values ($1, $2, $3, $4, $5, $6)";
    let Device {
        id,
        community,
        name,
        place,
        ..
    } = device;
    let form = control_word(device.control);
    let row = (id.as_str(), community.as_str(), name, place, form, secret.0);
    insert(connection, sql, row, "device", "community")
}

/// A device by its id.
pub(crate) fn find_device(connection: &Connection, id: &DeviceId) -> Result<Option<Device>> {
    let found: Option<(String, String, String, String)> = find(
        connection,
        "select community, name, place, control from device where id = $1",
        [id.as_str()],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let Some((community, name, place, form)) = found else {
        return Ok(None);
    };
    let (id, community) = (id.clone(), community.into());
    Ok(Some(Device {
        id,
        community,
        name,
        place,
        control: control(&form)?,
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
