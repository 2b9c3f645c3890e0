//! A look at one live link: what its session holds, and what passed over it.
//! Changes nothing.

use super::state::Core;
use crate::link::{Connection, LinkId};

impl Core {
    /// None once the link has ended.
    pub(crate) fn view(&self, link: LinkId) -> Option<Connection> {
        let outgoing = self.links.get(&link)?;
        let session = self.sessions.get(outgoing.session?)?;
        let (queued_messages, queued_bytes) = session.queued();
        Some(Connection {
            link: outgoing.link.clone(),
            session_lasts: !session.life.is_zero(),
            subscriptions: session.filters.len(),
            queued_messages,
            queued_bytes,
            in_flight: session.in_flight(),
            traffic: outgoing.traffic,
        })
    }
}
