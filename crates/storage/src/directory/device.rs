//! Devices, their secrets and what they say of themselves.

use app::directory::{BoxedDevice, Device, DeviceKind, DeviceStatus, UnitId};
use app::port::StoreFailure;
use app::principal::DoorPrincipal;
use app::secret::SecretDigest;
use engine::id::{CommunityId, DeviceId};
use engine::time::Instant;
use rusqlite::{Connection, Row};

use crate::directory::kind::{KindColumns, kind};
use crate::directory::row::{control, execute, find, insert, list, time_columns, times};
use crate::directory::table::{Table, remove_row, text};
use crate::failure::{Result, unavailable};

/// What a device refers to.
const PARENTS: &str = "community, unit or flat";

pub(super) fn add_device(
    connection: &Connection,
    device: &Device,
    secret: SecretDigest,
) -> Result<()> {
    let sql = "insert into device (id, community, unit, name, place,
                   kind, control, flat, ip, port, profile, secret, ring_s, talk_s)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let kind = KindColumns::from(&device.kind);
    check_address(connection, device, &kind)?;
    let (ring_s, talk_s) = time_columns(device.times);
    let row = rusqlite::params![
        device.id.as_str(),
        device.community.as_str(),
        device.unit.as_ref().map(|unit| &unit.0),
        device.name,
        device.place,
        kind.kind,
        kind.control,
        kind.flat,
        kind.ip,
        kind.port,
        kind.profile,
        secret.0,
        ring_s,
        talk_s,
    ];
    insert(connection, sql, row, "device", PARENTS)
}

/// An address is no other device's: who calls from there is known by it.
fn check_address(connection: &Connection, device: &Device, kind: &KindColumns) -> Result<()> {
    let sql = "select exists (select 1 from device where ip = $1 and id <> $2)";
    match find(connection, sql, (&kind.ip, device.id.as_str()), |row| {
        row.get(0)
    })? {
        Some(true) => Err(StoreFailure::Conflict {
            what: "a device at this address",
        }),
        Some(false) | None => Ok(()),
    }
}

/// A device by its id.
pub(crate) fn find_device(connection: &Connection, id: &DeviceId) -> Result<Option<Device>> {
    let sql = format!("{} where id = $1", Device::SELECT);
    find(connection, &sql, [id.as_str()], |row| Ok(Device::read(row)))?.transpose()
}

/// A device and the digest of its secret.
pub(super) fn find_known(
    connection: &Connection,
    id: &DeviceId,
) -> Result<Option<(Device, SecretDigest)>> {
    let Some(device) = find_device(connection, id)? else {
        return Ok(None);
    };
    let sql = "select secret from device where id = $1";
    let secret = find(connection, sql, [id.as_str()], |row| row.get(0))?;
    Ok(secret.map(|digest| (device, SecretDigest(digest))))
}

/// A panel that speaks iLock.
pub(super) fn find_door(
    connection: &Connection,
    id: &DeviceId,
) -> Result<Option<(DoorPrincipal, SecretDigest)>> {
    let found = find_known(connection, id)?;
    Ok(found.and_then(|(device, secret)| Some((to_door(device)?, secret))))
}

fn to_door(device: Device) -> Option<DoorPrincipal> {
    match device.kind {
        DeviceKind::Panel(control) => Some(DoorPrincipal {
            device: device.id,
            community: device.community,
            control,
        }),
        DeviceKind::Outdoor(_)
        | DeviceKind::Screen { .. }
        | DeviceKind::Centre(_)
        | DeviceKind::InnerBox { .. } => None,
    }
}

pub(super) fn doors(connection: &Connection) -> Result<Vec<(DoorPrincipal, SecretDigest)>> {
    type Found = (String, String, String, [u8; 32]);
    let sql = "select id, community, control, secret from device
               where control is not null order by id";
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

/// The property desks of a community.
pub(crate) fn list_centres(
    connection: &Connection,
    community: &CommunityId,
) -> Result<Vec<Device>> {
    let sql = format!(
        "{} where community = $1 and kind = 'centre' order by id",
        Device::SELECT
    );
    let read = |row: &Row<'_>| Ok(Device::read(row));
    list(connection, &sql, [community.as_str()], read)?
        .into_iter()
        .collect()
}

/// Every device that speaks the TCP box protocol, with the number of its flat.
pub(super) fn boxed_devices(connection: &Connection) -> Result<Vec<BoxedDevice>> {
    let sql = format!(
        "select known.*, flat.number from ({} where profile is not null) as known
         left join flat on flat.id = known.flat order by known.id",
        Device::SELECT
    );
    let read = |row: &Row<'_>| {
        let number: Option<String> = row.get("number")?;
        Ok((Device::read(row), number))
    };
    let found = list(connection, &sql, [], read)?;
    let boxed = |(device, flat_number): (Result<Device>, Option<String>)| {
        Ok(BoxedDevice {
            device: device?,
            flat_number,
        })
    };
    found.into_iter().map(boxed).collect()
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
    const SELECT: &'static str = "select id, community, unit as parent, name, place,
             kind, control, flat, ip, port, profile, ring_s, talk_s from device";
    const DELETE: &'static str = "delete from device where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[];

    fn read(row: &Row<'_>) -> Result<Self> {
        let unit: Option<String> = row.get(2).map_err(unavailable)?;
        Ok(Self {
            id: text(row, 0)?.into(),
            community: text(row, 1)?.into(),
            unit: unit.map(UnitId),
            name: text(row, 3)?,
            place: text(row, 4)?,
            kind: kind(row, 5)?,
            times: times(row, 11).map_err(unavailable)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        let sql = "update device set unit = $1, name = $2, place = $3, kind = $4, control = $5,
                       flat = $6, ip = $7, port = $8, profile = $9, ring_s = $10, talk_s = $11
                   where id = $12";
        let kind = KindColumns::from(&self.kind);
        check_address(connection, self, &kind)?;
        let (ring_s, talk_s) = time_columns(self.times);
        let row = rusqlite::params![
            self.unit.as_ref().map(|unit| &unit.0),
            self.name,
            self.place,
            kind.kind,
            kind.control,
            kind.flat,
            kind.ip,
            kind.port,
            kind.profile,
            ring_s,
            talk_s,
            self.id.as_str(),
        ];
        insert(connection, sql, row, "device", PARENTS)
    }

    fn remove(connection: &Connection, id: &str) -> Result<bool> {
        let Some(device) = find_device(connection, &DeviceId::from(id))? else {
            return Ok(false);
        };
        let sql = "select exists (select 1 from party where endpoint = $1)";
        let endpoint = device.endpoint();
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
