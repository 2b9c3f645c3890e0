//! Things as they change, for those who watch.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

/// Changes that a watcher may be behind; a slower one is told that it missed some.
const BEHIND_MAX: usize = 1024;

/// Passes every committed change of a thing on. A handle, cheap to clone.
pub struct Feed<T> {
    changes: Sender<Arc<T>>,
    stop: CancellationToken,
}

impl<T> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Self {
            changes: self.changes.clone(),
            stop: self.stop.clone(),
        }
    }
}

/// One who watches.
pub struct Watcher<T> {
    changes: Receiver<Arc<T>>,
    stop: CancellationToken,
}

/// What a watcher sees.
pub enum Seen<T> {
    /// A thing as it became.
    Changed(Arc<T>),
    /// This many changes were missed.
    Missed(u64),
    /// The server stops.
    Over,
}

impl<T> Feed<T> {
    /// A feed that ends at `stop`.
    pub fn new(stop: CancellationToken) -> Self {
        let (changes, _) = channel(BEHIND_MAX);
        Self { changes, stop }
    }

    /// Watches from now on.
    pub fn watch(&self) -> Watcher<T> {
        Watcher {
            changes: self.changes.subscribe(),
            stop: self.stop.clone(),
        }
    }

    /// Passes one change on.
    pub(crate) fn pass_on(&self, changed: &Arc<T>) {
        // Nobody may be watching.
        drop(self.changes.send(Arc::clone(changed)));
    }
}

impl<T: Send + Sync> Watcher<T> {
    /// The next change. May be dropped while it waits; nothing is lost by that.
    pub async fn next(&mut self) -> Seen<T> {
        tokio::select! {
            () = self.stop.cancelled() => Seen::Over,
            seen = self.changes.recv() => match seen {
                Ok(changed) => Seen::Changed(changed),
                Err(RecvError::Lagged(count)) => Seen::Missed(count),
                Err(RecvError::Closed) => Seen::Over,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_watcher_learns_how_much_it_missed_and_goes_on() {
        let feed = Feed::new(CancellationToken::new());
        let mut watcher = feed.watch();

        for n in 0..BEHIND_MAX + 3 {
            feed.pass_on(&Arc::new(n));
        }

        assert!(matches!(watcher.next().await, Seen::Missed(3)));
        assert!(matches!(watcher.next().await, Seen::Changed(n) if *n == 3));
    }

    #[tokio::test]
    async fn at_the_stop_the_feed_is_over() {
        let feed = Feed::<u8>::new(CancellationToken::new());
        let mut watcher = feed.watch();

        feed.stop.cancel();

        assert!(matches!(watcher.next().await, Seen::Over));
    }
}
