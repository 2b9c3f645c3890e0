//! What outlives the process: lasting sessions with their filters and what waits for them, and
//! retained messages. The core says what changed, in the order in which it happened; the owner
//! keeps it, and gives it back at the next start.
//!
//! Moments are milliseconds of the wall clock, because no other clock outlives the process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::link::Subject;

/// A lasting session. Never given again while anything is kept of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct SessionNo(pub u64);

/// A kept message. Never given again while it is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct MessageNo(pub u64);

/// A message, kept once for all who wait for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptMessage {
    /// Its topic.
    pub topic: Arc<str>,
    /// Its payload.
    pub payload: Bytes,
    /// v5 properties that travel with it, encoded.
    pub properties: Bytes,
    /// 0 to 2, as it was published.
    pub qos: u8,
    /// When it is worth nothing any more.
    pub expires_ms: Option<i64>,
}

/// How a session subscribed to a filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptFilter {
    /// The highest QoS it gets.
    pub qos: u8,
    /// It does not get what it publishes itself.
    pub no_local: bool,
    /// It sees the retain flag as published.
    pub as_published: bool,
    /// The v5 subscription identifier.
    pub identifier: Option<u32>,
}

/// A message that waits for one session, or is on its way there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptDelivery {
    /// Its place among the session's deliveries; its packet id follows from it.
    pub seq: u64,
    /// Which message.
    pub message: MessageNo,
    /// 1 or 2.
    pub qos: u8,
    /// The retain flag that the receiver sees.
    pub retain: bool,
    /// Identifiers of the subscriptions that matched.
    pub identifiers: Vec<u32>,
    /// QoS 2: PUBREC came, and PUBREL is what is left to say.
    pub received: bool,
}

/// A lasting session as it was when the process ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptSession {
    /// Its number.
    pub no: SessionNo,
    /// Whose it is.
    pub subject: Subject,
    /// The client id.
    pub client: Arc<str>,
    /// How long it outlives its connection.
    pub life: Duration,
    /// When it ends, if its connection had ended.
    pub ends_ms: Option<i64>,
    /// What it subscribes to, in no order.
    pub filters: Vec<(Arc<str>, KeptFilter)>,
    /// In order.
    pub waiting: Vec<KeptDelivery>,
    /// Packet ids of QoS 2 publishes that its client has not released.
    pub taken: Vec<u16>,
}

/// Everything that was kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// In the order of their numbers.
    pub sessions: Vec<KeptSession>,
    /// All that waits or is retained.
    pub messages: BTreeMap<MessageNo, KeptMessage>,
    /// The retained ones.
    pub retained: Vec<MessageNo>,
}

/// One change of what is kept. Those of things that are not there change nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Record {
    /// A lasting session begins.
    Session {
        /// Its number.
        no: SessionNo,
        /// Whose it is.
        subject: Subject,
        /// The client id: no other session of the subject has it.
        client: Arc<str>,
        /// How long it outlives its connection.
        life: Duration,
    },
    /// Its connection ended, or is there again.
    Ends {
        /// Which session.
        session: SessionNo,
        /// When it ends; none while it has a connection.
        at_ms: Option<i64>,
        /// How long it outlives its connection.
        life: Duration,
    },
    /// It is over, with all that belongs to it.
    SessionGone {
        /// Which session.
        session: SessionNo,
    },
    /// A session subscribes, or does so in another way.
    Filter {
        /// Which session.
        session: SessionNo,
        /// To what; `$share/…` included.
        filter: Arc<str>,
        /// How.
        how: KeptFilter,
    },
    /// A session subscribes no more.
    FilterGone {
        /// Which session.
        session: SessionNo,
        /// To what.
        filter: Arc<str>,
    },
    /// A message that others refer to.
    Message {
        /// Its number.
        no: MessageNo,
        /// What it says.
        message: KeptMessage,
    },
    /// Nobody refers to it any more.
    MessageGone {
        /// Which message.
        message: MessageNo,
    },
    /// A message waits for a session.
    Waiting {
        /// Which session.
        session: SessionNo,
        /// As what.
        delivery: KeptDelivery,
    },
    /// QoS 2: PUBREC came.
    Received {
        /// Which session.
        session: SessionNo,
        /// Which of its deliveries.
        seq: u64,
    },
    /// It was delivered, or given up.
    Done {
        /// Which session.
        session: SessionNo,
        /// Which of its deliveries.
        seq: u64,
    },
    /// QoS 2: a publish of the client was taken under this packet id.
    Taken {
        /// Which session.
        session: SessionNo,
        /// Its packet id.
        packet: u16,
    },
    /// QoS 2: the client released the packet id.
    Released {
        /// Which session.
        session: SessionNo,
        /// Its packet id.
        packet: u16,
    },
    /// A message is retained for its topic, in place of another.
    Retained {
        /// Its topic.
        topic: Arc<str>,
        /// Which message.
        message: MessageNo,
    },
    /// Nothing is retained for a topic any more.
    RetainedGone {
        /// Which topic.
        topic: Arc<str>,
    },
}

/// Told whether all that was appended so far is on disk. If it is not, it is tried again, before
/// whatever is appended later.
pub type KeptFn = Box<dyn FnOnce(bool) + Send>;

/// Keeps records. Called under the broker's lock, so it must not block or call back at once.
pub trait Journal: Send + Sync + 'static {
    /// Keeps `records` after all that were appended before. With `kept`, soon: it is called once,
    /// from another thread, and in the order of the appends. Without, at the owner's leisure, and
    /// before anything that is appended later.
    fn append(&self, records: Vec<Record>, kept: Option<KeptFn>);
}
