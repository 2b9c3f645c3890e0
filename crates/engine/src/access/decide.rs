//! The decision.

use crate::access::credential::Credential;
use crate::access::entry::CodeEntry;
use crate::access::request::{Denial, Facts, Way};
use crate::call::{Actor, Call, LegNo, LegState, Phase};
use crate::id::CredentialId;
use crate::time::Instant;

/// What is used up by opening.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spends {
    /// Nothing.
    Nothing,
    /// One of the uses of this.
    Use(CredentialId),
    /// The alarm's permission.
    Nonce,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whether the door may be opened, and what that uses up.
    pub verdict: Result<Spends, Denial>,
    /// Wrong codes at the door from now on, if that changed.
    pub entry: Option<CodeEntry>,
}

/// Decides whether the door may be opened this way at this moment.
pub fn decide(way: &Way, facts: &Facts, now: Instant) -> Access {
    if !way.is_guessable() {
        return Access {
            verdict: judge(way, facts, now),
            entry: None,
        };
    }
    if facts.entry.is_locked(now) {
        return Access {
            verdict: Err(Denial::EntryLocked),
            entry: None,
        };
    }
    let verdict = judge(way, facts, now);
    let entry = match verdict {
        Ok(_) => facts.entry,
        Err(_) => facts.entry.after_wrong(now),
    };
    Access {
        verdict,
        entry: (entry != facts.entry).then_some(entry),
    }
}

fn judge(way: &Way, facts: &Facts, now: Instant) -> Result<Spends, Denial> {
    match way {
        Way::Call(names) => by_call(names, facts),
        Way::Resident(_) => served(facts, Denial::NoRight),
        Way::Code | Way::Card => by_credential(facts.credential.as_ref(), facts, now),
        Way::Qr(None) => Err(Denial::WrongCode),
        Way::Qr(Some(until)) if *until <= now => Err(Denial::Over),
        Way::Qr(Some(_)) => match &facts.credential {
            Some(known) => by_credential(Some(known), facts, now),
            None => served(facts, Denial::WrongCode),
        },
        Way::Operator(_) if !facts.is_manager => Err(Denial::NoRight),
        Way::Operator(_) if is_over(facts) => Err(Denial::CallEnded),
        Way::Operator(_) if facts.door.flat.is_some() => Err(Denial::NeedsAlarm),
        Way::Operator(_) => Ok(Spends::Nothing),
        Way::Alarm if !facts.is_manager => Err(Denial::NoRight),
        Way::Alarm => by_alarm(facts, now),
    }
}

/// Whether the call that was named has ended.
fn is_over(facts: &Facts) -> bool {
    facts
        .call
        .as_ref()
        .is_some_and(|call| call.ended().is_some())
}

/// Any endpoint that rings may open, so that nobody need answer to let somebody in; once somebody
/// has answered, that one alone.
fn by_call(names: &[Actor], facts: &Facts) -> Result<Spends, Denial> {
    let call = facts.call.as_ref().ok_or(Denial::NotInCall)?;
    let legs = names
        .iter()
        .filter_map(|name| Some((name, call.find_leg(&name.endpoint)?)));
    let legs: Vec<(&Actor, LegNo)> = legs.collect();
    if legs.is_empty() {
        return Err(Denial::NotInCall);
    }
    if call.ended().is_some() {
        return Err(Denial::CallEnded);
    }
    let may = |(name, leg): &(&Actor, LegNo)| holds(call, name, *leg);
    if legs.iter().any(may) {
        return Ok(Spends::Nothing);
    }
    Err(Denial::LegClosed)
}

fn holds(call: &Call, by: &Actor, leg: LegNo) -> bool {
    match (&call.phase, &call.legs[leg.0].state) {
        (Phase::Alerting { .. }, LegState::Offered) => true,
        (Phase::Active { answer, .. }, LegState::Won) => answer.is_by(leg, &by.hand),
        _ => false,
    }
}

fn by_credential(
    shown: Option<&Credential>,
    facts: &Facts,
    now: Instant,
) -> Result<Spends, Denial> {
    let shown = shown.ok_or(Denial::WrongCode)?;
    if shown.from.is_some_and(|from| now < from) {
        return Err(Denial::NotYet);
    }
    if shown.until.is_some_and(|until| until <= now) {
        return Err(Denial::Over);
    }
    if shown.uses_left == Some(0) {
        return Err(Denial::UsedUp);
    }
    served(facts, Denial::NoRight)?;
    Ok(match shown.uses_left {
        Some(_) => Spends::Use(shown.id.clone()),
        None => Spends::Nothing,
    })
}

fn served(facts: &Facts, otherwise: Denial) -> Result<Spends, Denial> {
    match &facts.home {
        Some(home) if facts.door.serves(home) => Ok(Spends::Nothing),
        Some(_) => Err(Denial::NoRight),
        None => Err(otherwise),
    }
}

fn by_alarm(facts: &Facts, now: Instant) -> Result<Spends, Denial> {
    let nonce = facts.nonce.as_ref().ok_or(Denial::NoAlarm)?;
    if nonce.is_used || nonce.expires <= now {
        return Err(Denial::NoAlarm);
    }
    served(facts, Denial::NoAlarm)?;
    Ok(Spends::Nonce)
}
