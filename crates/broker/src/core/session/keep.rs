//! What the journal learns of a session's deliveries. Only those at QoS 1 and 2 that may wait for an
//! absent client are kept, and only of sessions that outlive their link.

use super::state::{Session, Step};
use crate::core::ledger::{Batch, Ledger, Waiter};
use crate::core::publication::Delivery;
use crate::journal::{KeptDelivery, Record, SessionNo};

impl Session {
    /// A delivery was accepted. At QoS 2 it is not written before it is kept: it might be received
    /// twice, if its sender repeats what a crash made us forget.
    pub(super) fn keep(&self, seq: u64, delivery: &Delivery, step: &mut Step<'_>) -> Option<Batch> {
        let session = self.kept_as(delivery)?;
        let message = step.ledger.hold(&delivery.message)?;
        let kept = KeptDelivery {
            seq,
            message,
            qos: delivery.qos,
            retain: delivery.retain,
            identifiers: delivery.identifiers.clone(),
            received: false,
        };
        step.ledger.note(Record::Waiting {
            session,
            delivery: kept,
        });
        if delivery.qos < 2 {
            return None;
        }
        step.ledger.wait(Waiter::Session(step.id))
    }

    /// PUBREC came: until that is kept, PUBREL must not be sent.
    pub(super) fn keep_received(
        &self,
        seq: u64,
        delivery: &Delivery,
        step: &mut Step<'_>,
    ) -> Option<Batch> {
        let session = self.kept_as(delivery)?;
        step.ledger.note(Record::Received { session, seq });
        step.ledger.wait(Waiter::Session(step.id))
    }

    /// A delivery is done with, whatever became of it.
    pub(super) fn keep_no_more(&self, seq: u64, delivery: &Delivery, step: &mut Step<'_>) {
        if let Some(session) = self.kept_as(delivery) {
            step.ledger.note(Record::Done { session, seq });
            step.ledger.release(&delivery.message);
        }
    }

    /// Nothing of this session is kept any more.
    pub(crate) fn leave_journal(&mut self, ledger: &mut Ledger) {
        let Some(session) = self.no.take() else {
            return;
        };
        ledger.note(Record::SessionGone { session });
        let flying = self.inflight.iter().map(|flying| &flying.delivery);
        let queued = self.queue.iter().map(|queued| &queued.delivery);
        for delivery in flying.chain(queued).filter(|one| one.outlives_link()) {
            ledger.release(&delivery.message);
        }
    }

    fn kept_as(&self, delivery: &Delivery) -> Option<SessionNo> {
        self.no.filter(|_| delivery.outlives_link())
    }
}
