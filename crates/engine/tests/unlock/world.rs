//! What is committed at one moment, what a running server holds in memory, and what the door did.
//!
//! The server is as `app::unlock` is: it hands an order over once, after the commit that made it, and
//! asks `may_send` last; a restart forgets what it was about to do. The door is as naive as can be: it
//! moves its relay whenever it is told to, so that nothing but the server keeps the promises.

use std::collections::BTreeMap;
use std::time::Duration;

use engine::access::{
    CodeEntry, Credential, CredentialKind, Door, Facts, Home, Place, Spends, Way,
};
use engine::id::UnlockId;
use engine::time::Instant;
use engine::unlock::{self, Decision, Handed, Input, Phase, Request, RequestKey, Unlock, Word};

/// How far time goes on at once: half an order's life.
const TICK: Duration = Duration::from_secs(5);

/// The rules under test.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) request: fn(Request, Option<&Unlock>, &Facts, Instant) -> Decision,
    pub(crate) may_send: fn(&Unlock, Instant) -> bool,
    pub(crate) decide: fn(&Unlock, Input, Instant) -> Decision,
}

/// Those that ship.
pub(crate) const SHIPPED: Rules = Rules {
    request: unlock::request,
    may_send: unlock::may_send,
    decide: unlock::decide,
};

/// A request that may be made at any time, any number of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wish {
    /// A resident's, under this key.
    Resident(u8),
    /// A stranger's.
    Stranger,
    /// Of a code that opens once, typed at the panel.
    Code(u8),
}

/// Something that may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Ask(Wish),
    /// The server hands an order to a connection; the door hears it at once, or never.
    Send(UnlockId, bool),
    /// The server notes what it did.
    Note(UnlockId, Handed),
    /// The panel hears the answer to a code.
    Answer(UnlockId),
    /// The door says what it did; as often as it likes.
    Tell(UnlockId),
    /// The sweep looks at an order.
    Sweep(UnlockId),
    Restart,
    Pass,
}

/// What one order came to at the door, and on record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Deed {
    /// How often the relay moved, and whether it did after the order's life, or before its row.
    pub(crate) moved: u8,
    pub(crate) is_late: bool,
    pub(crate) is_unrecorded: bool,
    /// Rows of the audit.
    pub(crate) rows: u8,
    /// Whether the door has said a word.
    pub(crate) has_told: bool,
}

/// The state at `now`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) orders: BTreeMap<UnlockId, Unlock>,
    pub(crate) deeds: BTreeMap<UnlockId, Deed>,
    /// In memory: to be sent, sent and to be noted, to be answered.
    to_send: Vec<UnlockId>,
    to_note: Vec<(UnlockId, Handed)>,
    to_answer: Vec<UnlockId>,
    pub(crate) uses_left: u32,
    entry: CodeEntry,
    /// The first promise that was broken.
    pub(crate) broken: Option<&'static str>,
}

impl World {
    pub(crate) fn empty() -> Self {
        Self {
            now: Instant::from_ms(0),
            orders: BTreeMap::new(),
            deeds: BTreeMap::new(),
            to_send: Vec::new(),
            to_note: Vec::new(),
            to_answer: Vec::new(),
            uses_left: 1,
            entry: CodeEntry::default(),
            broken: None,
        }
    }

    /// Everything that may happen.
    pub(crate) fn acts(&self, wishes: &[Wish]) -> Vec<Act> {
        let mut acts: Vec<Act> = wishes.iter().copied().map(Act::Ask).collect();
        for id in &self.to_send {
            acts.extend([true, false].map(|heard| Act::Send(id.clone(), heard)));
        }
        let noting = self.to_note.iter().cloned();
        acts.extend(noting.map(|(id, handed)| Act::Note(id, handed)));
        acts.extend(self.to_answer.iter().cloned().map(Act::Answer));
        for id in self.orders.keys() {
            acts.push(Act::Tell(id.clone()));
            acts.push(Act::Sweep(id.clone()));
        }
        acts.extend([Act::Restart, Act::Pass]);
        acts
    }

    /// The state after `act`.
    pub(crate) fn after(&self, act: &Act, rules: Rules) -> Self {
        let mut next = self.clone();
        match act {
            Act::Ask(wish) => next.ask(*wish, rules),
            Act::Send(id, heard) => next.send(id, *heard, rules),
            Act::Note(id, handed) => {
                next.to_note.retain(|(noted, _)| noted != id);
                next.happen(id, Input::Handed(*handed), rules);
            }
            Act::Answer(id) => {
                next.to_answer.retain(|told| told != id);
                // The answer says how much of the life is left, as `CodeReply` does.
                if next.orders[id].ends > next.now {
                    next.relay(id);
                }
            }
            Act::Tell(id) => next.tell(id, rules),
            Act::Sweep(id) => next.happen(id, Input::Deadline, rules),
            Act::Restart => next.restart(rules),
            Act::Pass => next.now = next.now + TICK,
        }
        next.judge(self, act);
        next
    }

    fn ask(&mut self, wish: Wish, rules: Rules) {
        let key = RequestKey {
            asker: match wish {
                Wish::Resident(_) => "resident:mum".into(),
                Wish::Stranger => "resident:ann".into(),
                Wish::Code(_) => "door:gate".into(),
            },
            key: format!("{wish:?}"),
        };
        let fresh = UnlockId::from(format!("o{}", self.orders.len()));
        let known = self.orders.values().find(|order| order.key == key);
        let request = Request {
            id: fresh.clone(),
            key: key.clone(),
            door: "gate".into(),
            way: way(wish),
            call: None,
            credential: None,
            asked: self.now,
        };
        let decision = (rules.request)(request, known, &self.facts(wish), self.now);
        let unlock = decision.unlock.clone();
        self.commit(&decision);
        // As `app::unlock` hears it: an order is new if it bears the id that was made for it.
        if unlock.id == fresh {
            match unlock.phase {
                Phase::Authorised => self.to_send.push(fresh),
                Phase::Sent => self.to_answer.push(fresh),
                Phase::Denied(_)
                | Phase::HandedOver
                | Phase::Executed
                | Phase::Refused
                | Phase::Unreachable
                | Phase::NotSupported
                | Phase::Expired
                | Phase::Unknown => {}
            }
        }
    }

    fn facts(&self, wish: Wish) -> Facts {
        let place = |community: &str| Place {
            community: community.into(),
            unit: None,
        };
        let lives = if wish == Wish::Stranger {
            "hills"
        } else {
            "gardens"
        };
        let credential = Credential {
            id: "code".into(),
            kind: CredentialKind::Visitor,
            community: "gardens".into(),
            flat: "101".into(),
            resident: None,
            from: None,
            until: None,
            uses_left: Some(self.uses_left),
        };
        Facts {
            door: Door {
                device: "gate".into(),
                place: place("gardens"),
                flat: None,
            },
            call: None,
            home: Some(Home {
                flat: "101".into(),
                place: place(lives),
            }),
            credential: matches!(wish, Wish::Code(_)).then_some(credential),
            entry: self.entry,
            nonce: None,
            is_manager: false,
        }
    }

    /// One transaction: the order, its row, and what it uses up.
    fn commit(&mut self, decision: &Decision) {
        if !decision.is_changed {
            return;
        }
        let order = decision.unlock.clone();
        let deed = self.deeds.entry(order.id.clone()).or_default();
        deed.rows = deed.rows.saturating_add(1);
        self.orders.insert(order.id.clone(), order);
        if let Spends::Use(_) = decision.spends {
            self.uses_left -= 1;
        }
        self.entry = decision.entry.unwrap_or(self.entry);
    }

    fn happen(&mut self, id: &UnlockId, input: Input, rules: Rules) {
        if let Some(order) = self.orders.get(id) {
            let decision = (rules.decide)(order, input, self.now);
            self.commit(&decision);
        }
    }

    fn send(&mut self, id: &UnlockId, heard: bool, rules: Rules) {
        self.to_send.retain(|sent| sent != id);
        let order = self.orders.get(id);
        let may = order.is_none_or(|order| (rules.may_send)(order, self.now));
        let handed = match (may, heard) {
            (false, _) => Handed::Late,
            (true, true) => Handed::Sent,
            (true, false) => Handed::Unreachable,
        };
        if handed == Handed::Sent {
            self.relay(id);
        }
        self.to_note.push((id.clone(), handed));
    }

    /// The door moves its relay.
    fn relay(&mut self, id: &UnlockId) {
        let ends = self.orders.get(id).map(|order| order.ends);
        let deed = self.deeds.entry(id.clone()).or_default();
        deed.moved = deed.moved.saturating_add(1);
        deed.is_unrecorded |= deed.rows == 0;
        deed.is_late |= ends.is_some_and(|ends| ends <= self.now);
    }

    fn tell(&mut self, id: &UnlockId, rules: Rules) {
        let deed = self.deeds.entry(id.clone()).or_default();
        if deed.moved == 0 {
            return;
        }
        deed.has_told = true;
        self.happen(id, Input::Confirmed(Word::Executed, None), rules);
    }

    fn restart(&mut self, rules: Rules) {
        self.to_send.clear();
        self.to_note.clear();
        self.to_answer.clear();
        let unsent = self
            .orders
            .values()
            .filter(|one| one.phase == Phase::Authorised);
        let unsent: Vec<UnlockId> = unsent.map(|one| one.id.clone()).collect();
        for id in unsent {
            self.happen(&id, Input::Restart, rules);
        }
    }

    fn judge(&mut self, before: &Self, act: &Act) {
        let code_moved = |order: &Unlock| order.key.asker == "door:gate";
        let moves_of = |order: &Unlock| self.deeds[&order.id].moved;
        let by_key = |key: &RequestKey| -> u8 {
            let same = self.orders.values().filter(|order| order.key == *key);
            same.map(moves_of).sum()
        };
        let codes = self.orders.values().filter(|order| code_moved(order));
        let kept = [
            (
                "I9: a relay moves at most once for what a client asks once",
                self.orders.values().all(|order| by_key(&order.key) <= 1),
            ),
            (
                "I9: a relay never moves after the order's life",
                self.deeds.values().all(|deed| !deed.is_late),
            ),
            (
                "I10: a row precedes a relay",
                self.deeds.values().all(|deed| !deed.is_unrecorded),
            ),
            (
                "a code opens as often as it may",
                codes.map(moves_of).sum::<u8>() <= 1,
            ),
            (
                "no success is guessed",
                self.orders
                    .values()
                    .all(|order| order.phase != Phase::Executed || self.deeds[&order.id].has_told),
            ),
            (
                "a result stays",
                before.orders.values().all(|old| self.goes_on(old)),
            ),
            ("an overdue order gets a result", self.is_swept(act)),
        ];
        self.broken = kept.iter().find(|(_, kept)| !kept).map(|(name, _)| *name);
    }

    /// A final order does not change, but for the door's late word.
    fn goes_on(&self, old: &Unlock) -> bool {
        let new = &self.orders[&old.id];
        let late = old.phase == Phase::Unknown && new.phase == Phase::Executed;
        !old.phase.is_final() || new == old || late
    }

    fn is_swept(&self, act: &Act) -> bool {
        let Act::Sweep(id) = act else { return true };
        let order = &self.orders[id];
        order.ends > self.now || order.phase.is_final()
    }
}

fn way(wish: Wish) -> Way {
    match wish {
        Wish::Resident(_) => Way::Resident("mum".into()),
        Wish::Stranger => Way::Resident("ann".into()),
        Wish::Code(_) => Way::Code,
    }
}
