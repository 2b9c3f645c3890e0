//! What can happen to an order, and what a decision says.

use crate::access::{CodeEntry, Spends, Way};
use crate::id::{CallId, CredentialId, DeviceId, UnlockId};
use crate::time::Instant;
use crate::unlock::state::{RequestKey, Unlock};

/// Somebody wants a door open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// A fresh id, used if this request was not made before.
    pub id: UnlockId,
    /// What the client calls it.
    pub key: RequestKey,
    /// Which door.
    pub door: DeviceId,
    /// By which way.
    pub way: Way,
    /// In which call, if in one.
    pub call: Option<CallId>,
    /// By which code or card, if a known one was shown.
    pub credential: Option<CredentialId>,
    /// When it was asked, which may be before it could be decided: its life begins then.
    pub asked: Instant,
}

/// What became of handing an order to whoever moves the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handed {
    /// A living connection has it, and the door will confirm.
    Sent,
    /// A living connection has it, and the door cannot confirm.
    Over,
    /// There is no living connection.
    Unreachable,
    /// Over this way locks are not moved.
    NotSupported,
    /// Its time was over.
    Late,
}

/// What a door says it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// It moved the lock.
    Executed,
    /// It did not.
    Refused,
}

/// What can happen to an order that there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// It was handed over, or could not be.
    Handed(Handed),
    /// The door's word, and what it said beside.
    Confirmed(Word, Option<String>),
    /// Its time may be over.
    Deadline,
    /// The server started: what was not sent yet may have been sent without a trace.
    Restart,
}

/// What a decision says to whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Done.
    Accepted,
    /// It was so already, or it is no news.
    Ignored,
}

/// The result of deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What to answer.
    pub verdict: Verdict,
    /// The order as it stands after the decision.
    pub unlock: Unlock,
    /// Whether it changed: then it is written whole, and a row of the audit with it.
    pub is_changed: bool,
    /// What authorising it uses up.
    pub spends: Spends,
    /// Wrong codes at its door from now on, if that changed.
    pub entry: Option<CodeEntry>,
}
