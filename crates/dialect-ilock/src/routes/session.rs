//! `GET /api/mqtt/session`: the truth about a call, for its parties and operators. Source: S0 §4.4.

use app::Failure;
use app::port::LoggedCall;
use app::principal::Principal;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine::call::{Actor, Call, LegNo, LegState, Party, Refusal, party_of};
use engine::id::{CallId, EndpointId};
use serde::Deserialize;

use crate::ask::{Ask, No, answer};
use crate::dialect::Ilock;
use crate::media::Hearing;
use crate::outbound::caller_device;
use crate::wire::{Family, Session, SessionStatus, TencenRtc};
use crate::words::Said;

#[derive(Deserialize)]
pub(super) struct Which {
    call_id: Option<String>,
}

pub(super) async fn session(
    State(ilock): State<Ilock>,
    which: Result<Query<Which>, QueryRejection>,
    ask: Ask,
) -> Response {
    let reply = find(&ilock, which.ok(), &ask).await;
    answer(ask.language, Family::S0, reply)
}

async fn find(ilock: &Ilock, which: Option<Query<Which>>, ask: &Ask) -> Result<Session, No> {
    let principal = ask.anyone(ilock).await?;
    let id = which
        .and_then(|Query(which)| which.call_id)
        .filter(|id| !id.is_empty())
        .ok_or(Said::Missing("call_id"))?;
    let logged = find_logged(ilock, &CallId::from(id)).await?;
    if !may_see(&principal, &logged) {
        return Err(unknown());
    }
    Ok(Session {
        tencen_rtc: credentials(ilock, &principal, &logged.call),
        ..to_session(&logged.call)
    })
}

/// What lets the asking party into the room, while the rules do. Phones that are rung as one have one
/// name there, so only the one that won gets it.
fn credentials(ilock: &Ilock, principal: &Principal, call: &Call) -> Option<TencenRtc> {
    let asking = principal.actor()?.endpoint;
    let phone = match principal {
        Principal::Resident(resident) => resident.phone().endpoint,
        Principal::Door(_) | Principal::Operator(_) => asking.clone(),
    };
    let is_in = |endpoint: &&EndpointId| party_of(call, endpoint).is_some();
    let party = [&asking, &phone].into_iter().find(is_in)?;
    let (media, now) = (&ilock.parts().media, ilock.ports().calls.now());
    let hearing = Hearing::One(&asking);
    match party_of(call, party)? {
        Party::Leg(leg) => match call.legs[leg.0].state {
            LegState::Offered => Some(media.for_offer(call, party, hearing, now)),
            LegState::Won if has_won(principal, call, leg) => {
                Some(media.for_talk(call, party, hearing, now))
            }
            LegState::Won => None,
            LegState::Closed(_) => None,
        },
        Party::Caller if call.ended().is_none() => Some(media.for_talk(call, party, hearing, now)),
        Party::Caller => None,
    }
}

/// A door's id may be given again, even in another community, where old calls are nobody's
/// business.
fn may_see(principal: &Principal, LoggedCall { call, community }: &LoggedCall) -> bool {
    let is_party = |actor: Actor| party_of(call, &actor.endpoint).is_some();
    match principal {
        Principal::Door(door) => {
            is_party(door.actor()) && community.as_ref() == Some(&door.community)
        }
        Principal::Resident(resident) => is_party(resident.actor()) || is_party(resident.phone()),
        Principal::Operator(operator) => match community {
            Some(community) => operator.may_see(community),
            None => operator.is_owner(),
        },
    }
}

/// Whether this is the hand that answered.
fn has_won(principal: &Principal, call: &Call, leg: LegNo) -> bool {
    let (Principal::Resident(resident), Some(answer)) = (principal, call.answer()) else {
        return false;
    };
    let actors = [resident.actor(), resident.one_of_phones(), resident.phone()];
    actors.iter().any(|one| answer.is_by(leg, &one.hand))
}

/// A call and where its door stands or stood.
pub(super) async fn find_logged(ilock: &Ilock, id: &CallId) -> Result<LoggedCall, No> {
    let found = ilock.ports().log.find_logged(id.clone()).await;
    found.map_err(Failure::from)?.ok_or_else(unknown)
}

fn unknown() -> No {
    No::new(StatusCode::NOT_FOUND, Said::UnknownCall)
}

pub(super) fn to_session(call: &Call) -> Session {
    let status = match (call.ended(), call.answer()) {
        (Some(_), _) => SessionStatus::Ended,
        (None, Some(_)) => SessionStatus::Answered,
        (None, None) => SessionStatus::Ringing,
    };
    Session {
        call_id: call.id.to_string(),
        status,
        device_id: caller_device(call),
        resident_id: resident(call),
        start_time: call.created.ms(),
        end_time: call.ended().map(|ended| ended.at.ms()),
        tencen_rtc: None,
    }
}

fn resident(call: &Call) -> String {
    let leg = match call.answer() {
        Some(answer) => call.legs.get(answer.leg.0),
        None => call.legs.first(),
    };
    leg.and_then(|leg| leg.resident.as_ref())
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// A refusal of the rules, with the truth about the call for a party of it.
pub(super) fn refuse(refusal: Refusal, call: Option<&Call>) -> No {
    let (status, said) = match refusal {
        Refusal::UnknownCall => (StatusCode::NOT_FOUND, Said::UnknownCall),
        Refusal::Unreachable => (StatusCode::NOT_FOUND, Said::NobodyThere),
        Refusal::AnsweredElsewhere => (StatusCode::CONFLICT, Said::AnsweredElsewhere),
        Refusal::Ended => (StatusCode::CONFLICT, Said::CallEnded),
        Refusal::LegClosed => (StatusCode::CONFLICT, Said::NoLongerRinging),
        Refusal::LineBusy => (StatusCode::CONFLICT, Said::YourLineIsBusy),
        Refusal::Busy => (StatusCode::CONFLICT, Said::AllBusy),
        Refusal::TooMany => (StatusCode::CONFLICT, Said::TooManyToRing),
        Refusal::WrongState => (StatusCode::CONFLICT, Said::DoesNotFit),
    };
    let truth = call.and_then(|call| serde_json::to_value(to_session(call)).ok());
    No {
        status,
        said,
        truth,
    }
}
