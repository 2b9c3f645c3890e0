//! What must hold across every step: the state before and after one input, and what was decided.
//! The numbers are those of the list of invariants in `ARCHITECTURE.md`.

use engine::call::{
    Actor, Call, Cause, CloseReason, Decision, Ended, Input, Leg, LegState, Outcome, Phase,
    Refusal, Scope, Verdict, Version,
};

use crate::promise::one_line;
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
    /// Who is told that its claim is accepted talks; who hangs up a conversation took part in it.
    OnlyPartiesTalk,
    /// A call's version grows by one with each change, and every write is a change.
    VersionCounts,
    /// A leg is never removed, reordered or reopened, but for a busy one.
    LegsMoveOn,
    /// A busy leg is offered by a press only.
    BusyIsPressed,
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
    /// Who comes late rings only for a household that rings and a resident who has not declined.
    JoinIsWelcome,
    /// Only a free line is offered a call.
    OfferedIsFree,
    /// A stage's end closes those who are not kept, and nobody else.
    StageIsLeft,
    /// An end has the outcome that its legs and its cause make.
    OutcomeIsDue,
    /// An opening ends what rings, where the plan says so, and nothing else.
    OpeningEndsRinging,
    /// A step that takes a line which is held conflicts in the store.
    LineIsHeldOnce,
    /// Who has acknowledged is owed nothing more, until something changes.
    HeardIsDone,
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
        if self.decision.changed.is_empty() {
            return find_broken_idle(self.before, self.input, self.decision);
        }
        let every = |rule: fn(&Call, &Call) -> bool| {
            let changed = self.decision.changed.iter();
            changed
                .filter_map(|new| Some((self.before.calls.get(&new.id)?, new)))
                .all(|(old, new)| rule(old, new))
        };
        let kept = [
            (Promise::EndIsFinal, every(end_is_final)),
            (Promise::AnswerIsFinal, every(answer_is_final)),
            (Promise::WinnerAsked, self.winner_asked()),
            (Promise::OnlyPartiesTalk, self.only_parties_talk()),
            (Promise::VersionCounts, self.version_counts()),
            (Promise::LegsMoveOn, every(legs_move_on)),
            (Promise::BusyIsPressed, self.busy_is_pressed()),
            (Promise::ChangeIsStamped, every(change_is_stamped)),
            (Promise::DeadlineAhead, self.deadline_ahead()),
            (Promise::StaleIsIdle, self.stale_is_idle()),
            (Promise::RefusalIsTrue, self.refusal_is_true()),
            (Promise::OthersAreLeft, self.others_are_left()),
            (Promise::DeclineCovers, self.decline_covers()),
            (Promise::JoinIsWelcome, self.join_is_welcome()),
            (Promise::OfferedIsFree, self.offered_is_free()),
            (Promise::StageIsLeft, self.stage_is_left()),
            (Promise::OutcomeIsDue, self.outcome_is_due()),
            (Promise::OpeningEndsRinging, self.opening_ends_ringing()),
            (Promise::LineIsHeldOnce, one_line(self.after)),
            (Promise::RepeatIsIdle, self.repeat_is_idle(rule)),
        ];
        kept.iter()
            .find(|(_, kept)| !kept)
            .map(|(promise, _)| *promise)
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
                | Input::Opened { .. }
                | Input::End { .. } => None,
            };
            let won = &call.legs[answer.leg.0].endpoint;
            had.is_some()
                || asks.is_some_and(|by| &by.endpoint == won && by.hand == answer.hand)
                    && answer.at == self.before.now
        })
    }

    fn only_parties_talk(&self) -> bool {
        let talks = |call: &Call, by: &Actor| {
            let winner = call.answer();
            winner.is_some_and(|answer| {
                call.legs[answer.leg.0].endpoint == by.endpoint && answer.hand == by.hand
            })
        };
        match self.input {
            Input::Claim { call, by, .. } => {
                self.decision.verdict != Verdict::Accepted
                    || self
                        .after
                        .calls
                        .get(call)
                        .is_some_and(|call| talks(call, by))
            }
            Input::Hangup { by, .. } => self.decision.changed.iter().all(|call| {
                call.answer().is_none() || call.caller == by.endpoint || talks(call, by)
            }),
            Input::Invite { .. }
            | Input::Decline { .. }
            | Input::GiveUp { .. }
            | Input::Join { .. }
            | Input::Deadline { .. }
            | Input::Opened { .. }
            | Input::End { .. } => true,
        }
    }

    fn version_counts(&self) -> bool {
        self.decision.changed.iter().all(|call| {
            let old = self.before.calls.get(&call.id);
            let stamps = call.legs.iter().map(|leg| leg.changed);
            call.version.0 == old.map_or(0, |old| old.version.0) + 1
                && stamps
                    .chain([call.caller_changed])
                    .all(|v| v <= call.version)
        })
    }

    fn busy_is_pressed(&self) -> bool {
        let reopens = |(old, new): (&Leg, &Leg)| !old.is_open() && new.is_open();
        let changed = self.decision.changed.iter();
        matches!(self.input, Input::Invite { .. })
            || !changed
                .filter_map(|new| Some((self.before.calls.get(&new.id)?, new)))
                .any(|(old, new)| old.legs.iter().zip(&new.legs).any(reopens))
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
            Verdict::Refused(Refusal::Busy | Refusal::Unreachable) => decision
                .call
                .as_ref()
                .is_some_and(|call| call.ended().is_some()),
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
        self.decision
            .changed
            .iter()
            .all(|changed| match self.input {
                Input::Invite { call, caller, .. } => {
                    let takes_part = changed.caller == caller.endpoint
                        || changed.find_leg(&caller.endpoint).is_some();
                    &changed.id == call || takes_part && self.before.calls.contains_key(&changed.id)
                }
                Input::Claim { call, .. }
                | Input::Decline { call, .. }
                | Input::GiveUp { call, .. }
                | Input::Hangup { call, .. }
                | Input::Join { call, .. }
                | Input::Deadline { call, .. }
                | Input::Opened { call }
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
            let shares = |resident, household| match call.declines.unwrap_or(*scope) {
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

    fn join_is_welcome(&self) -> bool {
        let Input::Join { call, target } = self.input else {
            return true;
        };
        let declined = [CloseReason::Declined, CloseReason::DeclinedElsewhere].map(Some);
        self.before.calls.get(call).is_some_and(|call| {
            let at_home = |leg: &&Leg| leg.household == target.household;
            let mut planned = call.later.iter().flat_map(|stage| &stage.targets);
            let has_declined = |leg: &Leg| {
                call.declines != Some(Scope::Device)
                    && leg.resident == target.resident
                    && declined.contains(&leg.closed())
            };
            call.is_alerting()
                && call.legs.iter().filter(at_home).any(Leg::is_open)
                && (target.resident.is_none() || !call.legs.iter().any(has_declined))
                && !planned.any(|later| later.endpoint == target.endpoint)
                && self.before.find_line(&target.endpoint).is_none()
        })
    }

    fn offered_is_free(&self) -> bool {
        self.decision.changed.iter().all(|new| {
            let old = self.before.calls.get(&new.id);
            new.legs.iter().enumerate().all(|(no, leg)| {
                let was_open = old
                    .and_then(|old| old.legs.get(no))
                    .is_some_and(Leg::is_open);
                was_open || !leg.is_open() || self.after.find_line(&leg.endpoint).is_none()
            })
        })
    }

    fn stage_is_left(&self) -> bool {
        let Input::Deadline { call, .. } = self.input else {
            return true;
        };
        let (Some(old), Some(new)) = (self.before.calls.get(call), self.after.calls.get(call))
        else {
            return true;
        };
        let is_stage = match &old.phase {
            Phase::Alerting { ring_until, .. } => {
                self.before.now < *ring_until && !old.later.is_empty()
            }
            Phase::Active { .. } | Phase::Ended(_) => false,
        };
        let is_left = |leg: &Leg| leg.closed() == Some(CloseReason::StageOver);
        let open = old
            .legs
            .iter()
            .zip(&new.legs)
            .filter(|(old, _)| old.is_open());
        let mut left = open.map(|(old, new)| is_left(new) == (is_stage && !old.keep));
        left.all(|as_planned| as_planned)
    }

    fn opening_ends_ringing(&self) -> bool {
        let Input::Opened { call } = self.input else {
            return true;
        };
        let rang = |call: &Call| call.is_alerting() && call.unlock_ends;
        self.before.calls.get(call).is_some_and(rang)
            && self.after.calls[call].ended().map(|end| end.outcome) == Some(Outcome::Unlocked)
    }

    fn outcome_is_due(&self) -> bool {
        let fits = |call: &Call| match call.ended() {
            Some(ended) => outcome_fits(call, ended) && ended.at == self.before.now,
            None => true,
        };
        self.decision.changed.iter().all(fits)
    }

    fn repeat_is_idle(&self, rule: Rule) -> bool {
        // A press that met nobody is on record each time.
        let is_live = |call: &Call| call.ended().is_none();
        let placed = self.decision.call.as_ref().is_some_and(is_live);
        if matches!(self.input, Input::Invite { .. }) && !placed {
            return true;
        }
        self.after.decide(rule, self.input).changed.is_empty()
    }
}

/// The promise that a step without changes breaks.
pub(crate) fn find_broken_idle(
    world: &World,
    input: &Input,
    decision: &Decision,
) -> Option<Promise> {
    let step = Step {
        before: world,
        input,
        decision,
        after: world,
    };
    if !step.stale_is_idle() {
        return Some(Promise::StaleIsIdle);
    }
    if !step.only_parties_talk() {
        return Some(Promise::OnlyPartiesTalk);
    }
    (!step.refusal_is_true()).then_some(Promise::RefusalIsTrue)
}

fn end_is_final(old: &Call, _: &Call) -> bool {
    old.ended().is_none()
}

fn answer_is_final(old: &Call, new: &Call) -> bool {
    old.answer().is_none() || old.answer() == new.answer()
}

fn legs_move_on(old: &Call, new: &Call) -> bool {
    use CloseReason::{Admin, Busy, DeclinedElsewhere, HungUp};
    use LegState::{Closed, Offered, Won};
    let moves_on = |(old, new): (&Leg, &Leg)| {
        let is_allowed = matches!(
            (&old.state, &new.state),
            (Offered, _)
                | (Won, Won | Closed(HungUp | Admin))
                | (Closed(Busy), Offered | Closed(DeclinedElsewhere))
        );
        let is_same = old.endpoint == new.endpoint && old.household == new.household;
        (is_allowed || old.state == new.state) && is_same
    };
    old.legs.len() <= new.legs.len() && old.legs.iter().zip(&new.legs).all(moves_on)
}

fn outcome_fits(call: &Call, ended: &Ended) -> bool {
    let met = |wanted| call.legs.iter().any(|leg| leg.closed() == Some(wanted));
    let rang = call.legs.iter().any(|leg| leg.changed > Version::NONE);
    match ended.outcome {
        Outcome::Answered | Outcome::MaxDuration => met(CloseReason::HungUp),
        Outcome::Declined => {
            ended.answer.is_none() && met(CloseReason::Declined) && ended.cause != Cause::Limit
        }
        Outcome::Busy => {
            ended.answer.is_none() && met(CloseReason::Busy) && !met(CloseReason::NoAnswer)
        }
        Outcome::NoAnswer => ended.answer.is_none() && rang,
        Outcome::Cancelled => ended.answer.is_none() && met(CloseReason::Cancelled),
        Outcome::Unreachable => {
            let is_lost = |leg: &Leg| leg.closed() == Some(CloseReason::Unreachable);
            ended.answer.is_none() && call.legs.iter().all(is_lost)
        }
        Outcome::Admin => met(CloseReason::Admin),
        Outcome::Unlocked => {
            ended.answer.is_none() && met(CloseReason::HandledByUnlock) && call.unlock_ends
        }
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
        let due = if leg.is_open() {
            new.version
        } else {
            Version::NONE
        };
        leg.changed == due
    });
    new.caller_changed == caller && old.legs.iter().zip(&new.legs).all(stamped) && added
}
