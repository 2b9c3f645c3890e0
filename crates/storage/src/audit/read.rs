//! Reading the chains from outside, also beside a running server.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::audit::check::{AuditReport, Check};
use crate::audit::head::ChainHead;
use crate::audit::key::AuditKey;
use crate::audit::row::AuditRow;
use crate::failure::{Result, unavailable};
use crate::sql::list;

/// Which rows to read; what is none does not matter.
#[derive(Clone, Debug, Default)]
pub struct AuditSpan {
    /// Of this door.
    pub door: Option<String>,
    /// At this moment or later, in milliseconds.
    pub from_ms: Option<i64>,
    /// Before this moment.
    pub to_ms: Option<i64>,
}

/// The audit of a data folder. Reads one state of it, whatever is written meanwhile.
pub struct Audit(Connection);

impl Audit {
    /// Opens the folder's database for reading. Whoever runs on it goes on.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("core.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(unavailable)?;
        let begin = "pragma busy_timeout = 5000; begin";
        connection.execute_batch(begin).map_err(unavailable)?;
        Ok(Self(connection))
    }

    /// Whether every chain is whole.
    pub fn check(&self, key: &AuditKey) -> Result<AuditReport> {
        let mut check = Check::new(key, self.heads()?);
        self.each(&AuditSpan::default(), |row| {
            check.row(row);
            Ok(())
        })?;
        Ok(check.finish())
    }

    /// Where each chain ends, by door.
    pub fn heads(&self) -> Result<Vec<ChainHead>> {
        let sql = "select door, count, mac, seal from audit_head order by door";
        list(&self.0, sql, [], ChainHead::read)
    }

    /// Hands each row of the span on, by door and number.
    pub fn each(
        &self,
        span: &AuditSpan,
        mut to: impl FnMut(&AuditRow) -> Result<()>,
    ) -> Result<()> {
        let sql = "select door, seq, at_ms, body, previous, mac from audit
                   where ($1 is null or door = $1) and ($2 is null or at_ms >= $2)
                       and ($3 is null or at_ms < $3)
                   order by door, seq";
        let mut statement = self.0.prepare(sql).map_err(unavailable)?;
        let mut rows = statement
            .query((&span.door, span.from_ms, span.to_ms))
            .map_err(unavailable)?;
        while let Some(row) = rows.next().map_err(unavailable)? {
            to(&AuditRow::read(row).map_err(unavailable)?)?;
        }
        Ok(())
    }
}
