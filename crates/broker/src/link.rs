//! Who is connected: subjects, links, how a link ends, and the broker's counters.
//! Knows nothing of sessions or sockets.

use std::net::SocketAddr;
use std::sync::Arc;

/// Who a login is; opaque to the broker. Sessions, limits and audiences are keyed by it.
pub type Subject = Arc<str>;

/// What `authenticate` found out about a client.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Whose session this is. Two logins with one subject share the right to a client id.
    pub subject: Subject,
    /// The owner's key to what it knows of this login; given back with every [`Link`].
    pub tag: u64,
}

/// One accepted connection. Never reused while the process lives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct LinkId(pub u64);

/// Protocol version a client speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// MQTT 3.1 (protocol name `MQIsdp`).
    V31,
    /// MQTT 3.1.1.
    V311,
    /// MQTT 5.
    V5,
}

/// One authenticated connection, as every hook sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Link {
    /// This connection.
    pub id: LinkId,
    /// Whose it is.
    pub subject: Subject,
    /// The client id, assigned by the broker if the client left it empty.
    pub client: Arc<str>,
    /// [`Principal::tag`] of this login.
    pub tag: u64,
    /// What it speaks.
    pub version: Version,
    /// It asked to start without an earlier session.
    pub clean: bool,
    /// The other end of the socket.
    pub peer: SocketAddr,
}

/// What passed over one link since it began. Bytes are those of topic, payload and properties.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Traffic {
    /// Publishes taken from the client, those included that were denied. Repeats at QoS 2 are not
    /// counted.
    pub received_messages: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Messages written towards the client, repeats included.
    pub delivered_messages: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
}

/// One live link as [`crate::Broker::connection`] finds it.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Who it is.
    pub link: Link,
    /// Its session goes on for a while when the link ends.
    pub session_lasts: bool,
    /// Filters of its session.
    pub subscriptions: usize,
    /// Messages that wait in its session, in flight not counted.
    pub queued_messages: usize,
    /// Their topic, payload and property bytes.
    pub queued_bytes: usize,
    /// Messages at QoS 1 and 2 that the client has not acknowledged.
    pub in_flight: usize,
    /// What passed over it.
    pub traffic: Traffic,
}

/// Which links to close.
#[derive(Clone, Debug)]
pub enum Kick {
    /// This connection, if it is still there.
    Link(LinkId),
    /// Every connection of a subject.
    Subject(Subject),
    /// The connection of one client of a subject.
    Client {
        /// Whose.
        subject: Subject,
        /// Its client id.
        client: Arc<str>,
    },
}

/// Why a link ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DisconnectReason {
    /// DISCONNECT; the will is discarded.
    Client,
    /// v5 DISCONNECT 0x04; the will is published.
    ClientWithWill,
    /// The socket closed or failed without DISCONNECT.
    Closed,
    /// Nothing came for one and a half keep-alive times.
    KeepAlive,
    /// Another connection came with the same subject and client id.
    TakenOver,
    /// [`Kick`].
    Kicked,
    /// Malformed packet, wrong state or a feature that CONNACK ruled out.
    Protocol,
    /// A ticket was refused, dropped unsettled, or grew too old.
    Ticket,
    /// The peer took no bytes for [`crate::Limits::stall_life`].
    SlowReader,
    /// Its session was the oldest of too many of its subject.
    Quota,
    /// The broker stops; wills are not published.
    Stopping,
}

impl DisconnectReason {
    /// True if the will has to be published.
    pub(crate) fn leaves_will(self) -> bool {
        !matches!(self, DisconnectReason::Client | DisconnectReason::Stopping)
    }
}

/// What the broker holds and has done since it started.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    /// Links now, handshakes not counted.
    pub connections: usize,
    /// Sessions now, connected or not.
    pub sessions: usize,
    /// Subscriptions of all sessions now.
    pub subscriptions: usize,
    /// Retained messages now.
    pub retained: usize,
    /// Messages waiting in session queues now, in flight not counted.
    pub queued_messages: usize,
    /// Their topic and payload bytes.
    pub queued_bytes: usize,
    /// Publishes taken, from clients and in process, since the start.
    pub received: u64,
    /// Messages written towards clients since the start, repeats included.
    pub delivered: u64,
    /// Messages lost to a limit, an expiry or a client's maximum packet size since the start.
    pub dropped: u64,
}
