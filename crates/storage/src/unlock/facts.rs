//! The facts of one transaction.

use app::directory::{Device, DeviceKind};
use app::port::{KnownDoor, UnlockFacts};
use app::secret::SecretDigest;
use engine::access::{CodeEntry, Credential, Door, Home, Nonce, Place};
use engine::call::Call;
use engine::id::{
    CallId, CommunityId, CredentialId, DeviceId, EndpointId, FlatId, ResidentId, UnitId, UnlockId,
};
use engine::time::Instant;
use engine::unlock::{RequestKey, Unlock};
use rusqlite::{Connection, Row};

use crate::calls::{calls_of, find_call};
use crate::directory::find_device;
use crate::failure::Result;
use crate::sql::find;
use crate::unlock::credential::find_credential;
use crate::unlock::row::{SELECT, query};

/// Reads within the transaction that is open on the connection.
pub(super) struct Facts<'a>(pub(super) &'a Connection);

impl UnlockFacts for Facts<'_> {
    fn find_request(&mut self, key: &RequestKey) -> Result<Option<Unlock>> {
        let sql = format!("{SELECT} where asker = $1 and key = $2");
        let found = query(self.0, &sql, (&key.asker, &key.key))?;
        Ok(found.into_iter().next().map(|logged| logged.unlock))
    }

    fn find_unlock(&mut self, id: &UnlockId) -> Result<Option<Unlock>> {
        let found = query(self.0, &format!("{SELECT} where id = $1"), [id.as_str()])?;
        Ok(found.into_iter().next().map(|logged| logged.unlock))
    }

    fn find_call(&mut self, id: &CallId) -> Result<Option<Call>> {
        find_call(self.0, id)
    }

    fn calls_of(&mut self, endpoint: &EndpointId) -> Result<Vec<Call>> {
        calls_of(self.0, endpoint)
    }

    fn find_door(&mut self, device: &DeviceId) -> Result<Option<KnownDoor>> {
        find_door(self.0, device)
    }

    fn find_device(&mut self, id: &DeviceId) -> Result<Option<Device>> {
        find_device(self.0, id)
    }

    fn home(&mut self, flat: &FlatId) -> Result<Option<Home>> {
        let sql = "select id, community, unit from flat where id = $1";
        find(self.0, sql, [flat.as_str()], home)
    }

    fn home_of(&mut self, resident: &ResidentId) -> Result<Option<Home>> {
        let sql = "select flat.id, flat.community, flat.unit
                   from resident join flat on flat.id = resident.flat where resident.id = $1";
        find(self.0, sql, [resident.as_str()], home)
    }

    fn find_credential(&mut self, digest: SecretDigest) -> Result<Option<Credential>> {
        find_credential(self.0, "where digest = $1", digest.0)
    }

    fn credential(&mut self, id: &CredentialId) -> Result<Option<Credential>> {
        find_credential(self.0, "where id = $1", id.as_str())
    }

    fn code_entry(&mut self, door: &DeviceId) -> Result<CodeEntry> {
        let sql = "select wrong, locked_until_ms, counts_until_ms from code_entry where door = $1";
        let found = find(self.0, sql, [door.as_str()], |row| {
            let (until, counts): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
            Ok(CodeEntry {
                wrong: row.get(0)?,
                counts_until: counts.map(Instant::from_ms),
                locked_until: until.map(Instant::from_ms),
            })
        })?;
        Ok(found.unwrap_or_default())
    }

    fn nonce(&mut self, digest: SecretDigest) -> Result<Option<Nonce>> {
        // Of an alarm that is over it is worth nothing.
        let sql = "select door_nonce.flat, expires_ms, used_ms is not null from door_nonce
                   join alarm on alarm.id = door_nonce.alarm and alarm.open = 1
                   where digest = $1";
        find(self.0, sql, [digest.0], |row| {
            Ok(Nonce {
                flat: row.get::<_, String>(0)?.into(),
                expires: Instant::from_ms(row.get(1)?),
                is_used: row.get(2)?,
            })
        })
    }
}

fn home(row: &Row<'_>) -> rusqlite::Result<Home> {
    let unit: Option<String> = row.get(2)?;
    Ok(Home {
        flat: row.get::<_, String>(0)?.into(),
        place: Place {
            community: CommunityId::from(row.get::<_, String>(1)?),
            unit: unit.map(UnitId::from),
        },
    })
}

/// A door as the directory and the rules see it; none if the device has no lock.
pub(super) fn find_door(connection: &Connection, id: &DeviceId) -> Result<Option<KnownDoor>> {
    let Some(device) = find_device(connection, id)? else {
        return Ok(None);
    };
    let sql = "select flat from flat_door where door = $1";
    let flat = find(connection, sql, [id.as_str()], |row| {
        Ok(FlatId::from(row.get::<_, String>(0)?))
    })?;
    if !matches!(device.kind, DeviceKind::Panel(_) | DeviceKind::Outdoor(_)) {
        return Ok(None);
    }
    let door = Door {
        device: id.clone(),
        place: place(&device),
        flat,
    };
    Ok(Some(KnownDoor { device, door }))
}

/// Where the door stands.
fn place(device: &Device) -> Place {
    Place {
        community: device.community.clone(),
        unit: device
            .unit
            .as_ref()
            .map(|unit| UnitId::from(unit.0.as_str())),
    }
}
