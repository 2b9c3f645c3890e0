//! `GET /api/mqtt/session`: the truth about a call, for its parties and operators. Source: S0 §4.4.

use app::principal::{EndpointKind, Principal, endpoint_kind};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine::call::{Call, Refusal, party_of};
use engine::id::{CallId, CommunityId};
use serde::Deserialize;

use crate::ask::{Ask, No, answer};
use crate::dialect::Ilock;
use crate::wire::{Family, Session, SessionStatus};
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
    let unknown = || No::new(StatusCode::NOT_FOUND, Said::UnknownCall);
    let call = ilock.ports().calls.find(&CallId::from(id)).await?;
    let call = call.ok_or_else(unknown)?;
    let may_see = match &principal {
        Principal::Operator(operator) => {
            let community = community(ilock, &call).await?;
            operator.is_owner() || community.is_some_and(|one| operator.may_see(&one))
        }
        Principal::Door(_) | Principal::Resident(_) => is_party(&principal, &call),
    };
    may_see.then(|| to_session(&call)).ok_or_else(unknown)
}

fn is_party(principal: &Principal, call: &Call) -> bool {
    let actor = principal.actor();
    actor.is_some_and(|actor| party_of(call, &actor.endpoint).is_some())
}

/// The community of the door that called; none if the door is no more.
pub(super) async fn community(ilock: &Ilock, call: &Call) -> Result<Option<CommunityId>, No> {
    let Some(EndpointKind::Door(device)) = endpoint_kind(&call.caller) else {
        return Ok(None);
    };
    let report = ilock.ports().directory.find_report(device).await?;
    Ok(report.map(|report| report.device.community))
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
        device_id: match endpoint_kind(&call.caller) {
            Some(EndpointKind::Door(device)) => device.to_string(),
            Some(EndpointKind::Resident(_) | EndpointKind::Client(_)) | None => String::new(),
        },
        resident_id: resident(call),
        start_time: call.created.ms(),
        end_time: call.ended().map(|ended| ended.at.ms()),
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
