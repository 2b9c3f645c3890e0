//! Calls as they change, for those who watch.

use std::sync::Arc;

use engine::call::Call;
use engine::id::EndpointId;

use crate::feed::Feed;
use crate::port::Speaker;

/// Every endpoint of a call is woken; the caller stands for all of them.
impl Speaker for Feed<Call> {
    fn wake(&self, endpoint: &EndpointId, call: &Arc<Call>) {
        if endpoint == &call.caller {
            self.pass_on(call);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::call::{Phase, Room, Scene, Version};
    use engine::time::Instant;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::feed::Seen;

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
            unlock_ends: true,
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
        let stop = CancellationToken::new();
        let feed = Feed::new(stop.clone());
        let mut watcher = feed.watch();

        feed.wake(&"resident:mum".into(), &call());
        feed.wake(&"door:lobby".into(), &call());

        assert!(matches!(watcher.next().await, Seen::Changed(_)));
        stop.cancel();
        assert!(matches!(watcher.next().await, Seen::Over));
    }
}
