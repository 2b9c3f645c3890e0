//! The broker's journal on a database of its own, with a writer of its own.
//!
//! Whatever came while the last group was being written makes the next one, so there is never more
//! than one job in the writer's queue.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use broker::{Journal, Kept, KeptFn, Record};
use rusqlite::Connection;

use crate::failure::{Result, unavailable};
use crate::migrate::{BROKER, migrate};
use crate::sessions::{load, write};
use crate::store::{OpenFailure, connect, make_private};
use crate::writer::{Job, Settle, Writer, in_savepoint};

/// Records without hurry that may wait for company.
const IDLE_MAX: usize = 512;

/// Records that may wait while the disk fails or is slow. With more, the whole journal is given up:
/// whoever waits for a record is told that it was lost, until the server is started anew.
const WAITING_MAX: usize = 500_000;

/// The sessions of one data folder.
pub struct SessionStore {
    writer: Writer,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting(Mutex<Records>);

#[derive(Default)]
struct Records {
    records: Vec<Record>,
    kept: Vec<KeptFn>,
    /// A job that will take them all is on its way.
    is_called: bool,
    /// Too much was lost to go on.
    is_broken: bool,
}

impl SessionStore {
    /// Opens `broker.db` in `folder`, making both if need be, and reads what was kept. The caller
    /// holds the folder's [`crate::FolderLock`].
    pub fn open(folder: &Path) -> std::result::Result<(Self, Kept), OpenFailure> {
        let path = folder.join("broker.db");
        make_private(folder, &path)?;
        let failed = |failure| OpenFailure::Database {
            path: path.display().to_string(),
            failure,
        };
        let mut connection = connect(&path).map_err(failed)?;
        migrate(&mut connection, &BROKER).map_err(failed)?;
        let kept = load::load(&connection).map_err(failed)?;
        let store = Self {
            writer: Writer::start(connection)?,
            waiting: Arc::default(),
        };
        Ok((store, kept))
    }

    /// Resolves when nothing can be written any more: the writer died, or the store was closed.
    pub async fn over(&self) {
        self.writer.over().await;
    }

    /// Writes what waits and closes the file. Whatever is appended later is lost. Fails if the
    /// writer had died; closing once more does nothing.
    pub fn close(&self) -> Result<()> {
        self.call();
        self.writer.close()
    }

    /// Has the writer take what waits. If it takes nothing any more, nobody is told: whoever waits
    /// is never acknowledged.
    fn call(&self) {
        let waiting = Arc::clone(&self.waiting);
        let job: Job = Box::new(move |connection| waiting.write(connection));
        if let Err(failure) = self.writer.send(job) {
            tracing::debug!(%failure, "sessions are kept no more");
        }
    }
}

impl Journal for SessionStore {
    fn append(&self, records: Vec<Record>, kept: Option<KeptFn>) {
        let mut waiting = self.waiting.lock();
        waiting.add(records);
        let is_due = kept.is_some() || waiting.records.len() >= IDLE_MAX;
        waiting.kept.extend(kept);
        if is_due && !waiting.is_called {
            waiting.is_called = true;
            drop(waiting);
            self.call();
        }
    }
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what waits at this moment; what is lost waits again, first in line.
    fn write(self: Arc<Self>, connection: Result<&Connection>) -> Settle {
        let (records, kept, is_broken) = {
            let mut waiting = self.lock();
            waiting.is_called = false;
            let records = std::mem::take(&mut waiting.records);
            (
                records,
                std::mem::take(&mut waiting.kept),
                waiting.is_broken,
            )
        };
        let done = connection.and_then(|connection| {
            in_savepoint(connection, |connection| {
                records
                    .iter()
                    .try_for_each(|record| write::write(connection, record))
            })
        });
        let broken = || unavailable("too much was lost");
        let done = if is_broken { Err(broken()) } else { done };
        Box::new(move |committed| {
            let done = committed.and(done);
            if let Err(failure) = &done {
                tracing::error!(%failure, "sessions could not be kept");
                self.put_back(records);
            }
            kept.into_iter().for_each(|told| told(done.is_ok()));
        })
    }

    fn put_back(&self, mut records: Vec<Record>) {
        let mut waiting = self.lock();
        std::mem::swap(&mut waiting.records, &mut records);
        waiting.add(records);
    }
}

impl Records {
    fn add(&mut self, mut records: Vec<Record>) {
        self.is_broken |= self.records.len() + records.len() > WAITING_MAX;
        if self.is_broken {
            self.records = Vec::new();
        } else {
            self.records.append(&mut records);
        }
    }
}
