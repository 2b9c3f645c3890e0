//! What a client asked to subscribe to, and what it was granted and has still to hear of.
//! Decides nothing.

use std::sync::Arc;

use bytes::BytesMut;

use super::ledger::Batch;
use super::trie::Subscription;
use crate::wire::RetainHandling;

/// SUBACK or UNSUBACK that waits until what it says is on disk.
pub(crate) struct Pending {
    pub(crate) held: Option<Batch>,
    pub(crate) answer: BytesMut,
    /// What was granted, and whether it is new.
    pub(crate) granted: Vec<(Wanted, bool)>,
}

/// One filter of a SUBSCRIBE after the checks that need no session.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) filter: Arc<str>,
    pub(crate) subscription: Subscription,
    pub(crate) retain: RetainHandling,
    /// The v5 reason code if it is refused already.
    pub(crate) refused: Option<u8>,
}
