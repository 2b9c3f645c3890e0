//! Opening the data folder, and the ports by name.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::OnceLock;

use app::port::StoreFailure;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::audit::AuditKey;
use crate::failure::{Result, unavailable};
use crate::migrate::{CORE, migrate};
use crate::reader::Readers;
use crate::writer::Writer;

/// Read connections: lists and look-ups of a small box; more would only queue for two cores.
const READERS: usize = 3;

/// Pages between checkpoints (16 MiB): more keeps commits short and recovery long.
const CHECKPOINT_PAGES: u32 = 4096;

/// The store of one data folder. Implements the ports of `app`.
pub struct Store {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    audit_key: OnceLock<AuditKey>,
}

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFailure {
    /// SQLite or the schema.
    #[error("{path}: {failure}")]
    Database {
        /// Which file.
        path: String,
        /// What went wrong.
        failure: StoreFailure,
    },
    /// The folder or a thread.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Store {
    /// Opens `core.db` in `folder`, making both if need be. The caller holds the folder's
    /// [`crate::FolderLock`].
    pub fn open(folder: &Path) -> std::result::Result<Self, OpenFailure> {
        let path = folder.join("core.db");
        make_private(folder, &path)?;
        let failed = |failure| OpenFailure::Database {
            path: path.display().to_string(),
            failure,
        };
        let mut writing = connect(&path).map_err(failed)?;
        migrate(&mut writing, &CORE).map_err(failed)?;
        let reading: Result<Vec<Connection>> = (0..READERS).map(|_| connect(&path)).collect();
        let readers = Readers::new(reading.map_err(failed)?);
        Ok(Self {
            writer: Writer::start(writing)?,
            readers,
            audit_key: OnceLock::new(),
        })
    }

    /// Says under which key the audit's rows are chained. Once, before the first of them; without it
    /// no door is opened.
    pub fn set_audit_key(&self, key: AuditKey) {
        if self.audit_key.set(key).is_err() {
            tracing::error!("the audit's key was set twice; the first one stays");
        }
    }

    pub(crate) fn audit_key(&self) -> Result<AuditKey> {
        let key = self.audit_key.get().cloned();
        key.ok_or_else(|| unavailable("the audit has no key"))
    }

    /// Resolves when nothing can be written any more: the writer died, or the store was closed.
    pub async fn over(&self) {
        self.writer.over().await;
    }

    /// Writes what waits and closes the files, so that `core.db` alone holds everything. Whatever
    /// is asked later is refused. Fails if the writer had died; closing once more does nothing.
    pub fn close(&self) -> Result<()> {
        self.readers.close();
        self.writer.close()
    }
}

/// The folder and the database are their owner's alone: they hold what signs people in. The
/// database's side files take over its mode.
pub(crate) fn make_private(folder: &Path, database: &Path) -> std::io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let mut options = OpenOptions::new();
    options
        .create(true)
        .append(true)
        .mode(0o600)
        .open(database)?;
    Ok(())
}

pub(crate) fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).map_err(unavailable)?;
    connection
        .execute_batch(&format!(
            "pragma journal_mode = wal;
             pragma synchronous = full;
             pragma foreign_keys = on;
             pragma busy_timeout = 5000;
             pragma wal_autocheckpoint = {CHECKPOINT_PAGES};"
        ))
        .map_err(unavailable)?;
    // Without this, statements that compare with a bound value are planned anew at each use.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(unavailable)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}
