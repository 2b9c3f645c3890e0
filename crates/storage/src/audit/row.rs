//! One row of a chain.

use rusqlite::Row;

use crate::audit::key::AuditKey;

/// Names what is signed, and which form of it.
const ROW: &[u8] = b"koumen audit row 1";

/// One row of a door's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The door.
    pub door: String,
    /// Counts the rows of the door from 1.
    pub seq: i64,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// What happened, as JSON text.
    pub body: String,
    /// The mac of the row before; zeros in the first.
    pub previous: [u8; 32],
    /// The mac of this row.
    pub mac: [u8; 32],
}

impl AuditRow {
    /// The mac that the row should have.
    pub(super) fn due(&self, key: &AuditKey) -> [u8; 32] {
        key.sign(&[
            ROW,
            self.door.as_bytes(),
            &self.seq.to_be_bytes(),
            &self.at_ms.to_be_bytes(),
            self.body.as_bytes(),
            &self.previous,
        ])
    }

    /// Reads the columns `door, seq, at_ms, body, previous, mac`.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            door: row.get(0)?,
            seq: row.get(1)?,
            at_ms: row.get(2)?,
            body: row.get(3)?,
            previous: row.get(4)?,
            mac: row.get(5)?,
        })
    }
}
