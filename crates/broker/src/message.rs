//! What the owner of the broker publishes, to whom, and what became of it.
//! Knows nothing of packets.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use crate::link::{LinkId, Subject};

/// One message published without a socket.
#[derive(Clone, Debug)]
pub struct Message {
    /// Topic name. An invalid one (empty, with a wildcard or NUL, over 65535 bytes) reaches
    /// nobody.
    pub topic: Arc<str>,
    /// The payload as it is sent.
    pub payload: Bytes,
    /// 0 to 2; more counts as 2. Each receiver gets the lower of this and its subscription's.
    pub qos: u8,
    /// Replaces (or, with an empty payload, clears) the retained message of the topic. Counts only
    /// with [`Audience::Everyone`].
    pub retain: bool,
    /// Only for connections that are alive now: never stored for an absent session, discarded at
    /// disconnect. At QoS 1 and 2 it may wait for in-flight room until `expires`; at QoS 0 it is written
    /// at once, ahead of whatever waits, or lost.
    pub transient: bool,
    /// When it is worth nothing any more. v5 receivers are told the rest of its life.
    pub expires: Option<Instant>,
    /// Who may receive it.
    pub audience: Audience,
}

/// Who may receive a message, among those with a matching subscription.
#[derive(Clone, Debug)]
pub enum Audience {
    /// Every subscriber.
    Everyone,
    /// Sessions of these subjects only.
    Subjects(Arc<[Subject]>),
    /// These connections only.
    Links(Vec<LinkId>),
}

/// What became of a message on one link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// QoS 1: the client sent PUBACK. QoS 2: it sent PUBREC. QoS 0: the socket took the bytes.
    Acknowledged(LinkId),
    /// The connection ended, the message expired, or a limit dropped it before that. A message
    /// that is not transient may still reach the session later, or another of its group.
    Lost(LinkId),
    /// No live link of the audience has a matching subscription.
    Unrouted,
}

/// Called once per link reached, or once with [`Outcome::Unrouted`]; from any thread, never under
/// a lock of the broker. It must not block.
pub type OutcomeFn = Arc<dyn Fn(Outcome) + Send + Sync>;
