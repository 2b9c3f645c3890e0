//! Reads, a few at a time, beside the writer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::failure::{Result, unavailable};

/// Read connections; WAL lets them run beside the writer.
pub(crate) struct Readers {
    idle: Arc<Idle>,
    free: Arc<Semaphore>,
}

#[derive(Default)]
struct Idle(Mutex<Vec<Connection>>);

impl Idle {
    fn list(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that goes back even if the read panics.
struct Borrowed {
    connection: Option<Connection>,
    idle: Arc<Idle>,
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        self.idle.list().extend(self.connection.take());
    }
}

impl Readers {
    pub(crate) fn new(connections: Vec<Connection>) -> Self {
        let free = Arc::new(Semaphore::new(connections.len()));
        Self {
            idle: Arc::new(Idle(Mutex::new(connections))),
            free,
        }
    }

    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.free)
            .acquire_owned()
            .await
            .map_err(unavailable)?;
        let idle = Arc::clone(&self.idle);
        let reading = tokio::task::spawn_blocking(move || {
            let connection = idle.list().pop();
            let borrowed = Borrowed { connection, idle };
            let connection = borrowed.connection.as_ref();
            let done = connection
                .ok_or_else(|| unavailable("no read connection"))
                .and_then(work);
            drop(borrowed);
            drop(permit);
            done
        });
        reading.await.map_err(unavailable)?
    }

    /// Closes the idle connections; later reads are refused.
    pub(crate) fn close(&self) {
        self.free.close();
        self.idle.list().clear();
    }
}
