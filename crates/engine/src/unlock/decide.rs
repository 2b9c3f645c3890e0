//! The rules of an order.

use std::time::Duration;

use crate::access::{self, Access, Facts, Spends};
use crate::time::Instant;
use crate::unlock::input::{Decision, Handed, Input, Request, Verdict, Word};
use crate::unlock::state::{Phase, Unlock};

/// How long after its request an order may move a lock. Longer, and a door would open for somebody
/// who has given up; shorter, and a slow network would never open one.
pub const LIFE: Duration = Duration::from_secs(10);

/// Decides a request. `known` is what the same client asked for under the same key before: that is
/// answered from its state, and moves nothing.
pub fn request(request: Request, known: Option<&Unlock>, facts: &Facts, now: Instant) -> Decision {
    if let Some(known) = known {
        return Decision::idle(known);
    }
    let Access { verdict, entry } = access::decide(&request.way, facts, now);
    let ends = request.asked + LIFE;
    let (phase, spends) = match verdict {
        // It waited longer than whoever asked: nobody stands at the door any more.
        Ok(_) if ends <= now => (Phase::Expired, Spends::Nothing),
        // The answer to the panel is the order, and the row is on disk before it.
        Ok(spends) if request.way.is_at_panel() => (Phase::Sent, spends),
        Ok(spends) => (Phase::Authorised, spends),
        Err(why) => (Phase::Denied(why), Spends::Nothing),
    };
    let way = request.way.kind();
    let Request {
        id,
        key,
        door,
        call,
        credential,
        asked,
        ..
    } = request;
    let unlock = Unlock {
        id,
        key,
        door,
        way,
        call,
        credential,
        requested: asked,
        ends,
        phase,
        note: None,
        changed: now,
    };
    Decision {
        spends,
        entry,
        ..Decision::changed(unlock)
    }
}

/// Whether the order may be sent at this moment. Whoever sends asks this last, of one that has just
/// been authorised and committed, and sends it once.
pub fn may_send(unlock: &Unlock, now: Instant) -> bool {
    unlock.phase == Phase::Authorised && now < unlock.ends
}

/// Decides what befalls an order. A firing may come late, early or twice, and so may the door's word.
pub fn decide(unlock: &Unlock, input: Input, now: Instant) -> Decision {
    let (phase, note) = match (unlock.phase, input) {
        (Phase::Authorised, Input::Handed(handed)) => (after_handing(handed), None),
        (Phase::Authorised | Phase::Sent | Phase::Unknown, Input::Confirmed(word, note)) => {
            (after_word(word), note)
        }
        (Phase::Authorised | Phase::Sent, Input::Deadline) if unlock.ends <= now => {
            (Phase::Unknown, None)
        }
        (Phase::Authorised, Input::Restart) => (Phase::Unknown, None),
        _ => return Decision::idle(unlock),
    };
    Decision::changed(Unlock {
        phase,
        note,
        changed: now,
        ..unlock.clone()
    })
}

fn after_handing(handed: Handed) -> Phase {
    match handed {
        Handed::Sent => Phase::Sent,
        Handed::Over => Phase::HandedOver,
        Handed::Unreachable => Phase::Unreachable,
        Handed::NotSupported => Phase::NotSupported,
        Handed::Late => Phase::Expired,
    }
}

fn after_word(word: Word) -> Phase {
    match word {
        Word::Executed => Phase::Executed,
        Word::Refused => Phase::Refused,
    }
}

impl Decision {
    fn idle(unlock: &Unlock) -> Self {
        Self {
            verdict: Verdict::Ignored,
            is_changed: false,
            ..Self::changed(unlock.clone())
        }
    }

    fn changed(unlock: Unlock) -> Self {
        Self {
            verdict: Verdict::Accepted,
            unlock,
            is_changed: true,
            spends: Spends::Nothing,
            entry: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::access::{CodeEntry, Door, Place, Way};
    use crate::unlock::state::RequestKey;

    use super::*;

    const ASKED: Instant = Instant::from_ms(1_000_000);

    /// A manager asks at [`ASKED`]; decided after `wait`.
    fn decided_after(wait: Duration) -> Unlock {
        let place = Place {
            community: "gardens".into(),
            unit: None,
        };
        let facts = Facts {
            door: Door {
                device: "gate".into(),
                place,
                flat: None,
            },
            call: None,
            home: None,
            credential: None,
            entry: CodeEntry::default(),
            nonce: None,
            is_manager: true,
        };
        let asked = Request {
            id: "order".into(),
            key: RequestKey {
                asker: "operator:anna".into(),
                key: "1".into(),
            },
            door: "gate".into(),
            way: Way::Operator("anna".into()),
            call: None,
            credential: None,
            asked: ASKED,
        };
        request(asked, None, &facts, ASKED + wait).unlock
    }

    #[test]
    fn a_request_that_waited_longer_than_its_life_is_never_sent() {
        let last = decided_after(LIFE.saturating_sub(Duration::from_millis(1)));
        let late = decided_after(LIFE);

        assert_eq!((last.phase, last.ends), (Phase::Authorised, ASKED + LIFE));
        assert!(!may_send(&last, ASKED + LIFE));
        assert_eq!(late.phase, Phase::Expired);
    }
}
