//! What must hold in every state, and across every step. The numbers are those of
//! `reference/calls.md` §7.
//!
//! State promises look at one committed state. Step promises compare the state before and after
//! one input with what was decided.

use std::collections::BTreeSet;

use engine::call::{
    Call, CloseReason, Decision, Input, Leg, LegNo, LegState, MediaRight, Notice, OWED_AFTER_END,
    Outcome, Party, Phase, Refusal, Scope, Verdict, Version, owed,
};

use crate::world::{Rule, World};

/// A promise about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Promise {
    /// I3: an ended call never changes.
    EndIsFinal,
    /// An answer is never taken back or replaced.
    AnswerIsFinal,
    /// Only who claims, or calls who rings it, wins; by its own hand.
    WinnerAsked,
    /// A call's version grows by one with each change, and every write is a change.
    VersionCounts,
    /// A leg is never removed, reordered or reopened, but for a busy one that a repress offers.
    LegsMoveOn,
    /// What a party must hear is stamped with the version it changed in, and only then.
    ChangeIsStamped,
    /// I4: a deadline is not armed in the past.
    DeadlineAhead,
    /// I11: the same input directly again changes nothing.
    RepeatIsIdle,
    /// I13: a deadline of an old version or before its time changes nothing.
    StaleIsIdle,
    /// What is refused or ignored changes nothing, and a refusal shows the call as it is.
    RefusalIsTrue,
    /// An input touches the calls it is about, and no others.
    OthersAreLeft,
    /// A decline leaves nobody ringing, or to be rung, for whom it speaks.
    DeclineCovers,
    /// An end has the outcome that its legs and its cause make.
    OutcomeIsDue,
    /// A step that takes a line which is held conflicts in the store.
    LineIsHeldOnce,
    /// Who has acknowledged is owed nothing more, until something changes.
    HeardIsDone,
}

/// A promise about one state, with its name.
pub(crate) type StatePromise = (&'static str, fn(&World) -> bool);

/// Everything that must hold in each state.
pub(crate) const STATE_PROMISES: [StatePromise; 8] = [
    ("I1 at most one leg has won, and talks", one_winner),
    ("I2 only winner and caller talk", talk_rights),
    ("I4 a live call has a deadline and a party", live_goes_on),
    ("I5 every leg of an ended call is closed", ended_is_closed),
    ("I6 answered elsewhere means answered", elsewhere_is_answered),
    ("I7 the caller is owed one final cause", caller_hears_end),
    ("who was offered is owed the closing", legs_hear_all),
    ("a line is in one call", one_line),
];

/// All calls of `world` keep `rule`.
fn all(world: &World, rule: impl Fn(&Call) -> bool) -> bool {
    world.calls.values().all(rule)
}

fn one_winner(world: &World) -> bool {
    all(world, |call| {
        let won = |(_, leg): &(usize, &Leg)| leg.state == LegState::Won;
        let winners: Vec<usize> = call
            .legs
            .iter()
            .enumerate()
            .filter(won)
            .map(|(no, _)| no)
            .collect();
        match &call.phase {
            Phase::Active { answer, .. } => winners == [answer.leg.0],
            Phase::Alerting { .. } | Phase::Ended(_) => winners.is_empty(),
        }
    })
}

fn talk_rights(world: &World) -> bool {
    all(world, |call| {
        let is_over = call.ended().is_some();
        let caller = if is_over {
            MediaRight::None
        } else {
            MediaRight::Talk
        };
        let leg_right = |(no, leg): (usize, &Leg)| match call.leg_media(LegNo(no)) {
            MediaRight::None => true,
            MediaRight::Watch => leg.is_open() && call.preview && !is_over,
            MediaRight::Talk => leg.state == LegState::Won && !is_over,
        };
        call.caller_media() == caller && call.legs.iter().enumerate().all(leg_right)
    })
}

fn live_goes_on(world: &World) -> bool {
    all(world, |call| match &call.phase {
        Phase::Alerting {
            stage_until,
            ring_until,
        } => {
            call.deadline().is_some()
                && stage_until <= ring_until
                && call.legs.iter().any(Leg::is_open)
        }
        Phase::Active { .. } => call.deadline().is_some() && !call.legs.iter().any(Leg::is_open),
        Phase::Ended(_) => call.deadline().is_none() && call.lines().is_empty(),
    })
}

fn ended_is_closed(world: &World) -> bool {
    all(world, |call| {
        call.ended().is_none()
            || call.later.is_empty() && call.legs.iter().all(|leg| leg.closed().is_some())
    })
}

fn elsewhere_is_answered(world: &World) -> bool {
    all(world, |call| {
        let met = |wanted| call.legs.iter().any(|leg| leg.closed() == Some(wanted));
        call.answer().is_some()
            || !met(CloseReason::AnsweredElsewhere) && !met(CloseReason::HungUp)
    })
}

fn caller_hears_end(world: &World) -> bool {
    all(world, |call| {
        let notice = match &call.phase {
            Phase::Alerting { .. } => Notice::Ringing,
            Phase::Active { .. } => Notice::Answered,
            Phase::Ended(_) => Notice::Ended,
        };
        hears(world, call, Party::Caller, call.caller_changed, notice)
    })
}

fn legs_hear_all(world: &World) -> bool {
    all(world, |call| {
        call.legs.iter().enumerate().all(|(no, leg)| {
            let notice = match leg.state {
                LegState::Offered => Notice::Offer,
                LegState::Won => Notice::Answered,
                LegState::Closed(reason) => Notice::Closed(reason),
            };
            let was_offered = leg.closed() != Some(CloseReason::Busy);
            let is_stamped = leg.changed > Version::NONE;
            (was_offered || !is_stamped)
                && hears(world, call, Party::Leg(LegNo(no)), leg.changed, notice)
        })
    })
}

/// Whatever `party` was told last, it is owed `notice` exactly if that was before `changed` and
/// the end is not old.
fn hears(world: &World, call: &Call, party: Party, changed: Version, notice: Notice) -> bool {
    let is_old = call
        .ended()
        .is_some_and(|ended| world.now.since(ended.at) > OWED_AFTER_END);
    (0..=call.version.0).map(Version).all(|told| {
        let due = (told < changed && !is_old).then_some((notice, changed));
        owed(call, party, told, world.now) == due
    })
}

fn one_line(world: &World) -> bool {
    let mut held = BTreeSet::new();
    let apart = world.lines().all(|(endpoint, _)| held.insert(endpoint));
    let parties_apart = all(world, |call| {
        let mut seen = BTreeSet::from([&call.caller]);
        call.legs.iter().all(|leg| seen.insert(&leg.endpoint))
    });
    apart && parties_apart
}

/// One decided input, before and after.
pub(crate) struct Step<'a> {
    pub(crate) before: &'a World,
    pub(crate) input: &'a Input,
    pub(crate) decision: &'a Decision,
    pub(crate) after: &'a World,
}

impl Step<'_> {
    /// The first promise that this step breaks.
    pub(crate) fn find_broken(&self, rule: Rule) -> Option<Promise> {
        let changes = || self.decision.changed.iter().filter_map(|call| Some((self.before.calls.get(&call.id)?, call)));
        let kept = [
            (Promise::EndIsFinal, changes().all(|(old, _)| old.ended().is_none())),
            (Promise::AnswerIsFinal, changes().all(|(old, new)| old.answer().is_none() || old.answer() == new.answer())),
            (Promise::WinnerAsked, self.winner_asked()),
            (Promise::VersionCounts, self.version_counts()),
            (Promise::LegsMoveOn, changes().all(|(old, new)| self.legs_move_on(old, new))),
            (Promise::ChangeIsStamped, changes().all(|(old, new)| change_is_stamped(old, new))),
            (Promise::DeadlineAhead, self.deadline_ahead()),
            (Promise::StaleIsIdle, self.stale_is_idle()),
            (Promise::RefusalIsTrue, self.refusal_is_true()),
            (Promise::OthersAreLeft, self.others_are_left()),
            (Promise::DeclineCovers, self.decline_covers()),
            (Promise::OutcomeIsDue, self.decision.changed.iter().all(|call| self.outcome_is_due(call))),
            (Promise::LineIsHeldOnce, one_line(self.after)),
            (Promise::RepeatIsIdle, self.repeat_is_idle(rule)),
        ];
        kept.iter().find(|(_, kept)| !kept).map(|(promise, _)| *promise)
    }

    fn winner_asked(&self) -> bool {
        self.decision.changed.iter().all(|call| {
            let Some(answer) = call.answer() else {
                return true;
            };
            let had = self.before.calls.get(&call.id).and_then(Call::answer);
            let asks = match self.input {
                Input::Claim { by, .. } => Some(by),
                Input::Invite { caller, .. } => Some(caller),
                Input::Decline { .. }
                | Input::GiveUp { .. }
                | Input::Hangup { .. }
                | Input::Join { .. }
                | Input::Deadline { .. }
                | Input::End { .. } => None,
            };
            let won = &call.legs[answer.leg.0].endpoint;
            had.is_some()
                || asks.is_some_and(|by| &by.endpoint == won && by.hand == answer.hand)
                    && answer.at == self.before.now
        })
    }

    fn version_counts(&self) -> bool {
        self.decision.changed.iter().all(|call| {
            let old = self.before.calls.get(&call.id);
            let stamps = call.legs.iter().map(|leg| leg.changed);
            call.version.0 == old.map_or(0, |old| old.version.0) + 1
                && stamps.chain([call.caller_changed]).all(|v| v <= call.version)
        })
    }

    fn legs_move_on(&self, old: &Call, new: &Call) -> bool {
        let is_press = matches!(self.input, Input::Invite { .. });
        let moves_on = |(old, new): (&Leg, &Leg)| {
            let allowed = match (&old.state, &new.state) {
                (from, to) if from == to => true,
                (LegState::Offered, LegState::Won | LegState::Closed(_)) => true,
                (LegState::Won, LegState::Closed(CloseReason::HungUp | CloseReason::Admin)) => true,
                (LegState::Closed(CloseReason::Busy), LegState::Offered) => is_press,
                (LegState::Closed(CloseReason::Busy), LegState::Closed(CloseReason::DeclinedElsewhere)) => true,
                (LegState::Won | LegState::Closed(_), _) | (LegState::Offered, _) => false,
            };
            allowed && old.endpoint == new.endpoint && old.household == new.household
        };
        old.legs.len() <= new.legs.len() && old.legs.iter().zip(&new.legs).all(moves_on)
    }

    fn deadline_ahead(&self) -> bool {
        self.decision.changed.iter().all(|call| {
            let old = self.before.calls.get(&call.id).and_then(Call::deadline);
            call.deadline() == old || call.deadline().is_none_or(|new| new >= self.before.now)
        })
    }

    fn stale_is_idle(&self) -> bool {
        let Input::Deadline { call, version } = self.input else {
            return true;
        };
        let is_due = self.before.calls.get(call).is_some_and(|call| {
            call.version == *version && call.deadline().is_some_and(|d| d <= self.before.now)
        });
        is_due == (self.decision.verdict == Verdict::Accepted)
            && is_due != self.decision.changed.is_empty()
    }

    fn refusal_is_true(&self) -> bool {
        let decision = self.decision;
        let shown = decision
            .call
            .as_ref()
            .is_none_or(|call| self.after.calls.get(&call.id) == Some(call));
        let fits = match decision.verdict {
            Verdict::Accepted => decision.call.is_some(),
            Verdict::Ignored(_) => decision.changed.is_empty(),
            Verdict::Refused(Refusal::UnknownCall | Refusal::TooMany) => {
                decision.changed.is_empty() && decision.call.is_none()
            }
            Verdict::Refused(Refusal::Busy | Refusal::Unreachable) => {
                decision.call.as_ref().is_some_and(|call| call.ended().is_some())
            }
            Verdict::Refused(
                Refusal::AnsweredElsewhere
                | Refusal::Ended
                | Refusal::LegClosed
                | Refusal::LineBusy
                | Refusal::WrongState,
            ) => decision.changed.is_empty() && decision.call.is_some(),
        };
        shown && fits
    }

    fn others_are_left(&self) -> bool {
        self.decision.changed.iter().all(|changed| match self.input {
            Input::Invite { call, caller, .. } => {
                let takes_part = changed.caller == caller.endpoint || changed.find_leg(&caller.endpoint).is_some();
                &changed.id == call || takes_part && self.before.calls.contains_key(&changed.id)
            }
            Input::Claim { call, .. }
            | Input::Decline { call, .. }
            | Input::GiveUp { call, .. }
            | Input::Hangup { call, .. }
            | Input::Join { call, .. }
            | Input::Deadline { call, .. }
            | Input::End { call, .. } => &changed.id == call,
        })
    }

    fn decline_covers(&self) -> bool {
        let Input::Decline { by, scope, .. } = self.input else {
            return true;
        };
        self.decision.changed.iter().all(|call| {
            let Some(no) = call.find_leg(&by.endpoint) else {
                return false;
            };
            let decliner = &call.legs[no.0];
            let shares = |resident, household| match scope {
                Scope::Device => false,
                Scope::Resident => decliner.resident.is_some() && &decliner.resident == resident,
                Scope::Household => &decliner.household == household,
            };
            let may_ring = |leg: &Leg| leg.is_open() || leg.closed() == Some(CloseReason::Busy);
            let mut to_come = call.later.iter().flat_map(|stage| &stage.targets);
            !call
                .legs
                .iter()
                .any(|leg| may_ring(leg) && shares(&leg.resident, &leg.household))
                && !to_come.any(|target| shares(&target.resident, &target.household))
                && decliner.closed() == Some(CloseReason::Declined)
        })
    }

    fn outcome_is_due(&self, call: &Call) -> bool {
        let Some(ended) = call.ended() else {
            return true;
        };
        let met = |wanted| call.legs.iter().any(|leg| leg.closed() == Some(wanted));
        let rang = call.legs.iter().any(|leg| leg.changed > Version::NONE);
        let fits = match ended.outcome {
            Outcome::Answered | Outcome::MaxDuration => met(CloseReason::HungUp),
            Outcome::Declined => ended.answer.is_none() && met(CloseReason::Declined),
            Outcome::Busy => ended.answer.is_none() && !rang && met(CloseReason::Busy),
            Outcome::NoAnswer => ended.answer.is_none() && rang,
            Outcome::Cancelled => ended.answer.is_none() && met(CloseReason::Cancelled),
            Outcome::Unreachable => call.legs.is_empty(),
            Outcome::Admin => met(CloseReason::Admin),
        };
        fits && ended.at == self.before.now
    }

    fn repeat_is_idle(&self, rule: Rule) -> bool {
        if self.decision.changed.is_empty() {
            return true;
        }
        // A press that answered (glare) is, pressed again, a call back; see `reference/calls.md` R7.
        let placed = self.decision.call.as_ref().is_some_and(Call::is_alerting);
        if matches!(self.input, Input::Invite { .. }) && !placed {
            return true;
        }
        self.after.decide(rule, self.input).changed.is_empty()
    }
}

fn change_is_stamped(old: &Call, new: &Call) -> bool {
    let phase = |call: &Call| (call.is_alerting(), call.ended().is_some());
    let caller = if phase(old) == phase(new) {
        old.caller_changed
    } else {
        new.version
    };
    let stamped = |(old, new_leg): (&Leg, &Leg)| {
        let was_offered = old.changed > Version::NONE || new_leg.is_open();
        let due = if old.state != new_leg.state && was_offered {
            new.version
        } else {
            old.changed
        };
        new_leg.changed == due
    };
    let added = new.legs[old.legs.len()..].iter().all(|leg| {
        let due = if leg.is_open() { new.version } else { Version::NONE };
        leg.changed == due
    });
    new.caller_changed == caller && old.legs.iter().zip(&new.legs).all(stamped) && added
}
