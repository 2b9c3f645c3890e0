//! One thread writes. It commits everything that waits at once and answers only afterwards.
//!
//! Each job runs in a savepoint, so one that fails takes back its own writes and no other's. A
//! transaction that is lost, at COMMIT or before (a full disk makes SQLite roll back by itself),
//! fails every job in it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::failure::{Result, unavailable};
use crate::slow::sync_slowly;

/// Jobs that may wait; more are refused, because a queue that long is seconds of work.
const QUEUE_MAX: usize = 8192;

/// Jobs in one COMMIT; larger groups add latency and no throughput.
const GROUP_MAX: usize = 256;

pub(crate) type Settle = Box<dyn FnOnce(Result<()>) + Send>;
pub(crate) type Job = Box<dyn FnOnce(Result<&Connection>) -> Settle + Send>;

/// Hands jobs to the writing thread.
pub(crate) struct Writer {
    open: Mutex<Option<Open>>,
    /// Its sender belongs to the thread and goes with it, however that ends.
    alive: watch::Receiver<()>,
}

struct Open {
    jobs: SyncSender<Job>,
    thread: JoinHandle<()>,
}

impl Writer {
    pub(crate) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let (living, alive) = watch::channel(());
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                let _living = living;
                run(&connection, &queue);
            })?;
        let open = Mutex::new(Some(Open { jobs, thread }));
        Ok(Self { open, alive })
    }

    /// Resolves when the thread has ended, by itself or by [`Writer::close`].
    pub(crate) async fn over(&self) {
        let mut alive = self.alive.clone();
        while alive.changed().await.is_ok() {}
    }

    /// Runs `work` in a group of the next COMMIT; resolves when that is on disk.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let done = connection.and_then(|connection| in_savepoint(connection, work));
            Box::new(move |committed| {
                // The asker may have gone; what is committed stays committed.
                drop(reply.send(committed.and(done)));
            })
        });
        self.send(job)?;
        answer
            .await
            .unwrap_or_else(|_| Err(unavailable("the store is closed")))
    }

    pub(crate) fn send(&self, job: Job) -> Result<()> {
        let open = self.open();
        let jobs = &open
            .as_ref()
            .ok_or_else(|| unavailable("the store is closed"))?
            .jobs;
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("the store has too much to write"),
            TrySendError::Disconnected(_) => unavailable("the store is closed"),
        })
    }

    /// Writes what waits, then closes the connection; fails if the thread had died. Later jobs are
    /// refused.
    pub(crate) fn close(&self) -> Result<()> {
        let Some(Open { jobs, thread }) = self.open().take() else {
            return Ok(());
        };
        drop(jobs);
        let ended = thread.join();
        ended.map_err(|_| unavailable("the store's writer died"))
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Err(failure) = self.close() {
            tracing::error!(%failure, "the store was not closed in order");
        }
    }
}

fn run(connection: &Connection, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let before = connection.total_changes();
        let begun = execute(connection, "begin immediate");
        let mut settles = vec![first(begun.clone().map(|()| connection))];
        let mut lost = begun;
        while lost.is_ok() && settles.len() < GROUP_MAX {
            lost = still_open(connection);
            match queue.try_recv() {
                Ok(job) if lost.is_ok() => settles.push(job(Ok(connection))),
                Ok(job) => settles.push(job(lost.clone().map(|()| connection))),
                Err(_) => break,
            }
        }
        let committed = lost
            .and_then(|()| still_open(connection))
            .and_then(|()| commit(connection));
        if connection.total_changes() > before {
            sync_slowly();
        }
        for settle in settles {
            settle(committed.clone());
        }
    }
}

/// SQLite ends a transaction by itself when the disk fails it; what was written in it is gone.
fn still_open(connection: &Connection) -> Result<()> {
    if connection.is_autocommit() {
        return Err(unavailable(
            "the transaction was rolled back by the database",
        ));
    }
    Ok(())
}

fn commit(connection: &Connection) -> Result<()> {
    execute(connection, "commit").inspect_err(|failure| {
        tracing::error!(%failure, "a commit failed");
        if !connection.is_autocommit()
            && let Err(failure) = execute(connection, "rollback")
        {
            tracing::error!(%failure, "the rollback failed");
        }
    })
}

pub(crate) fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    execute(connection, "savepoint job")?;
    let done = catch_unwind(AssertUnwindSafe(|| work(connection)))
        .unwrap_or_else(|_| Err(unavailable("the step died")));
    still_open(connection)?;
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
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};
    use std::time::Duration;

    use app::port::StoreFailure;

    use super::*;

    /// Longer than anything takes that is not broken.
    const SOON: Duration = Duration::from_secs(20);

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

    #[tokio::test]
    async fn jobs_of_a_lost_transaction_all_fail_and_the_next_one_is_committed() {
        let writer = writer();
        let losing = |connection: &Connection| -> Result<()> {
            connection.execute_batch("rollback").map_err(unavailable)
        };

        let (first, second) = tokio::join!(writer.run(insert(1)), writer.run(losing));

        // The two may share a group or not; what was acknowledged is there, and only that.
        assert!(second.is_err());
        assert_eq!(count(&writer).await, i64::from(first.is_ok()));
        assert!(writer.run(insert(3)).await.is_ok());
    }

    #[tokio::test]
    async fn a_closed_writer_says_so() {
        let writer = writer();

        writer.close().unwrap();

        let refused = writer.run(insert(1)).await.unwrap_err();
        assert!(refused.to_string().contains("closed"), "{refused}");
    }

    #[tokio::test]
    async fn a_writer_that_died_is_noticed_and_refuses() {
        let writer = writer();
        let deadly: Job = Box::new(|_| panic!("on purpose"));

        writer.send(deadly).unwrap();
        let noticed = tokio::time::timeout(SOON, writer.over()).await;

        assert!(noticed.is_ok());
        assert!(writer.run(insert(1)).await.is_err());
        let closed = writer.close().unwrap_err();
        assert!(closed.to_string().contains("died"), "{closed}");
    }

    #[tokio::test]
    async fn a_writer_is_not_over_before_it_is_closed() {
        let writer = writer();
        writer.run(insert(1)).await.unwrap();
        let mut over = pin!(writer.over());
        assert!(
            over.as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );

        writer.close().unwrap();

        assert!(tokio::time::timeout(SOON, over).await.is_ok());
    }
}
