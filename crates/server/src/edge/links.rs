//! The live connections: who they are is on the roster, what passes over them is the broker's.

use std::sync::Arc;

use app::port::{LinkState, Links, Peer, PeerFilter};
use broker::{Broker, Connection, Kick, LinkId, Version};

use crate::edge::roster::Roster;

/// The broker's connections with their owners.
pub(crate) struct BrokerLinks {
    pub(crate) broker: Broker,
    pub(crate) roster: Arc<Roster>,
}

impl Links for BrokerLinks {
    fn after(&self, filter: &PeerFilter, after: u64, limit: usize) -> Vec<Peer> {
        self.roster.after(filter, LinkId(after), limit)
    }

    fn find(&self, number: u64) -> Option<Peer> {
        self.roster.peer(LinkId(number))
    }

    fn state(&self, number: u64) -> Option<LinkState> {
        self.broker.connection(LinkId(number)).map(to_state)
    }

    fn close(&self, number: u64) {
        self.broker.kick(Kick::Link(LinkId(number)));
    }
}

fn to_state(connection: Connection) -> LinkState {
    let traffic = connection.traffic;
    LinkState {
        protocol: match connection.link.version {
            Version::V31 => "3.1",
            Version::V311 => "3.1.1",
            Version::V5 => "5",
        },
        peer_address: Some(connection.link.peer),
        session_lasts: connection.session_lasts,
        subscriptions: connection.subscriptions,
        queued_messages: connection.queued_messages,
        queued_bytes: connection.queued_bytes,
        in_flight: connection.in_flight,
        received_messages: traffic.received_messages,
        received_bytes: traffic.received_bytes,
        delivered_messages: traffic.delivered_messages,
        delivered_bytes: traffic.delivered_bytes,
    }
}
