//! A thread with a runtime of its own.

use std::future::Future;
use std::io;
use std::panic::resume_unwind;
use std::thread::{Builder, JoinHandle};

use tokio::task::spawn_blocking;

/// Runs what `work` makes to its end on a thread of its own; resolves when it has ended. What is
/// started there stays there. A panic of the thread is one of whoever waits.
///
/// # Errors
/// There is no thread or no runtime to be had.
pub(crate) fn run_apart<T, F, W>(
    name: &str,
    work: W,
) -> io::Result<impl Future<Output = T> + Send + use<T, F, W>>
where
    T: Send + 'static,
    F: Future<Output = T>,
    W: FnOnce() -> F + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let thread = Builder::new()
        .name(name.to_owned())
        .spawn(move || runtime.block_on(async { work().await }))?;
    Ok(ended(thread))
}

async fn ended<T: Send + 'static>(thread: JoinHandle<T>) -> T {
    let joined = spawn_blocking(move || thread.join().unwrap_or_else(|died| resume_unwind(died)));
    joined
        .await
        .unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_work_is_done_on_the_thread() {
        let name = || std::thread::current().name().map(str::to_owned);

        let heard = run_apart("lane", move || async move { name() })
            .unwrap()
            .await;

        assert_eq!(heard.as_deref(), Some("lane"));
    }

    #[tokio::test]
    async fn a_panic_there_is_one_here() {
        let died = run_apart("lane", || async { resume_unwind(Box::new("on purpose")) });

        let waiting = tokio_util::task::TaskTracker::new().spawn(async move {
            let _: () = died.unwrap().await;
        });

        assert!(waiting.await.unwrap_err().is_panic());
    }
}
