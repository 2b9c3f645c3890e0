//! What the owner of the broker decides and hears of: one trait.
//! The hooks of one link are called one after another by its own task, never under a lock of the
//! broker, so they may publish, kick and settle. They must not block. Hooks of different links run
//! at the same time; at a takeover the old link's `on_disconnected` may follow the new link's
//! `on_connected`.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::link::{DisconnectReason, Link, Principal, Version};
use crate::ticket::Ticket;

/// What a client said in CONNECT, and from where. Without Debug: it holds a password.
pub struct Connect<'a> {
    /// The client id; empty if the broker shall assign one.
    pub client_id: &'a str,
    /// User name, if sent.
    pub username: Option<&'a str>,
    /// Password, if sent.
    pub password: Option<&'a [u8]>,
    /// The other end of the socket.
    pub peer: SocketAddr,
    /// What the client speaks.
    pub version: Version,
    /// The will, if any. `allow_publish` is asked for its topic besides.
    pub will: Option<WillView<'a>>,
    /// Clean session (3.x) or clean start (v5).
    pub clean: bool,
}

/// The will of a CONNECT.
pub struct WillView<'a> {
    /// A valid topic name.
    pub topic: &'a str,
    /// 0 to 2.
    pub qos: u8,
    /// To be retained.
    pub retain: bool,
    /// Its payload.
    pub payload: &'a [u8],
}

/// Why a CONNECT is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Unknown user or wrong password (3.x: 4, v5: 0x86).
    BadCredentials,
    /// Known, but may not (3.x: 5, v5: 0x87).
    NotAuthorized,
    /// The client id is not acceptable (3.x: 2, v5: 0x85).
    BadClientId,
    /// Shut out (3.x: 5, v5: 0x8A).
    Banned,
    /// Try again later (3.x: 3, v5: 0x89).
    Busy,
}

/// Whom a CONNECT named that the broker turned away. Nothing of it is proven.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stranger<'a> {
    /// The client id as it came: of any length, perhaps empty.
    pub client_id: &'a str,
    /// User name, if sent.
    pub username: Option<&'a str>,
    /// The other end of the socket.
    pub peer: SocketAddr,
}

/// Why the broker turned a client away by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TurnedAway {
    /// There are [`crate::Limits::connections_max`]: closed before it could say a word.
    Full,
    /// No whole CONNECT came within [`crate::Limits::connect_wait`].
    Silent,
    /// What came was no CONNECT, a broken one, or one that is too large.
    Malformed,
    /// A protocol or a version of it that is not spoken.
    Version,
    /// Extended authentication of MQTT 5, which is not spoken.
    Method,
    /// A client id that is too long, holds NUL, or is empty where its version forbids that.
    ClientId,
    /// `authenticate` took longer than [`crate::Limits::authenticate_wait`].
    Unchecked,
    /// Its subject has [`crate::Limits::connections_per_subject_max`].
    TooMany,
}

/// One publish of a client, or the will of a client that is gone.
#[derive(Debug)]
pub struct Incoming {
    /// A valid topic name.
    pub topic: Arc<str>,
    /// The payload as it came.
    pub payload: Bytes,
    /// 0 to 2. At 2 a repeat of what was taken does not come here, unless its ticket was still open
    /// when its connection ended.
    pub qos: u8,
    /// To be retained.
    pub retain: bool,
    /// To be settled if the verdict is [`Verdict::Consume`]; of no effect otherwise.
    pub ticket: Ticket,
}

/// What becomes of a publish.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The broker forwards it to subscribers, retains it if asked, and acknowledges it.
    Forward,
    /// The owner took it: nobody else gets it, PUBACK or PUBREC follows its ticket.
    Consume,
    /// Nobody gets it; it is acknowledged.
    Drop,
}

/// The owner's side of the broker.
pub trait Hooks: Send + Sync + 'static {
    /// Decides who a client is. May wait (password, database), at most
    /// [`crate::Limits::authenticate_wait`].
    fn authenticate<'a>(
        &'a self,
        connect: Connect<'a>,
    ) -> BoxFuture<'a, Result<Principal, Refusal>>;

    /// May this link subscribe to this filter? Asked once per filter of a SUBSCRIBE, and again for
    /// each filter of a session that is resumed. A shared subscription asks with all of its filter,
    /// `$share/{group}/{filter}`: whether its group and the filter inside are allowed is for this to
    /// say.
    fn allow_subscribe(&self, link: &Link, filter: &str) -> bool;

    /// May this link publish to this topic? Asked for every publish, and for a will at CONNECT
    /// (`false` refuses the connection). A publish not allowed is dropped; v5 is told 0x87, 3.x
    /// gets a plain PUBACK or PUBREC.
    fn allow_publish(&self, link: &Link, topic: &str, retain: bool) -> bool;

    /// Decides what becomes of an allowed publish. Wills come here too when they fall due, after
    /// their link ended and with a detached ticket.
    fn on_publish(&self, link: &Link, publish: Incoming) -> Verdict;

    /// CONNACK is queued. `false` turns the client away after all, as a kick does: what
    /// `authenticate` said is true no longer. By default it stays; those below do nothing.
    fn on_connected(&self, _link: &Link) -> bool {
        true
    }

    /// SUBACK is queued, or a session with these filters was resumed, so what this publishes comes
    /// after it. `filters` are the granted ones,
    /// those that were subscribed before included; never empty.
    fn on_subscribed(&self, _link: &Link, _filters: &[Arc<str>]) {}

    /// UNSUBACK is queued. `filters` are those that were subscribed; never empty.
    fn on_unsubscribed(&self, _link: &Link, _filters: &[Arc<str>]) {}

    /// A client was turned away, and not because `authenticate` or `allow_publish` said so. `who` is
    /// none if that was before it had named itself. Not told of peers that went by themselves.
    fn on_turned_away(&self, _who: Option<Stranger<'_>>, _why: TurnedAway) {}

    /// The link is gone; called once for each `on_connected`.
    fn on_disconnected(&self, _link: &Link, _reason: DisconnectReason) {}
}
