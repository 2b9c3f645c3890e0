//! Every bound of the broker in one place, with its unit, why it exists and what happens at it.
//! Knows no packets; the core and the driver read it.

use std::time::Duration;

/// Bounds of counts, sizes and times. `Default` suits one machine with some thousand clients.
/// Zeros are taken literally: with no ticket allowed, nothing is read.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Largest packet taken from a client, in bytes after the fixed header. A larger one ends the
    /// connection before its body is buffered (v5: 0x95); v5 clients are told in CONNACK.
    pub packet_bytes_max: u32,
    /// Largest CONNECT, in bytes: what a stranger may make the broker buffer.
    pub connect_bytes_max: u32,
    /// Connections at one time, strangers included. One more is closed at once.
    pub connections_max: usize,
    /// Live connections of one subject. One more is refused as busy; a takeover never counts twice.
    pub connections_per_subject_max: usize,
    /// Filters of one session. One more is refused in SUBACK (v5: 0x97, 3.x: 0x80).
    pub subscriptions_per_session_max: usize,
    /// Levels of one filter; bounds the depth of the trie. A deeper one is refused in SUBACK.
    pub filter_levels_max: usize,
    /// Messages that wait for one session, in flight not counted. The newest is dropped.
    pub queue_messages_max: usize,
    /// Topic and payload bytes that wait for one session. The newest message is dropped.
    pub queue_bytes_max: usize,
    /// How long a message may wait for one session, whatever its own expiry: 3.x knows none. An
    /// older one is dropped when its turn comes, or when the queue is full.
    pub queue_life: Duration,
    /// QoS 1 and 2 messages sent to one client and not yet acknowledged (QoS 2: not yet completed);
    /// a v5 client may ask for less. Further ones wait in the queue.
    pub inflight_max: u16,
    /// Encoded bytes of one connection that its socket has not taken. Above it QoS 0 is dropped,
    /// QoS 1 waits in its queue and the connection is not read.
    pub outgoing_bytes_max: usize,
    /// How long a peer may take no byte while some wait. Then it is closed as a slow reader.
    pub stall_life: Duration,
    /// Publishes of one client that are not finished: unsettled tickets of its connection, and QoS 2
    /// ids of its session not released. v5 clients are told it as receive maximum and are cut off
    /// above it (0x93), not counting QoS 0. A 3.x client is not read at that many tickets, and cut
    /// off above that many ids. Nor is a client read while so many SUBACKs wait for the disk.
    pub tickets_max: usize,
    /// Topic and payload bytes under unsettled tickets. At it the connection is not read.
    pub ticket_bytes_max: usize,
    /// Age at which an unsettled QoS 1 or 2 ticket closes its connection unacknowledged.
    pub ticket_life: Duration,
    /// Time to send the whole CONNECT. Then the socket is closed without an answer.
    pub connect_wait: Duration,
    /// Time the `authenticate` hook may take. Then the client is refused as busy.
    pub authenticate_wait: Duration,
    /// Longest life of a session after its connection; the life of every 3.x session that asks
    /// for one. A v5 client that asks for more is told the shorter one.
    pub session_life_max: Duration,
    /// Sessions of one subject that outlive their connection. The oldest goes when one more comes.
    pub sessions_per_subject_max: usize,
    /// Retained messages. One more topic is forwarded but not retained.
    pub retained_max: usize,
    /// Topic and payload bytes of all retained messages. One more is forwarded but not retained.
    pub retained_bytes_max: usize,
    /// Longest keep-alive in seconds that a v5 client may choose; a longer one, or none, is
    /// replaced in CONNACK. 65535 leaves the choice to the client. 3.x clients cannot be told and
    /// keep what they asked for.
    pub keep_alive_max: u16,
    /// Topic aliases of one connection in each direction, v5 only. A client that uses a higher one
    /// is cut off (0x94); towards a client, further topics are written out.
    pub topic_aliases_max: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            packet_bytes_max: 256 * 1024,
            connect_bytes_max: 16 * 1024,
            connections_max: 20_000,
            connections_per_subject_max: 256,
            subscriptions_per_session_max: 64,
            filter_levels_max: 32,
            queue_messages_max: 4_000,
            queue_bytes_max: 1024 * 1024,
            queue_life: Duration::from_secs(24 * 60 * 60),
            inflight_max: 100,
            outgoing_bytes_max: 512 * 1024,
            stall_life: Duration::from_secs(30),
            tickets_max: 64,
            ticket_bytes_max: 256 * 1024,
            ticket_life: Duration::from_secs(10),
            connect_wait: Duration::from_secs(5),
            authenticate_wait: Duration::from_secs(10),
            session_life_max: Duration::from_secs(24 * 60 * 60),
            sessions_per_subject_max: 8,
            retained_max: 10_000,
            retained_bytes_max: 64 * 1024 * 1024,
            keep_alive_max: u16::MAX,
            topic_aliases_max: 16,
        }
    }
}
