//! QoS 2 publishes of one client that are taken and not yet released (MQTT 3.1.1 §4.3.3, method B).
//! They belong to the session: a repeat on its next link is known too.
//!
//! ```text
//! PUBLISH ─▶ taken (its ticket may be open) ─▶ PUBREC ─▶ PUBREL: released ─▶ PUBCOMP
//!               └─ ticket refused, or open when its link ended: a repeat counts as new
//! ```

use std::sync::Arc;

use crate::core::ledger::Batch;
use crate::link::LinkId;
use crate::ticket::{Settled, Slot};

/// One of them.
struct Entry {
    packet: u16,
    /// Where it came.
    link: LinkId,
    /// None if it was never the owner's to settle.
    slot: Option<Arc<Slot>>,
    /// PUBREC is not sent before this is on disk.
    held: Option<Batch>,
}

/// All of one session. Few: the receive maximum bounds them.
#[derive(Default)]
pub(crate) struct Taken {
    entries: Vec<Entry>,
}

impl Taken {
    pub(crate) fn count(&self) -> usize {
        self.entries.len()
    }

    /// True if a PUBLISH with this id, now on `link`, is a repeat of one that was taken.
    pub(crate) fn is_repeat(&self, packet: u16, link: LinkId) -> bool {
        let found = self.entries.iter().find(|one| one.packet == packet);
        found.is_some_and(|one| match &one.slot {
            None => true,
            Some(slot) => match slot.answer() {
                Some(Settled::Accepted) => true,
                Some(Settled::Refused) => false,
                None => one.link == link,
            },
        })
    }

    /// Remembers one; replaces an earlier one of the same id.
    pub(crate) fn take(&mut self, packet: u16, link: LinkId, slot: Option<Arc<Slot>>) {
        self.release(packet);
        self.entries.push(Entry {
            packet,
            link,
            slot,
            held: None,
        });
    }

    /// Puts back one that was kept: no link of now brought it.
    pub(crate) fn restore(&mut self, packet: u16) {
        self.take(packet, LinkId(0), None);
    }

    /// It is kept when this is on disk.
    pub(crate) fn hold(&mut self, packet: u16, batch: Option<Batch>) {
        let found = self.entries.iter_mut().find(|one| one.packet == packet);
        if let Some(entry) = found {
            entry.held = batch;
        }
    }

    /// What its PUBREC waits for.
    pub(crate) fn held(&self, packet: u16) -> Option<Batch> {
        let found = self.entries.iter().find(|one| one.packet == packet);
        found.and_then(|one| one.held)
    }

    /// Forgets one; returns false if it was not known.
    pub(crate) fn release(&mut self, packet: u16) -> bool {
        let found = self.entries.iter().position(|one| one.packet == packet);
        if let Some(at) = found {
            self.entries.swap_remove(at);
        }
        found.is_some()
    }
}
