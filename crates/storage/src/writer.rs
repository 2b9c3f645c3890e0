//! One thread writes. It commits everything that waits at once and answers only afterwards.
//!
//! Each job runs in a savepoint, so one that fails takes back its own writes and no other's. A
//! COMMIT that fails fails every job in it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::failure::{Result, unavailable};

/// Jobs that may wait; more are refused, because a queue that long is seconds of work.
const QUEUE_MAX: usize = 8192;

/// Jobs in one COMMIT; larger groups add latency and no throughput.
const GROUP_MAX: usize = 256;

type Settle = Box<dyn FnOnce(Result<()>) + Send>;
type Job = Box<dyn FnOnce(&Connection) -> Settle + Send>;

/// Hands jobs to the writing thread; the thread ends with the last handle.
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(&connection, &queue))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Runs `work` in a group of the next COMMIT; resolves when that is on disk.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let done = in_savepoint(connection, work);
            Box::new(move |committed| {
                // The asker may have gone; what is committed stays committed.
                drop(reply.send(committed.and(done)));
            })
        });
        let jobs = self
            .jobs
            .as_ref()
            .ok_or_else(|| unavailable("the store is closed"))?;
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("the store has too much to write"),
            TrySendError::Disconnected(_) => unavailable("the store is closed"),
        })?;
        answer
            .await
            .unwrap_or_else(|_| Err(unavailable("the store is closed")))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer died");
        }
    }
}

fn run(connection: &Connection, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let mut settles = Vec::new();
        let committed = begin(connection).and_then(|()| {
            settles.push(first(connection));
            settles.extend(
                queue
                    .try_iter()
                    .take(GROUP_MAX - 1)
                    .map(|job| job(connection)),
            );
            commit(connection)
        });
        for settle in settles {
            settle(committed.clone());
        }
    }
}

fn begin(connection: &Connection) -> Result<()> {
    execute(connection, "begin immediate")
}

fn commit(connection: &Connection) -> Result<()> {
    execute(connection, "commit").inspect_err(|failure| {
        tracing::error!(%failure, "a commit failed");
        if let Err(failure) = execute(connection, "rollback") {
            tracing::error!(%failure, "the rollback failed");
        }
    })
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    execute(connection, "savepoint job")?;
    let done = catch_unwind(AssertUnwindSafe(|| work(connection)))
        .unwrap_or_else(|_| Err(unavailable("the step died")));
    if done.is_err() {
        execute(connection, "rollback to job")?;
    }
    execute(connection, "release job")?;
    done
}

fn execute(connection: &Connection, sql: &str) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
    statement.execute([]).map_err(unavailable)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use app::port::StoreFailure;

    use super::*;

    fn writer() -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("create table t (n integer primary key) strict")
            .unwrap();
        Writer::start(connection).unwrap()
    }

    fn insert(n: i64) -> impl FnOnce(&Connection) -> Result<()> + Send + 'static {
        move |connection| {
            connection
                .execute("insert into t values ($1)", [n])
                .map_err(unavailable)?;
            Ok(())
        }
    }

    async fn count(writer: &Writer) -> i64 {
        let count = |connection: &Connection| {
            connection
                .query_row("select count(*) from t", [], |row| row.get(0))
                .map_err(unavailable)
        };
        writer.run(count).await.unwrap()
    }

    #[tokio::test]
    async fn a_failing_job_takes_back_only_its_own_writes() {
        let writer = writer();
        let failing = |connection: &Connection| -> Result<()> {
            connection
                .execute("insert into t values (7)", [])
                .map_err(unavailable)?;
            Err(StoreFailure::Conflict { what: "seven" })
        };

        let (first, second, third) = tokio::join!(
            writer.run(insert(1)),
            writer.run(failing),
            writer.run(insert(2))
        );

        assert!(first.is_ok() && second.is_err() && third.is_ok());
        assert_eq!(count(&writer).await, 2);
    }

    #[tokio::test]
    async fn a_dying_job_does_not_end_the_writer() {
        let writer = writer();

        let died = writer.run(|_| -> Result<()> { panic!("on purpose") }).await;

        assert!(died.is_err());
        assert!(writer.run(insert(1)).await.is_ok());
    }
}
