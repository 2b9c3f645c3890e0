//! Who is connected by MQTT at this moment, and what befalls one of them while somebody watches.

use std::net::SocketAddr;
use std::time::Duration;

use engine::time::Instant;

use crate::port::Whom;
use crate::principal::Principal;

/// Someone who is connected.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Counts the connections of this process, from 1; none is given twice.
    pub number: u64,
    /// Who it is; never an operator.
    pub principal: Principal,
    /// The MQTT client id.
    pub client_id: String,
    /// Since when.
    pub connected: Instant,
}

/// Which peers are meant; none of either means all.
#[derive(Clone, Debug, Default)]
pub struct PeerFilter {
    /// Only those of whoever is meant.
    pub whom: Option<Whom>,
    /// Only those with this MQTT client id.
    pub client_id: Option<String>,
}

/// What a connection holds and what passed over it. Bytes are those of topics and contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkState {
    /// Version of MQTT: `3.1`, `3.1.1` or `5`.
    pub protocol: &'static str,
    /// The other end of the socket, a proxy's if it came through one; none if that is not known.
    pub peer_address: Option<SocketAddr>,
    /// Its session goes on for a while when it ends.
    pub session_lasts: bool,
    /// Filters of its session.
    pub subscriptions: usize,
    /// Messages that wait for it.
    pub queued_messages: usize,
    /// Their bytes.
    pub queued_bytes: usize,
    /// Messages that it was sent and has not acknowledged.
    pub in_flight: usize,
    /// Messages it published since it began, refused ones included.
    pub received_messages: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Messages it was sent since it began, repeats included.
    pub delivered_messages: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
}

/// The live connections.
pub trait Links: Send + Sync {
    /// Peers with a number above `after`, in the order of their numbers, at most `limit`.
    fn after(&self, filter: &PeerFilter, after: u64, limit: usize) -> Vec<Peer>;

    /// The peer with this number, if it is still connected.
    fn find(&self, number: u64) -> Option<Peer>;

    /// What its connection holds; none once it has ended.
    fn state(&self, number: u64) -> Option<LinkState>;

    /// Closes it, if it is still there. It may come again.
    fn close(&self, number: u64);
}

/// What befell a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// When.
    pub at: Instant,
    /// Which client of the one who is traced, cut at 256 bytes.
    pub client_id: String,
    /// What happened, as a word: `connected`, `disconnected`, `turned_away`, `sign_in_refused`,
    /// `will_refused`, `subscribe_refused`, `publish_refused`, `publish_dropped`.
    pub event: &'static str,
    /// Why, as a word, where there is more than one reason.
    pub reason: Option<&'static str>,
    /// The filter or topic, cut at 256 bytes.
    pub topic: Option<String>,
}

/// A trace as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// When it ends, or ended, by itself.
    pub until: Instant,
    /// Newest last; of more than 500 the newest.
    pub entries: Vec<TraceEntry>,
}

/// Traces of single clients. They are kept in memory alone, and hold no secrets and no contents.
pub trait Traces: Send + Sync {
    /// Traces from now on for `life`; what an earlier trace of the same holds is forgotten. None if
    /// 16 are running.
    fn begin(&self, whom: Whom, life: Duration) -> Option<Trace>;

    /// A trace that runs, or has run out and was not pushed out by another.
    fn find(&self, whom: &Whom) -> Option<Trace>;

    /// Ends and forgets a trace; false if there is none.
    fn end(&self, whom: &Whom) -> bool;
}
