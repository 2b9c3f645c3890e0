//! Where a chain ends.

use rusqlite::{Connection, Row};

use crate::audit::key::AuditKey;
use crate::failure::Result;
use crate::sql::find;

/// Stands for all chains together.
pub(super) const ALL: &str = "*";

const HEAD: &[u8] = b"koumen audit head 1";

/// A seal that fits nothing: a broken one stays broken.
const BROKEN: [u8; 32] = [0; 32];

/// Where a chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The door; `*` counts the rows of all doors.
    pub door: String,
    /// How many rows there are.
    pub count: i64,
    /// The mac of the last one.
    pub mac: [u8; 32],
    pub(super) seal: [u8; 32],
}

impl ChainHead {
    /// Of a chain without rows.
    pub(super) fn empty(door: &str, key: &AuditKey) -> Self {
        let head = Self {
            door: door.to_owned(),
            count: 0,
            mac: [0; 32],
            seal: BROKEN,
        };
        let seal = head.due(key);
        Self { seal, ..head }
    }

    /// The head after one row more. What was broken stays so.
    pub(super) fn next(&self, mac: [u8; 32], key: &AuditKey) -> Self {
        let next = Self {
            door: self.door.clone(),
            count: self.count + 1,
            mac,
            seal: BROKEN,
        };
        if !self.is_sealed(key) {
            tracing::error!(
                door = self.door,
                "the audit was tampered with; see koumen audit verify"
            );
            return next;
        }
        let seal = next.due(key);
        Self { seal, ..next }
    }

    pub(super) fn is_sealed(&self, key: &AuditKey) -> bool {
        self.seal == self.due(key)
    }

    fn due(&self, key: &AuditKey) -> [u8; 32] {
        let count = self.count.to_be_bytes();
        key.sign(&[HEAD, self.door.as_bytes(), &count, &self.mac])
    }

    /// Reads the columns `door, count, mac, seal`.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            door: row.get(0)?,
            count: row.get(1)?,
            mac: row.get(2)?,
            seal: row.get(3)?,
        })
    }
}

/// The head of a chain, if it has rows.
pub(super) fn find_head(connection: &Connection, door: &str) -> Result<Option<ChainHead>> {
    let sql = "select door, count, mac, seal from audit_head where door = $1";
    find(connection, sql, [door], ChainHead::read)
}
