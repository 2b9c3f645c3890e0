//! What a play's broker owes others than its readers: nothing is acknowledged that its ticket did
//! not allow, and a will is published if its link ended badly, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::link::{DisconnectReason, LinkId};
use crate::ticket::{Slot, Ticket, Waiting};
use crate::wire::Will;

/// What a hook would hold of consumed publishes.
#[derive(Default)]
pub(super) struct Tickets {
    all: Vec<Handed>,
}

/// One of them; it may outlive its link.
struct Handed {
    link: LinkId,
    bell: Arc<Bell>,
    ticket: Option<Ticket>,
    is_accepted: bool,
}

#[derive(Default)]
struct Bell(AtomicBool);

impl Waiting for Bell {
    fn settled(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Tickets {
    /// A new one, its number, and its place among the acknowledgements.
    pub(super) fn hand(&mut self, link: LinkId) -> (usize, Arc<Slot>) {
        let (slot, bell) = (Arc::<Slot>::default(), Arc::<Bell>::default());
        let ticket = Ticket::new(Arc::clone(&slot), Arc::clone(&bell) as Arc<dyn Waiting>);
        self.all.push(Handed {
            link,
            bell,
            ticket: Some(ticket),
            is_accepted: false,
        });
        (self.all.len() - 1, slot)
    }

    /// Settles one; none drops it. Returns the link that has to be told.
    pub(super) fn settle(&mut self, number: usize, stored: Option<bool>) -> Option<LinkId> {
        let handed = self.all.get_mut(number)?;
        let ticket = handed.ticket.take()?;
        handed.is_accepted = stored == Some(true);
        match stored {
            Some(stored) => ticket.settle(stored),
            None => drop(ticket),
        }
        handed.bell.0.load(Ordering::Relaxed).then_some(handed.link)
    }

    /// The numbers of those that are open, oldest first.
    pub(super) fn open(&self) -> Vec<usize> {
        let open = self.all.iter().enumerate();
        let open = open.filter(|(_, handed)| handed.ticket.is_some());
        open.map(|(number, _)| number).collect()
    }

    pub(super) fn is_open(&self, number: usize) -> bool {
        self.all[number].ticket.is_some()
    }

    pub(super) fn is_accepted(&self, number: usize) -> bool {
        self.all[number].is_accepted
    }
}

/// All wills of a play. Each has a payload of its own.
#[derive(Default)]
pub(super) struct Wills {
    last: u32,
    /// Of links that live, with their delays.
    alive: BTreeMap<LinkId, (String, u32)>,
    /// Their links ended badly: they must come at once.
    due: BTreeSet<String>,
    /// Delayed ones: they must come some day, unless their client does.
    delayed: BTreeMap<String, usize>,
}

impl Wills {
    pub(super) fn leave(&mut self, link: LinkId, will: &mut Will) {
        self.last += 1;
        let payload = self.last.to_string();
        will.payload = payload.clone().into();
        self.alive.insert(link, (payload, will.delay_secs));
    }

    /// The link of this client is over.
    pub(super) fn end(&mut self, link: LinkId, who: usize, reason: DisconnectReason) {
        match self.alive.remove(&link) {
            Some(_) if !reason.leaves_will() => {}
            Some((will, 0)) => drop(self.due.insert(will)),
            Some((will, _)) => drop(self.delayed.insert(will, who)),
            None => {}
        }
    }

    /// The client is back: what is still delayed is taken back.
    pub(super) fn take_back(&mut self, who: usize) {
        self.delayed.retain(|_, whose| *whose != who);
    }

    pub(super) fn publish(&mut self, will: &Will) {
        let payload = String::from_utf8_lossy(&will.payload);
        let was_due = self.due.remove(&*payload) || self.delayed.remove(&*payload).is_some();
        assert!(
            was_due,
            "will {payload} came again, or its link did not ask for it"
        );
    }

    /// After a step all that are not delayed are out; at the end all are.
    pub(super) fn check(&self, is_end: bool) {
        let left = &self.delayed;
        assert!(
            !is_end || left.is_empty(),
            "wills that did not come: {left:?}"
        );
        assert!(
            self.due.is_empty(),
            "wills that did not come: {:?}",
            self.due
        );
    }
}
