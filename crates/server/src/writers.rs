//! Watching the threads that write.

use std::future::Future;

use app::task::Tasks;

/// Stops the server when nothing can be written any more: half a server is worse than a restart.
pub(crate) fn watch(
    what: &'static str,
    tasks: &Tasks,
    over: impl Future<Output = ()> + Send + 'static,
) {
    let stop = tasks.stop().clone();
    tasks.spawn(what, async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = over => {
                tracing::error!(what, "the store's writer died; stopping");
                stop.cancel();
            }
        }
    });
}
