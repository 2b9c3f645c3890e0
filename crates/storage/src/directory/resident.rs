//! Residents as rows.

use app::directory::Resident;
use app::port::{AccountKind, StoreFailure};
use app::secret::PasswordHash;
use rusqlite::{Connection, Row};

use crate::directory::login::{add_account, end_account, rename_account};
use crate::directory::row::{find, insert};
use crate::directory::table::{Table, remove_row, text};
use crate::failure::Result;

pub(super) fn add_resident(
    connection: &Connection,
    resident: &Resident,
    password: &PasswordHash,
) -> Result<()> {
    let kind = AccountKind::Resident(resident.id.clone());
    add_account(connection, &resident.name, &kind, password)?;
    let sql = "insert into resident (id, flat, name) values ($1, $2, $3)";
    let row = (resident.id.as_str(), resident.flat.as_str(), &resident.name);
    insert(connection, sql, row, "resident", "flat")
}

impl Table for Resident {
    const SELECT: &'static str =
        "select resident.id, flat.community, resident.flat as parent, resident.name
         from resident join flat on flat.id = resident.flat";
    const DELETE: &'static str = "delete from resident where id = $1";
    const HOLDERS: &'static [(&'static str, &'static str)] = &[];

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: text(row, 0)?.into(),
            flat: text(row, 2)?.into(),
            name: text(row, 3)?,
        })
    }

    fn write(&self, connection: &Connection) -> Result<()> {
        if !stays_in_community(connection, self)? {
            return Err(StoreFailure::Missing { what: "flat" });
        }
        let kind = AccountKind::Resident(self.id.clone());
        rename_account(connection, &kind, &self.name)?;
        let sql = "update resident set flat = $1, name = $2 where id = $3";
        let row = (self.flat.as_str(), &self.name, self.id.as_str());
        insert(connection, sql, row, "resident", "flat")
    }

    fn remove(connection: &Connection, id: &str) -> Result<bool> {
        end_account(connection, &AccountKind::Resident(id.into()))?;
        remove_row::<Self>(connection, id)
    }
}

/// Whether the flat is in the community where the resident lives so far.
fn stays_in_community(connection: &Connection, resident: &Resident) -> Result<bool> {
    let sql = "select exists (
                   select 1 from resident join flat as old on old.id = resident.flat
                       join flat as new on new.community = old.community
                   where resident.id = $1 and new.id = $2)";
    let row = (resident.id.as_str(), resident.flat.as_str());
    Ok(find(connection, sql, row, |row| row.get(0))?.unwrap_or(false))
}
