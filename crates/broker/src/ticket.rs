//! The receipt of a consumed publish: settled once, from any thread, at once or later.
//! Knows nothing of connections but whom to tell.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const NEW: u8 = 0;
const ARMED: u8 = 1;
const ACCEPTED: u8 = 2;
const REFUSED: u8 = 3;

/// The state that a ticket and its place in the acknowledgement queue share.
///
/// `NEW → ARMED` when the connection starts to wait, `→ ACCEPTED | REFUSED` once, from either.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    state: AtomicU8,
}

/// What the owner said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Settled {
    Accepted,
    Refused,
}

impl Slot {
    /// Starts to wait. Returns the answer if it was given before anybody waited.
    pub(crate) fn arm(&self) -> Option<Settled> {
        match self
            .state
            .compare_exchange(NEW, ARMED, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => None,
            Err(_) => self.answer(),
        }
    }

    pub(crate) fn answer(&self) -> Option<Settled> {
        match self.state.load(Ordering::Acquire) {
            ACCEPTED => Some(Settled::Accepted),
            REFUSED => Some(Settled::Refused),
            _ => None,
        }
    }

    /// Returns true if somebody waits and has to be told.
    fn settle(&self, accepted: bool) -> bool {
        let to = if accepted { ACCEPTED } else { REFUSED };
        self.state.swap(to, Ordering::AcqRel) == ARMED
    }
}

/// Who is told that a ticket of its connection was settled.
pub(crate) trait Waiting: Send + Sync {
    fn settled(&self);
}

/// The receipt of one publish handed to [`crate::Hooks::on_publish`].
///
/// It counts only if the hook answered [`crate::Verdict::Consume`]. Dropping it unsettled is
/// `settle(false)`.
pub struct Ticket {
    slot: Arc<Slot>,
    waiting: Option<Arc<dyn Waiting>>,
}

impl Ticket {
    pub(crate) fn new(slot: Arc<Slot>, waiting: Arc<dyn Waiting>) -> Ticket {
        Ticket {
            slot,
            waiting: Some(waiting),
        }
    }

    /// A ticket nobody waits for: of a will, or in the tests of a hook.
    pub fn detached() -> Ticket {
        Ticket {
            slot: Arc::default(),
            waiting: None,
        }
    }

    /// Settles the ticket. `true`: a publish at QoS 1 or 2 is acknowledged as soon as all earlier ones of
    /// its connection are. `false`: its connection is closed unacknowledged (v5: 0x83); a QoS 0
    /// publish is only forgotten. Cheap, never blocks on a hook, may be called inside one.
    pub fn settle(mut self, stored: bool) {
        self.answer(stored);
    }

    fn answer(&mut self, stored: bool) {
        if let Some(waiting) = self.waiting.take()
            && self.slot.settle(stored)
        {
            waiting.settled();
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.answer(false);
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("answer", &self.slot.answer())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Waiting for Bell {
        fn settled(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn ticket() -> (Arc<Slot>, Arc<Bell>, Ticket) {
        let (slot, bell) = (Arc::<Slot>::default(), Arc::<Bell>::default());
        let ticket = Ticket::new(Arc::clone(&slot), Arc::clone(&bell) as Arc<dyn Waiting>);
        (slot, bell, ticket)
    }

    #[test]
    fn settling_before_anybody_waits_rings_nobody() {
        let (slot, bell, ticket) = ticket();

        ticket.settle(true);

        assert_eq!(bell.0.load(Ordering::Relaxed), 0);
        assert_eq!(slot.arm(), Some(Settled::Accepted));
    }

    #[test]
    fn settling_while_somebody_waits_rings_once() {
        let (slot, bell, ticket) = ticket();
        assert_eq!(slot.arm(), None);

        ticket.settle(true);

        assert_eq!(bell.0.load(Ordering::Relaxed), 1);
        assert_eq!(slot.answer(), Some(Settled::Accepted));
    }

    #[test]
    fn dropping_refuses() {
        let (slot, bell, ticket) = ticket();
        slot.arm();

        drop(ticket);

        assert_eq!(bell.0.load(Ordering::Relaxed), 1);
        assert_eq!(slot.answer(), Some(Settled::Refused));
    }
}
