//! Calls as they change, for those who watch.

use std::sync::Arc;

use engine::call::Call;
use engine::id::EndpointId;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

use crate::port::Speaker;

/// Changes that a watcher may be behind; a slower one is told that it missed some.
const BEHIND_MAX: usize = 1024;

/// Passes every committed change of a call on. A handle, cheap to clone.
#[derive(Clone)]
pub struct Feed {
    changes: Sender<Arc<Call>>,
    stop: CancellationToken,
}

/// One who watches.
pub struct Watcher {
    changes: Receiver<Arc<Call>>,
    stop: CancellationToken,
}

/// What a watcher sees.
pub enum Seen {
    /// A call as it became.
    Changed(Arc<Call>),
    /// This many changes were missed.
    Missed(u64),
    /// The server stops.
    Over,
}

impl Feed {
    /// A feed that ends at `stop`.
    pub fn new(stop: CancellationToken) -> Self {
        let (changes, _) = channel(BEHIND_MAX);
        Self { changes, stop }
    }

    /// Watches from now on.
    pub fn watch(&self) -> Watcher {
        Watcher {
            changes: self.changes.subscribe(),
            stop: self.stop.clone(),
        }
    }
}

/// Every endpoint of a call is woken; the caller stands for all of them.
impl Speaker for Feed {
    fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        if endpoint == &call.caller {
            // Nobody may be watching.
            drop(self.changes.send(Arc::clone(call)));
        }
    }
}

impl Watcher {
    /// The next change.
    pub async fn next(&mut self) -> Seen {
        tokio::select! {
            () = self.stop.cancelled() => Seen::Over,
            seen = self.changes.recv() => match seen {
                Ok(call) => Seen::Changed(call),
                Err(RecvError::Lagged(count)) => Seen::Missed(count),
                Err(RecvError::Closed) => Seen::Over,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::call::{Phase, Room, Scene, Version};
    use engine::time::Instant;

    use super::*;

    fn call() -> Arc<Call> {
        let at = Instant::from_ms(0);
        Arc::new(Call {
            id: "call".into(),
            version: Version(1),
            caller: "door:lobby".into(),
            caller_changed: Version(1),
            dialled: "1-101".into(),
            created: at,
            talk: Duration::from_secs(60),
            preview: true,
            declines: None,
            scene: Scene {
                caller_name: String::new(),
                caller_place: String::new(),
                room: Room::Number(1),
                streams: None,
            },
            phase: Phase::Alerting {
                stage_until: at,
                ring_until: at,
            },
            legs: Vec::new(),
            later: Vec::new(),
        })
    }

    #[tokio::test]
    async fn a_change_is_seen_once_however_many_endpoints_it_wakes() {
        let feed = Feed::new(CancellationToken::new());
        let mut watcher = feed.watch();

        feed.wake(&"resident:mum".into(), &call());
        feed.wake(&"door:lobby".into(), &call());
        feed.stop.cancel();

        assert_eq!(watcher.changes.len(), 1);
        watcher.changes.try_recv().unwrap();
        assert!(matches!(watcher.next().await, Seen::Over));
    }

    #[tokio::test]
    async fn a_slow_watcher_learns_how_much_it_missed_and_goes_on() {
        let feed = Feed::new(CancellationToken::new());
        let mut watcher = feed.watch();

        for _ in 0..BEHIND_MAX + 3 {
            feed.wake(&"door:lobby".into(), &call());
        }

        assert!(matches!(watcher.next().await, Seen::Missed(3)));
        assert!(matches!(watcher.next().await, Seen::Changed(_)));
    }
}
