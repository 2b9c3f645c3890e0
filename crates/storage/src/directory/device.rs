//! Devices, their secrets and what they say of themselves.

use app::directory::{Device, DeviceStatus};
use app::port::StoreFailure;
use app::principal::{DoorPrincipal, door_endpoint};
use app::secret::SecretDigest;
use engine::id::DeviceId;
use engine::time::Instant;
use rusqlite::{Connection, Row};

use crate::directory::row::{control, control_word, execute, find, insert};
use crate::directory::table::{Table, remove_row, text};
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
        "select id, community, null as parent, name, place, control from device";
    const DELETE: &'static str = "delete from device where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[];

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: text(row, 0)?.into(),
            community: text(row, 1)?.into(),
            name: text(row, 3)?,
            place: text(row, 4)?,
            control: control(&text(row, 5)?)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update device set name = $1, place = $2, control = $3 where id = $4";
        let form = control_word(self.control);
        let row = (&self.name, &self.place, form, self.id.as_str());
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
