//! What must be true of a core between any two steps, whatever its clients do.

use crate::core::Core;
use crate::core::state::Timer;

/// Counts agree with what is there, tables with each other, and limits hold.
pub(super) fn audit(core: &Core) {
    let (counted, there) = core.retained.bytes();
    assert_eq!(counted, there, "bytes retained");
    let mut absent = 0;
    let mut filters = 0;
    for session in core.sessions.iter() {
        let who = &session.client;
        let (messages, bytes) = session.queued();
        let (there, in_flight, sent) = session.held();
        assert_eq!(bytes, there, "bytes that wait for {who}");
        assert!(messages <= core.limits.queue_messages_max, "queue of {who}");
        assert!(bytes <= core.limits.queue_bytes_max, "queue of {who}");
        assert!(sent <= in_flight, "{who} was sent more than is in flight");
        assert!(session.taken.count() <= core.limits.tickets_max, "{who}");
        assert!(session.link.is_some() != session.ends.is_some(), "{who}");
        absent += usize::from(session.link.is_none());
        filters += session.filters.len();
        if let Some(link) = session.link {
            let back = core.links[&link]
                .session
                .and_then(|id| core.sessions.get(id));
            assert!(back.is_some_and(|back| back.client == *who), "{who}");
        }
    }
    core.links.values().for_each(|outgoing| {
        let (counted, there) = outgoing.acks.held();
        assert_eq!(counted, there, "answers to {}", outgoing.link.client);
    });
    assert_eq!(core.counts().subscriptions, filters, "filters");
    assert_eq!(core.session_by_client.len(), core.sessions.iter().count());
    let ends = core.timers.iter().filter(|one| matches!(one.1, Timer::End));
    assert_eq!(ends.count(), absent, "ends of absent sessions");
}

/// Nobody is there, nobody is awaited, nothing is retained: nothing may be left.
pub(super) fn is_empty(core: &Core) {
    let counts = core.counts();
    assert_eq!((counts.sessions, counts.connections), (0, 0));
    assert_eq!((counts.subscriptions, counts.retained), (0, 0));
    assert_eq!((counts.queued_messages, counts.queued_bytes), (0, 0));
    assert!(!core.has_timers() && core.links.is_empty());
    assert!(core.session_by_client.is_empty() && core.sessions_by_subject.is_empty());
}
