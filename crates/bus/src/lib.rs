//! The messaging port: what dialects need of MQTT, whoever runs the broker.
//!
//! A dialect takes part by [`Participant`]: it says which filters and topics of its own a link may
//! use, and takes what is published there. It speaks by [`Bus`]. `P` is whatever the wiring knows
//! of a principal; nothing here looks inside.
//!
//! A broker that is not ours tells neither who is connected nor who published, and delivers to
//! everyone who subscribes. Over such a one a dialect takes part by [`Remote`] instead.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// One accepted connection; never used again after it closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// A connection and who is behind it.
pub struct Link<P> {
    /// Which connection.
    pub id: LinkId,
    /// The client id it came with.
    pub client: Arc<str>,
    /// Who it is, decided when it connected.
    pub principal: P,
}

/// Who may receive a message, of those who subscribe to its topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone.
    Everyone,
    /// Only these connections.
    Links(Vec<LinkId>),
    /// Only connections of these subjects, as the wiring names principals.
    Subjects(Vec<Arc<str>>),
}

/// A message to publish. Never retained.
#[derive(Clone, Debug)]
pub struct Message {
    /// Where to.
    pub topic: Arc<str>,
    /// What.
    pub payload: Bytes,
    /// 0 or 1.
    pub qos: u8,
    /// Dropped if not delivered within this time.
    pub life: Duration,
    /// Whether it is kept for a client that is away and comes back to its session in that time.
    pub offline: bool,
    /// For whom.
    pub audience: Audience,
}

/// What became of a message on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client acknowledged it; at `QoS` 0, it was written.
    Acknowledged,
    /// The connection ended, the message's life ended, or nobody subscribes.
    Lost,
}

/// Called once per connection reached, or once with [`Outcome::Lost`] if none was.
///
/// Perhaps before `publish` returns, so it must not take a lock that the publisher holds. Over a
/// broker that is not ours it is called once, and [`Outcome::Acknowledged`] means that the broker has
/// the message.
pub type OnOutcome = Arc<dyn Fn(Outcome) + Send + Sync>;

/// Speaks to connections.
pub trait Bus: Send + Sync {
    /// Queues a message; never blocks. A broker that is not ours takes messages for
    /// [`Audience::Everyone`] only; others are lost there.
    fn publish(&self, message: Message, outcome: Option<OnOutcome>);
}

/// Acknowledges a received message: `true` once what it asked for is stored, `false` if it cannot
/// be, which closes the connection unacknowledged so that the client sends it again.
pub struct Ticket(Box<dyn FnOnce(bool) + Send>);

impl Ticket {
    /// A ticket that tells `settle`.
    pub fn new(settle: impl FnOnce(bool) + Send + 'static) -> Self {
        Self(Box::new(settle))
    }

    /// Says whether it is stored.
    pub fn settle(self, stored: bool) {
        (self.0)(stored);
    }
}

/// A message that a connection published.
pub struct Inbound {
    /// Where to.
    pub topic: Arc<str>,
    /// What.
    pub payload: Bytes,
    /// To be settled, at once or later.
    pub ticket: Ticket,
}

/// A dialect's part in the topic space. No method may block.
pub trait Participant<P>: Send + Sync {
    /// Whether the filter is this dialect's and the link may subscribe to it.
    fn may_subscribe(&self, link: &Link<P>, filter: &str) -> bool;

    /// Whether the topic is this dialect's and the link may publish to it. Retained messages are
    /// refused before this is asked.
    fn may_publish(&self, link: &Link<P>, topic: &str) -> bool;

    /// A message on a topic that was allowed. It is forwarded to nobody.
    fn published(&self, link: &Arc<Link<P>>, message: Inbound);

    /// A link came up.
    fn opened(&self, link: &Arc<Link<P>>);

    /// It subscribes to these filters of this dialect as well; what is owed there may be said.
    fn subscribed(&self, link: &Arc<Link<P>>, filters: &[Arc<str>]);

    /// It no longer subscribes to these.
    fn unsubscribed(&self, link: &Arc<Link<P>>, filters: &[Arc<str>]);

    /// It is gone.
    fn closed(&self, link: &Arc<Link<P>>);
}

/// What somebody may do at a broker that is not ours. Topics written out, no wildcards, nothing
/// retained; nothing else is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The filters it may subscribe to.
    pub subscribe: Vec<String>,
    /// The topics it may publish on.
    pub publish: Vec<String>,
}

/// A dialect's part in the topic space of a broker that is not ours. No method may block.
pub trait Remote<P>: Send + Sync {
    /// What the principal may do on topics of this dialect.
    fn rights(&self, principal: &P) -> Rights;

    /// What it takes from there. The broker's rules must leave the topics behind each filter to the
    /// one sender that the topic names, for there is nothing else to know a sender by.
    fn filters(&self) -> Vec<Arc<str>>;

    /// What it publishes on, as filters: our account at the broker must be allowed that.
    fn spoken(&self) -> Vec<Arc<str>>;

    /// A message on a topic behind one of the filters.
    fn received(&self, message: Inbound);

    /// The way to the broker was cut: whatever was said before may be lost, and those who listen
    /// may be back only now. What is current is to be said again.
    fn renewed(&self);
}
